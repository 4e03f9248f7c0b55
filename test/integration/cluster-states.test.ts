import { createPolicy } from '../../src/policy/policy.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  condition,
  entry,
  eventually,
  fingerprints,
  isReady,
  listed,
  roots,
  SEES_NODES,
  startRig,
  type Rig,
} from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const base64 = (pem: string) => Buffer.from(pem).toString('base64');
const saysApplied = (reason: string) => (object: Parameters<typeof condition>[0]) =>
  condition(object, 'Applied')?.reason === reason;

describe('a cluster that cannot take a change', () => {
  it('is awaited while another client keeps it busy', async () => {
    const cluster = await rig.addCluster();
    cluster.setState({ provisioningState: 'Scaling' });
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    const object = await rig.until('one', saysApplied('ClusterBusy'), 'ClusterBusy');
    expect(condition(object, 'Reconciling')?.status).toBe('True');
    expect(condition(object, 'Stalled')).toBeUndefined();
    expect(rig.puts(cluster)).toEqual([]);
    cluster.setState({ provisioningState: 'Succeeded' });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
  });

  it('gets nothing while it is stopped, and the change once it is started', async () => {
    const cluster = await rig.addCluster();
    cluster.setState({ powerState: 'Stopped' });
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('one', saysApplied('ClusterStopped'), 'ClusterStopped');
    expect(rig.puts(cluster)).toEqual([]);
    cluster.setState({ powerState: 'Running' });
    await rig.until('one', isReady, 'Ready');
  });

  it('may come after its object', async () => {
    const cluster = await rig.addCluster();
    await cluster.delete();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    const object = await rig.until('one', saysApplied('ClusterNotFound'), 'ClusterNotFound');
    expect(condition(object, 'NodesReimaged')?.status).toBe('Unknown');
    await cluster.recreate();
    await rig.annotate('one', { 'aks-ca-trust.dev/reconcile-requested-at': 'now' });
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(0));
  });

  it('is not changed while a write would resume the failed upgrade of another client', async () => {
    const cluster = await rig.addCluster();
    cluster.startForeignOperation({ kind: 'Upgrade', seconds: 5, end: 'Failed', poolOffTarget: 'system' });
    await cluster.idle();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    const object = await rig.until('one', saysApplied('ClusterFailed'), 'ClusterFailed');
    expect(condition(object, 'Applied')?.message).toContain('node pool system runs');
    // It becomes Stalled once it has lasted for as long as --stalled-after says.
    expect(condition(object, 'Stalled')).toBeUndefined();
    expect(condition(object, 'NodesReimaged')?.status).toBe('Unknown');
    await rig.annotate('one', { 'aks-ca-trust.dev/reconcile-requested-at': 'please' });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(rig.puts(cluster)).toEqual([]);
  });

  it('gone for good releases a deletion with Remove, but only when its group is readable', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], deletionPolicy: 'Remove' });
    await rig.until('one', isReady, 'Ready');
    const deny = rig.simulator.faults.add({
      operation: 'GetManagedCluster',
      resourceId: cluster.resourceId,
      status: 403,
      code: 'AuthorizationFailed',
      message: 'no',
      times: Infinity,
    });
    await cluster.delete();
    await rig.remove('one');
    await rig.until('one', saysApplied('AccessDenied'), 'AccessDenied');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(await rig.get('one')).toBeDefined();
    deny();
    await rig.annotate('one', { 'aks-ca-trust.dev/reconcile-requested-at': 'x' });
    await rig.untilGone('one');
  });

  it('made anew under the same id gets its certificates again, and nothing of the old record is believed', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('one', isReady, 'Ready');
    await cluster.delete();
    await cluster.recreate({ customCATrustCertificates: roots(5).map(base64) });
    await eventually(async () => rig.puts(cluster).length === 2);
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(5, 0));
    const record = await rig.record(cluster);
    expect(record?.status?.resourceUID).toBe(cluster.resourceUid);
    expect(record?.status?.correctionCount).toBe(0);
  });
});

