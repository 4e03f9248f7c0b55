import { describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { condition, eventually, isReady, roots, type Controller } from './rig.ts';
import { nodeNames, poolOf, targetRigOfFile, type Followed, type TargetRig } from './target-cluster.ts';

jest.setTimeout(120_000);

const [PEM = ''] = roots(0);

let rig: TargetRig;
targetRigOfFile((started) => (rig = started));

const hasReplaced = (count: number) => (object: CustomCATrust) => (object.status?.nodes?.reimaged ?? 0) >= count;
const reimageFailed = (object: CustomCATrust) => condition(object, 'NodesReimaged')?.reason === 'ReimageFailed';
const message = (object: CustomCATrust, type: string) => condition(object, type)?.message ?? '';
/** What was counted, look after look. */
const counts = (...parts: Followed[]) => parts.flatMap(({ seen }) => seen.flatMap(({ nodes }) => nodes ?? []));
const falls = (numbers: readonly number[]) => numbers.filter((number, place) => number < (numbers[place - 1] ?? 0));

describe('pools that are rolled with surge nodes', () => {
  it('are counted node by node, none too early, with what is left and when it ends', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [
        { name: 'system', count: 4, maxSurge: 2 },
        { name: 'work', count: 3, maxSurge: '34%' },
      ],
    });
    await rig.startController();
    await rig.trust('rolled', cluster, PEM);
    const rolled = await rig.follow('rolled', cluster, isReady, 'Ready');

    expect(rolled.lies).toEqual([]);
    const counted = counts(rolled);
    expect(new Set(counted.map(({ total }) => total))).toEqual(new Set([7]));
    expect(counted[0]).toMatchObject({ reimaged: 0, summary: '0/7' });
    expect(falls(counted.map(({ reimaged }) => reimaged))).toEqual([]);
    const phases = rolled.seen.map(({ nodePools }) => nodePools?.map(({ phase }) => phase).join(' '));
    for (const phase of ['Reimaging Waiting', 'Done Reimaging']) expect(phases).toContain(phase);
    for (const status of rolled.seen) {
      const { nodes, conditions, estimate } = status;
      const updating = conditions?.find(({ type }) => type === 'Applied')?.reason === 'Updating';
      if (!nodes || !updating) continue;
      const { reimaged } = nodes;
      const said = conditions.find(({ type }) => type === 'NodesReimaged');
      expect(said).toMatchObject({
        status: 'False',
        reason: 'ReimageInProgress',
        message: `${reimaged} of 7 nodes were replaced since the change`,
      });
      expect(estimate?.nodesLeft).toBe(reimaged > 0 && reimaged < 7 ? 7 - reimaged : undefined);
      if (estimate) expect(Date.parse(estimate.earliest)).toBeLessThanOrEqual(Date.parse(estimate.likely));
    }
    expect(counted.some(({ reimaging = 0, waiting = 0 }) => reimaging > 0 && waiting > 0)).toBe(true);

    const { status } = rolled.object;
    expect(status?.nodes).toEqual({
      total: 7,
      reimaged: 7,
      reimaging: 0,
      waiting: 0,
      excluded: 0,
      summary: '7/7',
      source: 'Nodes',
    });
    expect(status?.estimate).toBeUndefined();
    expect(condition(rolled.object, 'FullyCovered')).toMatchObject({ status: 'True', reason: 'AllNodePools' });
    expect(message(rolled.object, 'NodesReimaged')).toBe('All 7 nodes were replaced since the change');
    expect((await rig.record(cluster))?.status?.nodes).toEqual(status?.nodes);
    const warnings = (await rig.events('rolled')).filter(({ type }) => type === 'Warning');
    expect(warnings).toEqual([]);
    expect(rig.puts(cluster)).toHaveLength(1);
  });
});

