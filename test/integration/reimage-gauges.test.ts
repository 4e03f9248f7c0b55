import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { buildControllers, HURRIED, type Controllers } from '../chaos/processes.ts';
import type { Program } from '../deploy/program.ts';
import { START_LIMIT } from '../simulator/workload-target.ts';
import { nodeGauges, type NodeGauges } from './node-gauges.ts';
import { condition, eventually, isReady, roots } from './rig.ts';
import { controllerCredentials } from './roles.ts';
import { nodeNames, poolOf, says, startTargetRig, warningsOf, type TargetRig, on } from './target-cluster.ts';

jest.setTimeout(120_000);

const [PEM = ''] = roots(0);
const LIMIT = 30_000;

let rig: TargetRig;
let controllers: Controllers;
beforeAll(async () => {
  [rig, controllers] = await Promise.all([startTargetRig(), buildControllers()]);
}, START_LIMIT);
afterAll(async () => {
  await controllers.stop();
  await rig.stop();
}, 60_000);

/** A controller as users run it, but for how long it waits, and the port of its /metrics. */
async function startProcess(): Promise<{ program: Program; port: number }> {
  const { simulator, plane, admin } = rig;
  const { token } = await controllerCredentials(admin, plane.config);
  const { clientId } = simulator.addClient();
  const { server, caPem } = plane.config;
  const surroundings = {
    apiServer: { server, caPem, token },
    arm: simulator,
    clientId,
    federatedToken: simulator.federatedToken(clientId),
  };
  const flags = ['--metrics-address=127.0.0.1:0', '--metrics-plain-http'];
  const program = controllers.start(surroundings, flags, { timing: { ...HURRIED, eviction: 1000 } });
  const { port } = await program.line('The metrics server listens.');
  return { program, port: Number(port) };
}

/** Waits until /metrics says so, and tells what it said instead. */
async function expectGauges(port: number, expected: NodeGauges): Promise<void> {
  let last: NodeGauges | undefined;
  await eventually(async () => {
    last = await nodeGauges(port);
    return isDeepStrictEqual(last, expected);
  }, LIMIT).catch(() => {});
  expect(last).toEqual(expected);
}

describe('/metrics of a running controller', () => {
  it('counts nodes and blocked pools up and down, once a cluster, also after it was killed; every object of the cluster shows it', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [
        { name: 'system', count: 2, maxSurge: 1, drainTimeoutInMinutes: 5, undrainableNodeBehavior: 'Cordon' },
        { name: 'work', count: 2, maxSurge: 1, drainTimeoutInMinutes: 60 },
      ],
    });
    const [stuck = ''] = nodeNames(cluster, 'system');
    const [held = ''] = nodeNames(cluster, 'work');
    const [first, second] = [await rig.deploy(1, on(stuck), 0), await rig.deploy(1, on(held), 0)];
    for (const name of ['one', 'two']) await rig.trust(name, cluster, PEM);
    const killed = await startProcess();
    expect(await nodeGauges(killed.port)).toEqual({ reimaged: 0, reimaging: 0, waiting: 0, excluded: 0, blocked: 0 });
    // At first the one that is quarantined later.
    await expectGauges(killed.port, { reimaged: 0, reimaging: 1, waiting: 3, excluded: 0, blocked: 1 });

    const twoBlocked = { reimaged: 2, reimaging: 1, waiting: 2, excluded: 0, blocked: 2 };
    await expectGauges(killed.port, twoBlocked);
    const [pod] = await second.pods();
    const quarantined = `AKS could not drain ${stuck} and quarantined it`;
    const refused = `default/${second.name} allows no eviction of default/${pod!.metadata.name}, on node ${held}`;
    const message =
      `2 of 5 nodes were replaced since the change. Node pool system: ${quarantined}. ` +
      'Move its pods (kubectl drain), then delete its machine (az aks nodepool delete-machines). ' +
      `Node pool work: ${refused}. Make room in the PodDisruptionBudget, or add a replica of the pods that it guards`;
    const isSaid = (object: CustomCATrust) => condition(object, 'Ready')?.message === message;
    const [one, two] = [
      await rig.until('one', isSaid, 'held up by both', LIMIT),
      await rig.until('two', isSaid, 'held up by both', LIMIT),
    ];
    for (const object of [one, two]) {
      expect(says(object, 'NodesReimaged')).toEqual({ status: 'False', reason: 'ReimageBlocked', message });
      // One for each pool, in their turn.
      await eventually(async () => (await warningsOf(rig, object.metadata.name)).length > 1);
      const told = await warningsOf(rig, object.metadata.name);
      expect(told.map(({ reason, count }) => [reason, count])).toEqual([
        ['ReimageBlocked', 1],
        ['ReimageBlocked', 1],
      ]);
      expect(told.map(({ note }) => note).sort()[1]).toBe(`Node pool work: ${refused}`);
    }
    expect(two.status?.nodePools).toEqual(one.status?.nodePools);
    expect(poolOf(one, 'system')).toMatchObject({ nodes: 3, reimaged: 2, waiting: 1, blockedBy: quarantined });
    expect(poolOf(one, 'work')).toMatchObject({ nodes: 2, reimaging: 1, waiting: 1, blockedBy: refused });

    killed.program.kill('SIGKILL');
    await killed.program.exit;
    const { port } = await startProcess();
    await expectGauges(port, twoBlocked);
    const asked = rig.simulator.journal().length;
    await eventually(async () => rig.simulator.journal().length > asked + 5);
    expect((await rig.get('one'))?.status?.nodePools).toEqual(one.status?.nodePools);

    await second.allow(1);
    await expectGauges(port, { reimaged: 4, reimaging: 0, waiting: 1, excluded: 0, blocked: 1 });
    const still = await rig.until('one', (object) => says(object, 'Applied').reason === 'Updating', 'resumed', LIMIT);
    expect(poolOf(still, 'system')).toEqual({ ...poolOf(one, 'system'), phase: poolOf(still, 'system')?.phase });

    await first.allow(1);
    await eventually(async () => cluster.provisioningState === 'Succeeded', LIMIT);
    cluster.scale('system', 2);
    await expectGauges(port, { reimaged: 4, reimaging: 0, waiting: 0, excluded: 0, blocked: 0 });
    for (const name of ['one', 'two']) {
      const ready = await rig.until(name, isReady, 'Ready', LIMIT);
      expect(ready.status?.nodes?.summary).toBe('4/4');
    }
  });
});
