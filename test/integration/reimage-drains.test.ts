import { describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { condition, eventually, isReady, roots } from './rig.ts';
import {
  nodeNames,
  POOL_MINUTE,
  poolOf,
  provisioningError,
  says,
  targetRigOfFile,
  warningsOf,
  type TargetRig,
  on,
  MAKE_ROOM,
} from './target-cluster.ts';

jest.setTimeout(120_000);

const [PEM = ''] = roots(0);

let rig: TargetRig;
targetRigOfFile((started) => (rig = started));

describe('an eviction that a PodDisruptionBudget refuses', () => {
  it('is said with budget, pod and node until the budget gives way, and warned of once', async () => {
    const cluster = await rig.addTargetCluster({ pools: [{ name: 'system', count: 3, maxSurge: 1 }] });
    const [, second = ''] = nodeNames(cluster, 'system');
    const web = await rig.deploy(1, on(second), 0);
    const [pod] = await web.pods();
    await rig.startController();
    const began = Date.now();
    await rig.trust('refused', cluster, PEM);
    const isBlocked = (object: CustomCATrust) =>
      condition(object, 'Ready')?.reason === 'ReimageBlocked' && object.status?.nodes?.reimaged === 1;
    const blocked = await rig.follow('refused', cluster, isBlocked, 'blocked at the second node');

    const by = `default/${web.name} allows no eviction of default/${pod!.metadata.name}, on node ${second}`;
    const message = `1 of 3 nodes were replaced since the change. Node pool system: ${by}. ${MAKE_ROOM}`;
    expect(blocked.object.status?.nodes).toEqual({
      total: 3,
      reimaged: 1,
      reimaging: 1,
      waiting: 1,
      excluded: 0,
      summary: '1/3',
      source: 'Nodes',
    });
    const blockedSince = poolOf(blocked.object, 'system')?.blockedSince ?? '';
    expect(blocked.object.status?.nodePools).toEqual([
      {
        name: 'system',
        osType: 'Linux',
        nodes: 3,
        reimaged: 1,
        reimaging: 1,
        waiting: 1,
        phase: 'Reimaging',
        blockedBy: by,
        blockedReason: 'EvictionRefused',
        blockedSince,
      },
    ]);
    expect(Date.parse(blockedSince)).toBeGreaterThan(began);
    expect(Date.parse(blockedSince)).toBeLessThanOrEqual(Date.now());
    expect(says(blocked.object, 'NodesReimaged')).toEqual({ status: 'False', reason: 'ReimageBlocked', message });
    expect(says(blocked.object, 'Ready')).toEqual({ status: 'False', reason: 'ReimageBlocked', message });
    expect(says(blocked.object, 'Applied')).toMatchObject({ status: 'False', reason: 'Updating' });
    expect(condition(blocked.object, 'Reconciling')?.status).toBe('True');
    expect(condition(blocked.object, 'Stalled')).toBeUndefined();
    expect(blocked.object.status?.estimate?.nodesLeft).toBe(2);
    await eventually(async () => (await warningsOf(rig, 'refused')).length > 0);
    const warning = { reason: 'ReimageBlocked', note: message, count: 1 };
    expect(await warningsOf(rig, 'refused')).toEqual([warning]);

    await web.allow(1);
    const ready = await rig.follow('refused', cluster, isReady, 'Ready');
    expect([...blocked.lies, ...ready.lies]).toEqual([]);
    const since = [...blocked.seen, ...ready.seen].flatMap((status) => status.nodePools?.[0]?.blockedSince ?? []);
    expect(new Set(since)).toEqual(new Set([blockedSince]));
    expect(says(ready.object, 'NodesReimaged')).toEqual({
      status: 'True',
      reason: 'Reimaged',
      message: 'All 3 nodes were replaced since the change',
    });
    expect(poolOf(ready.object, 'system')).toEqual({
      name: 'system',
      osType: 'Linux',
      nodes: 3,
      reimaged: 3,
      reimaging: 0,
      waiting: 0,
      phase: 'Done',
    });
    expect(ready.object.status?.estimate).toBeUndefined();
    expect(rig.puts(cluster)).toHaveLength(1);
    expect(await warningsOf(rig, 'refused')).toEqual([warning]);
  });
});

describe('a drain that is given up', () => {
  it('with Schedule says which nodes have the new certificates and which do not, and is resumed from there', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [
        { name: 'system', count: 3, maxSurge: 1, drainTimeoutInMinutes: 5 },
        { name: 'later', count: 1 },
      ],
    });
    const [first = '', second = '', third = ''] = nodeNames(cluster, 'system');
    const [later = ''] = nodeNames(cluster, 'later');
    const web = await rig.deploy(1, on(second), 0);
    await rig.startController({ timing: { resume: [5000, 5000] } });
    await rig.trust('given-up', cluster, PEM);
    const failed = await rig.follow(
      'given-up',
      cluster,
      (object) => condition(object, 'NodesReimaged')?.reason === 'ReimageFailed',
      'failed at the second node',
    );
    expect(cluster.provisioningState).toBe('Failed');
    const { code, message } = provisioningError(cluster);
    expect(code).toBe('PodDrainFailure');
    expect(failed.object.status?.nodes).toEqual({
      total: 4,
      reimaged: 1,
      reimaging: 0,
      waiting: 3,
      excluded: 0,
      summary: '1/4',
      source: 'Nodes',
    });
    const refused = failed.seen.flatMap(({ nodePools }) => nodePools?.[0]?.blockedSince ?? [])[0] ?? '';
    const blockedSince = poolOf(failed.object, 'system')?.blockedSince ?? '';
    expect(Date.parse(blockedSince) - Date.parse(refused)).toBeGreaterThanOrEqual(5 * POOL_MINUTE - 1000);
    expect(failed.object.status?.nodePools).toEqual([
      {
        name: 'system',
        osType: 'Linux',
        nodes: 3,
        reimaged: 1,
        reimaging: 0,
        waiting: 2,
        phase: 'Failed',
        blockedBy: `${second} could not be drained within 5 minutes`,
        blockedReason: 'DrainFailed',
        blockedSince,
      },
      { name: 'later', osType: 'Linux', nodes: 1, reimaged: 0, reimaging: 0, waiting: 1, phase: 'Failed' },
    ]);
    expect(says(failed.object, 'NodesReimaged')).toMatchObject({ status: 'False', reason: 'ReimageFailed' });
    expect(says(failed.object, 'NodesReimaged').message).toBe(
      `1 of 4 nodes were replaced since the change; without the new certificates: ${[later, second, third].sort().join(', ')}` +
        `; with them: ${first}. Node pool system: ${second} could not be drained within 5 minutes. ` +
        'Find which pods are left on it (kubectl get pods -A --field-selector spec.nodeName=…), and why they stay',
    );
    const applied = says(failed.object, 'Applied');
    expect(applied).toMatchObject({ status: 'False', reason: 'UpdateFailed' });
    expect(applied.message).toContain(
      // A sentence of AKS that ends in two full stops is shown with one.
      `AKS could not finish replacing the nodes, 1 of 4 nodes replaced: PodDrainFailure: ${message.replace('..', '.')} ` +
        'Make room in the PodDisruptionBudget that blocks the drain. Attempt 2 at ',
    );
    expect(says(failed.object, 'Ready')).toEqual(applied);

    await web.allow(1);
    const ready = await rig.follow('given-up', cluster, isReady, 'Ready');
    expect([...failed.lies, ...ready.lies]).toEqual([]);
    expect(Math.min(...ready.seen.map(({ nodes }) => nodes!.reimaged))).toBe(1);
    expect(ready.object.status?.nodes?.summary).toBe('4/4');
    expect(poolOf(ready.object, 'system')?.blockedBy).toBeUndefined();
    expect(rig.puts(cluster)).toHaveLength(2);
    const said = (await warningsOf(rig, 'given-up')).map(({ reason, count }) => [reason, count]);
    expect(said).toEqual([
      ['ReimageBlocked', 1],
      ['UpdateFailed', 1],
    ]);
    expect((await warningsOf(rig, 'given-up'))[1]?.note).toBe(applied.message);
  });

  it('with Cordon counts the node that stays in the place of the quarantined one, which holds up until it is gone', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [{ name: 'system', count: 3, maxSurge: 1, drainTimeoutInMinutes: 5, undrainableNodeBehavior: 'Cordon' }],
    });
    const [stuck = ''] = nodeNames(cluster, 'system');
    const web = await rig.deploy(1, on(stuck), 0);
    await rig.startController({ timing: { resume: [3000, 3000] } });
    await rig.trust('quarantined', cluster, PEM);
    const failed = await rig.follow(
      'quarantined',
      cluster,
      (object) => condition(object, 'NodesReimaged')?.reason === 'ReimageFailed',
      'failed with a quarantined node',
    );
    const by = `AKS could not drain ${stuck} and quarantined it`;
    const mend = 'Move its pods (kubectl drain), then delete its machine (az aks nodepool delete-machines)';
    const having = nodeNames(cluster, 'system').filter((name) => name !== stuck);
    expect(having).toHaveLength(3);
    expect(failed.object.status?.nodes).toMatchObject({ total: 4, reimaged: 3, reimaging: 0, waiting: 1 });
    expect(poolOf(failed.object, 'system')).toMatchObject({
      nodes: 4,
      reimaged: 3,
      phase: 'Failed',
      blockedBy: by,
      blockedReason: 'Quarantined',
    });
    expect(says(failed.object, 'NodesReimaged').message).toBe(
      `3 of 4 nodes were replaced since the change; without the new certificates: ${stuck}; with them: ${having.join(', ')}. ` +
        `Node pool system: ${by}. ${mend}`,
    );

    // AKS leaves it alone from now on, and says Succeeded all the same.
    const lingering = await rig.follow(
      'quarantined',
      cluster,
      (object) => cluster.provisioningState === 'Succeeded' && condition(object, 'Applied')?.reason === 'Updating',
      'held up by the quarantined node',
    );
    expect(says(lingering.object, 'NodesReimaged')).toMatchObject({ status: 'False', reason: 'ReimageBlocked' });
    expect(lingering.object.status?.nodes?.summary).toBe('3/4');

    await web.allow(1);
    cluster.scale('system', 3);
    const ready = await rig.follow('quarantined', cluster, isReady, 'Ready without the quarantined node');
    expect([...failed.lies, ...lingering.lies, ...ready.lies]).toEqual([]);
    expect(ready.object.status?.nodes).toMatchObject({ total: 3, reimaged: 3, summary: '3/3' });
  });

  it('with Cordon and no node to stay in its place is canceled, and goes on when its label is taken away and a person asks', async () => {
    const cluster = await rig.addTargetCluster({
      pools: [
        {
          name: 'system',
          count: 2,
          maxSurge: 0,
          maxUnavailable: 1,
          drainTimeoutInMinutes: 5,
          undrainableNodeBehavior: 'Cordon',
        },
      ],
    });
    const [stuck = '', other = ''] = nodeNames(cluster, 'system');
    const web = await rig.deploy(1, on(stuck), 0);
    await rig.startController();
    await rig.trust('unreplaced', cluster, PEM);
    const isHeld = (object: CustomCATrust) => condition(object, 'Ready')?.reason === 'UpdateCanceled';
    const held = await rig.follow('unreplaced', cluster, isHeld, 'canceled with a quarantined node');
    expect(cluster.provisioningState).toBe('Canceled');
    const by = `AKS could not drain ${stuck} and quarantined it`;
    expect(held.object.status?.nodes).toEqual({
      total: 2,
      reimaged: 0,
      reimaging: 0,
      waiting: 2,
      excluded: 0,
      summary: '0/2',
      source: 'Nodes',
    });
    expect(poolOf(held.object, 'system')).toMatchObject({
      phase: 'Failed',
      blockedBy: by,
      blockedReason: 'Quarantined',
    });
    expect(says(held.object, 'NodesReimaged')).toEqual({
      status: 'False',
      reason: 'ReimageFailed',
      message:
        `0 of 2 nodes were replaced since the change; without the new certificates: ${stuck}, ${other}. ` +
        `Node pool system: ${by}. Move its pods (kubectl drain), then delete its machine (az aks nodepool delete-machines)`,
    });
    expect(says(held.object, 'Ready')).toEqual({
      status: 'False',
      reason: 'UpdateCanceled',
      message:
        'The operation was canceled, 0 of 2 nodes replaced. To resume it, edit the object or annotate it with aks-ca-trust.dev/reconcile-requested-at.',
    });
    expect(says(held.object, 'Stalled')).toEqual({ ...says(held.object, 'Ready'), status: 'True' });

    await web.allow(1);
    const labels = { 'kubernetes.azure.com/upgrade-status': null };
    const path = `/api/v1/nodes/${stuck}`;
    await rig.target.send('PATCH', path, { metadata: { labels } }, 'application/merge-patch+json');
    // Times of events are whole seconds: what was said in the second of an attempt may be of it.
    // Ready was False before as well, while the drain was refused.
    const ended = Date.parse(condition(held.object, 'Stalled')?.lastTransitionTime ?? '');
    await eventually(() => Promise.resolve(Date.now() > ended + 2000));
    await rig.annotate('unreplaced', { 'aks-ca-trust.dev/reconcile-requested-at': 'now' });
    const ready = await rig.follow('unreplaced', cluster, isReady, 'Ready');
    expect([...held.lies, ...ready.lies]).toEqual([]);
    expect(ready.object.status?.nodes?.summary).toBe('2/2');
    expect(rig.puts(cluster)).toHaveLength(2);
    const said = (await warningsOf(rig, 'unreplaced')).map(({ reason, count }) => [reason, count]);
    expect(said).toEqual([
      ['ReimageBlocked', 1],
      ['UpdateCanceled', 1],
    ]);
  });
});