describe('an autoscaler in mid-operation', () => {
  it('may bring a machine of before after the nodes were counted: it counts when it is replaced, and others come and go', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [{ name: 'system', count: 4, maxSurge: 1, autoscaling: { minCount: 1, maxCount: 9 } }],
    });
    let joined = '';
    await rig.startController({
      wrapArm: (arm) => ({
        ...arm,
        // Before the first look. It registers in a later second at the earliest, and the nodes are counted in this one.
        async get(...asked) {
          if (joined === '') {
            await eventually(async () => Date.now() % 1000 < 100);
            cluster.autoscale('system', 1);
            joined = cluster.nodes().find(({ uid }) => uid === '')!.name;
          }
          return arm.get(...asked);
        },
      }),
    });
    await rig.trust('scaled', cluster, PEM);
    const begun = await rig.follow('scaled', cluster, hasReplaced(1), 'one replaced');
    const machine = () => cluster.nodes().find(({ name }) => name === joined);
    const baseline = (await rig.record(cluster))?.status?.operation?.baseline;
    expect(Date.parse(machine()!.createdAt)).toBeGreaterThan(Date.parse(baseline ?? ''));
    expect(begun.object.status?.nodes?.total).toBe(5);

    cluster.autoscale('system', -1);
    cluster.autoscale('system', 2);
    const ready = await rig.follow('scaled', cluster, isReady, 'Ready');
    expect([...begun.lies, ...ready.lies]).toEqual([]);
    expect(cluster.nodes()).toHaveLength(6);
    expect(ready.object.status?.nodes).toMatchObject({ total: 6, reimaged: 6, summary: '6/6' });
    expect(rig.puts(cluster)).toHaveLength(1);
  });
});

describe('pools that are not rolled as others', () => {
  it('are spot pools that lose a machine, pools of zero and stopped pools', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [
        { name: 'system', count: 1 },
        { name: 'spot', count: 3, spot: true },
        { name: 'zero', count: 0 },
        { name: 'off', count: 2, powerState: 'Stopped' },
      ],
    });
    await rig.startController();
    await rig.trust('mixed', cluster, PEM);
    const victim = await eventually(
      async () => cluster.nodes().find(({ pool, phase }) => pool === 'spot' && phase === 'Reimaging'),
      60_000,
    );
    cluster.evictMachine('spot', victim.name);
    const ready = await rig.follow('mixed', cluster, isReady, 'Ready');
    expect(ready.lies).toEqual([]);
    const done = { osType: 'Linux', reimaging: 0, waiting: 0, phase: 'Done' };
    expect(ready.object.status?.nodePools).toEqual([
      { name: 'system', nodes: 1, reimaged: 1, ...done },
      { name: 'spot', nodes: 2, reimaged: 2, ...done },
      { name: 'zero', nodes: 0, reimaged: 0, ...done },
      {
        name: 'off',
        osType: 'Linux',
        nodes: 2,
        phase: 'Excluded',
        message: 'the pool is stopped; its nodes are created again when it is started',
      },
    ]);
    expect(ready.object.status?.nodes).toMatchObject({ total: 3, reimaged: 3, excluded: 0, summary: '3/3' });
    expect(condition(ready.object, 'FullyCovered')?.status).toBe('True');
  });
});

describe('an operation that fails half-way', () => {
  it('leaves it said which nodes have the new certificates, and goes on from there', async () => {
    const cluster = await rig.addTargetCluster({ pools: [{ name: 'system', count: 4, maxSurge: 1 }] });
    const [first, second, third, fourth] = nodeNames(cluster, 'system');
    const cause = { code: 'InternalOperationError', message: 'Something went wrong.' };
    cluster.failNextOperation({ ...cause, afterNodes: 2 });
    await rig.startController({ timing: { resume: [3000, 3000] } });
    await rig.trust('half', cluster, PEM);
    const failed = await rig.follow('half', cluster, reimageFailed, 'failed');
    const surge = nodeNames(cluster, 'system').at(-1);
    expect(failed.object.status?.nodes).toMatchObject({ total: 4, reimaged: 2, reimaging: 0, waiting: 2 });
    expect(poolOf(failed.object, 'system')).toMatchObject({ nodes: 4, reimaged: 2, phase: 'Failed' });
    expect(message(failed.object, 'NodesReimaged')).toBe(
      `2 of 4 nodes were replaced since the change; without the new certificates: ${third}, ${fourth}; with them: ${first}, ${second}, ${surge}`,
    );
    expect(message(failed.object, 'Applied')).toContain(
      `2 of 4 nodes replaced: ${cause.code}: ${cause.message} Attempt 2 at `,
    );
    expect(condition(failed.object, 'Ready')?.reason).toBe('UpdateFailed');

    const ready = await rig.follow('half', cluster, isReady, 'Ready');
    expect([...failed.lies, ...ready.lies]).toEqual([]);
    expect(falls(counts(failed, ready).map(({ reimaged }) => reimaged))).toEqual([]);
    expect(ready.object.status?.nodes?.summary).toBe('4/4');
    expect(rig.puts(cluster)).toHaveLength(2);
    const warned = (await rig.events('half')).filter(({ type }) => type === 'Warning').map(({ reason }) => reason);
    expect(warned).toEqual(['UpdateFailed']);
  });
});