describe('our own operation', () => {
  it('that fails half-way is resumed with the same baseline, and no node is replaced twice', async () => {
    const cluster = await rig.addCluster({ nodes: true, pools: [{ name: 'system', count: 3, maxSurge: 1 }] });
    cluster.failNextOperation({
      code: 'PodDrainFailure',
      message: 'eviction of web-1 is refused by a disruption budget',
      afterNodes: 1,
    });
    await rig.startController({ timing: { resume: [1500, 3000] } });
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], target: SEES_NODES });
    const failed = await rig.until('one', saysApplied('UpdateFailed'), 'UpdateFailed');
    expect(condition(failed, 'Applied')?.message).toMatch(/PodDrainFailure.*PodDisruptionBudget/s);
    expect(condition(failed, 'NodesReimaged')).toMatchObject({ status: 'False', reason: 'ReimageFailed' });
    expect(failed.status?.nodes).toMatchObject({ total: 3 });
    const half = new Map(
      cluster
        .nodes()
        .filter(({ fingerprints }) => fingerprints.length === 1)
        .map(({ name, uid }) => [name, uid]),
    );
    expect(half.size).toBeGreaterThan(0);
    const { baseline, id } = (await rig.record(cluster))?.status?.operation ?? {};
    const object = await rig.until('one', isReady, 'Ready');
    expect(object.status?.nodes?.summary).toBe('3/3');
    expect(rig.puts(cluster)).toHaveLength(2);
    expect(baseline).toBeDefined();
    expect(id).toBeDefined();
    for (const node of cluster.nodes()) if (half.has(node.name)) expect(node.uid).toBe(half.get(node.name));
  });

  it('that a person cancels is held until a reconcile request, and then resumed', async () => {
    const cluster = await rig.addCluster({ nodes: true, pools: [{ name: 'system', count: 3, maxSurge: 1 }] });
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], target: SEES_NODES });
    await rig.until('one', (object) => (object.status?.nodes?.reimaged ?? 0) > 0, 'a node replaced');
    await cluster.cancelRunning();
    const object = await rig.until('one', saysApplied('UpdateCanceled'), 'UpdateCanceled');
    expect(condition(object, 'Stalled')?.status).toBe('True');
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(rig.puts(cluster)).toHaveLength(1);
    await rig.annotate('one', { 'aks-ca-trust.dev/reconcile-requested-at': 'go on' });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(2);
  });
});

describe('what others change', () => {
  it('is corrected twice in 24 hours and then left alone, while our own edits still go', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0)), entry('b', ...roots(1))] });
    await rig.until('one', isReady, 'Ready');
    for (const times of [2, 3]) {
      await cluster.idle();
      cluster.changeList(roots(1).map(base64));
      await eventually(async () => rig.puts(cluster).length === times);
      await rig.until('one', isReady, 'Ready');
    }
    expect((await rig.record(cluster))?.status?.correctionCount).toBe(2);
    cluster.changeList(roots(1).map(base64));
    const object = await rig.until('one', saysApplied('Contended'), 'Contended');
    expect(condition(object, 'Stalled')?.status).toBe('True');
    expect(rig.puts(cluster)).toHaveLength(3);

    await rig.apply('one', cluster, {
      certificates: [entry('a', ...roots(0)), entry('b', ...roots(1)), entry('c', ...roots(2))],
    });
    await eventually(async () => rig.puts(cluster).length === 4);
    await cluster.idle();
    expect(listed(cluster)).toEqual(fingerprints(1, 2));

    await rig.annotate('one', { 'aks-ca-trust.dev/reconcile-requested-at': 'try again' });
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(1, 2, 0));
  });

  it('is kept where it cannot be read, and split only where one of several must leave', async () => {
    const several = base64(roots(3, 4).join(''));
    const garbage = Buffer.from('not a certificate').toString('base64');
    const cluster = await rig.addCluster({ customCATrustCertificates: [garbage, several] });
    // The simulator's validation would refuse what somebody once got past AKS.
    const clusters = [cluster.resourceId];
    const rule = { namespaces: [rig.namespace], clusters, nodeAccess: [], verify: [], adopt: true };
    await rig.startController({ policy: () => createPolicy({ rules: [rule], nodeAccess: [] }) });
    const spec = { unmanagedCertificates: 'Keep', adopt: true } as const;
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(3))], ...spec });
    const object = await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toEqual([]);
    expect(object.status?.certificateSlots?.used).toBe(2);
    const record = await rig.record(cluster);
    expect(record?.status?.slots?.[0]).toMatchObject({ opaque: true });
    expect(record?.status?.slots?.[1]?.contains?.map(({ adopted }) => adopted)).toEqual([true, undefined]);

    cluster.setListSilently([several]);
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], ...spec });
    await eventually(async () => rig.puts(cluster).length === 1);
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(4, 0));
  });
});