describe('a node that never becomes Ready', () => {
  it('is not counted, and is named with the fix for an abandoned pool', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [{ name: 'system', count: 2, maxSurge: 0, maxUnavailable: 1 }],
    });
    const [first = '', second = ''] = nodeNames(cluster, 'system');
    cluster.delayMachines({ pool: 'system' });
    await rig.startController({ timing: { resume: [3000, 3000] } });
    await rig.trust('never', cluster, PEM);
    const failed = await rig.follow('never', cluster, reimageFailed, 'failed');
    expect(failed.object.status?.nodes).toMatchObject({ total: 2, reimaged: 0, reimaging: 1, waiting: 1 });
    expect(message(failed.object, 'NodesReimaged')).toBe(
      `0 of 2 nodes were replaced since the change; without the new certificates: ${second}; with them: ${first}`,
    );
    expect(message(failed.object, 'Applied')).toContain(
      `0 of 2 nodes replaced: NodesNotReady: Nodes are not ready: ${first}. Attempt 2 at `,
    );
    await cluster.setNodeReady(first, true);
    const ready = await rig.follow('never', cluster, isReady, 'Ready');
    expect([...failed.lies, ...ready.lies]).toEqual([]);
    expect(ready.object.status?.nodes?.summary).toBe('2/2');
    expect(rig.puts(cluster)).toHaveLength(2);
  });
});

describe('an operation that a person aborts', () => {
  it('stays where it is until a person asks for the rest', async () => {
    const cluster = await rig.addTargetCluster({ pools: [{ name: 'system', count: 3, maxSurge: 1 }] });
    await rig.startController();
    await rig.trust('aborted', cluster, PEM);
    const begun = await rig.follow('aborted', cluster, hasReplaced(1), 'one replaced');
    cluster.abort();
    const isHeld = (object: CustomCATrust) => condition(object, 'Ready')?.reason === 'UpdateCanceled';
    const held = await rig.follow('aborted', cluster, isHeld, 'held');
    const names = nodeNames(cluster, 'system').slice(0, 3);
    const had = held.object.status?.nodes?.reimaged ?? 0;
    expect([1, 2]).toContain(had);
    expect(message(held.object, 'Ready')).toBe(
      `The operation was canceled, ${had} of 3 nodes replaced. To resume it, edit the object or annotate it with aks-ca-trust.dev/reconcile-requested-at.`,
    );
    expect(message(held.object, 'NodesReimaged')).toContain(
      `${had} of 3 nodes were replaced since the change; without the new certificates: ${names.slice(had).join(', ')}; with them: ${names.slice(0, had).join(', ')}`,
    );
    expect(condition(held.object, 'Stalled')?.status).toBe('True');
    await rig.annotate('aborted', { 'aks-ca-trust.dev/reconcile-requested-at': 'now' });
    const ready = await rig.follow('aborted', cluster, isReady, 'Ready');
    expect([...begun.lies, ...held.lies, ...ready.lies]).toEqual([]);
    expect(ready.object.status?.nodes?.summary).toBe('3/3');
    expect(rig.puts(cluster)).toHaveLength(2);
  });
});

describe('in mid-operation', () => {
  async function disturbed(
    name: string,
    happens: (cluster: SimulatedCluster, controller: Controller) => Promise<unknown>,
  ) {
    const cluster = await rig.addTargetCluster({ pools: [{ name: 'system', count: 4, maxSurge: 1 }] });
    const controller = await rig.startController();
    await rig.trust(name, cluster, PEM);
    const begun = await rig.follow(name, cluster, hasReplaced(1), 'one replaced');
    await happens(cluster, controller);
    const ready = await rig.follow(name, cluster, isReady, 'Ready');
    expect([...begun.lies, ...ready.lies]).toEqual([]);
    const counted = counts(begun, ready);
    expect(new Set(counted.map(({ total }) => total))).toEqual(new Set([4]));
    expect(falls(counted.map(({ reimaged }) => reimaged))).toEqual([]);
    expect(ready.object.status?.nodes?.summary).toBe('4/4');
    expect(rig.puts(cluster)).toHaveLength(1);
  }

  it('events that are lost lose no count', () => disturbed('forgotten', (cluster) => cluster.loseEvents()));

  it('another controller counts on from where one was killed', () =>
    disturbed('killed', (_cluster, controller) => {
      controller.kill();
      return rig.startController();
    }));
});
