import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { targetClusterPath } from '../../src/api/names.ts';
import { condition, entry, eventually, fingerprints, isReady, listed, roots, startRig, type Rig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

/** Lets everything through but the n-th write, which never comes back, as if the process died there. */
function dieAtPut(where: 'before' | 'after', died: () => void): (arm: ManagedClusters) => ManagedClusters {
  return (arm) => ({
    ...arm,
    async put(...args) {
      if (where === 'after') await arm.put(...args);
      died();
      return new Promise(() => {});
    },
  });
}

describe('one controller after another', () => {
  it.each(['before', 'after'] as const)(
    'that dies %s the write reached ARM leaves a record from which the next one goes on',
    async (where) => {
      const cluster = await rig.addCluster();
      const dead = Promise.withResolvers<void>();
      const first = await rig.startController({ wrapArm: dieAtPut(where, dead.resolve) });
      await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
      await dead.promise;
      first.kill();
      const record = await rig.record(cluster);
      expect(record?.status?.operation).toMatchObject({ kind: 'UpdateTrust', attempts: 1 });
      await rig.startController();
      await rig.until('one', isReady, 'Ready');
      expect(listed(cluster)).toEqual(fingerprints(0));
      expect(rig.puts(cluster)).toHaveLength(1);
    },
  );

  it('that is stopped during an operation lets the next one follow it to its end', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const first = await rig.startController();
    await rig.apply('one', cluster, {
      certificates: [entry('a', ...roots(0))],
      target: { nodeAccess: { kubeconfigSecretRef: { name: 'nodes' } }, resourceId: '' },
    });
    await eventually(async () => rig.puts(cluster).length === 1);
    await first.stop();
    await rig.startController();
    const object = await rig.until('one', isReady, 'Ready');
    expect(object.status?.nodes?.summary).toBe('2/2');
    expect(rig.puts(cluster)).toHaveLength(1);
  });

  it('that works beside the next one for a moment, and dies, leaves a record that is seen through without any object', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const at = new Date().toISOString();
    const begun = {
      id: 'its',
      kind: 'UpdateTrust',
      updateTrust: { listDigest: 'x' },
      phase: 'Sent',
      startedAt: at,
    } as const;
    const operation = { ...begun, attempts: 1, lastAttemptAt: at };
    await rig.plantRecord(cluster.resourceId, { state: 'Updating', operation });
    await eventually(async () => (await rig.record(cluster)) === undefined);
    expect(rig.puts(cluster)).toEqual([]);
  });

  it('follows a write whose answer was lost with reads only', async () => {
    const cluster = await rig.addCluster();
    rig.simulator.faults.add({ operation: 'PutManagedCluster', resourceId: cluster.resourceId, resetAfter: true });
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
  });

  it('sends again what never arrived, after two reads that agree', async () => {
    const cluster = await rig.addCluster();
    rig.simulator.faults.add({ operation: 'PutManagedCluster', resourceId: cluster.resourceId, resetBefore: true });
    await rig.startController();
    const startedAt = Date.now();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(2);
    expect(Date.now() - startedAt).toBeGreaterThan(1800);
  });

  it('finds nothing to do among objects that were restored without their status', async () => {
    const cluster = await rig.addCluster();
    const first = await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0, 1))], deletionPolicy: 'Remove' });
    const object = await rig.until('one', isReady, 'Ready');
    await first.stop();
    const path = `/apis/aks-ca-trust.dev/v1alpha1/namespaces/${rig.namespace}/customcatrusts`;
    await rig.admin.request({
      method: 'PATCH',
      path: `${path}/one`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    await rig.remove('one');
    await rig.untilGone('one');
    await rig.admin.request({
      method: 'POST',
      path,
      body: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        metadata: { name: 'one', namespace: rig.namespace },
        spec: object.spec,
      },
    });
    await rig.startController();
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
  });

  it('without its record removes nothing and reports unmanaged certificates', async () => {
    const cluster = await rig.addCluster();
    const first = await rig.startController();
    await rig.apply('one', cluster, {
      certificates: [entry('a', ...roots(0)), entry('b', ...roots(1))],
      deletionPolicy: 'Remove',
    });
    await rig.until('one', isReady, 'Ready');
    const record = await rig.record(cluster);
    await first.stop();
    await rig.admin.request({ method: 'DELETE', path: targetClusterPath(record?.metadata.name ?? '') });
    await rig.apply('one', cluster, { certificates: [entry('b', ...roots(1))], deletionPolicy: 'Remove' });
    await rig.startController();
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(0, 1));
    const slots = (await rig.record(cluster))?.status?.slots;
    expect(slots?.map(({ managed, adopted = false }) => [managed, adopted])).toEqual([
      [false, false],
      [false, true],
    ]);
    expect(rig.puts(cluster)).toHaveLength(1);
  });
});

describe('several objects of one cluster', () => {
  it('renaming one costs no write', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const spec = { certificates: [entry('a', ...roots(0, 1))], deletionPolicy: 'Remove' as const, settleSeconds: 2 };
    await rig.apply('old', cluster, spec);
    await rig.until('old', isReady, 'Ready');
    await rig.remove('old');
    await rig.apply('new', cluster, spec);
    await rig.untilGone('old');
    await rig.until('new', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
    expect((await rig.record(cluster))?.status?.slots?.map(({ namedBy }) => namedBy)).toEqual([
      [`${rig.namespace}/new/a`],
      [`${rig.namespace}/new/a`],
    ]);
  });

  it('an entry removed while its neighbour is unreadable stays until that is fixed', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0)), entry('b', ...roots(1))] });
    await rig.until('one', isReady, 'Ready');
    await rig.apply('one', cluster, { certificates: [{ name: 'b', pem: '-----BEGIN CERTIFICATE-----\nbroken' }] });
    await rig.until('one', (object) => condition(object, 'Applied')?.reason === 'Held', 'Held');
    expect(listed(cluster)).toEqual(fingerprints(0, 1));
    await rig.apply('one', cluster, { certificates: [entry('b', ...roots(1))] });
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(1));
    expect(rig.puts(cluster)).toHaveLength(2);
  });

  it("one team's bad certificate does not hold another team's addition", async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('team-a', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('team-a', isReady, 'Ready');
    await rig.apply('team-a', cluster, { certificates: [{ name: 'a', pem: 'nonsense' }] });
    await rig.until('team-a', (object) => condition(object, 'Applied')?.reason === 'Held', 'Held');
    await rig.apply('team-b', cluster, { certificates: [entry('b', ...roots(1))] });
    await rig.until('team-b', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(0, 1));
  });

  it('seven and five certificates: the younger waits, and gets its places in the write that frees them', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const seven = [0, 1, 2, 3, 4, 5, 6];
    await rig.apply('seven', cluster, { certificates: [entry('a', ...roots(...seven))] });
    await rig.until('seven', isReady, 'Ready');
    await rig.apply('five', cluster, { certificates: [entry('b', ...roots(7, 8, 9, 10, 11))] });
    const over = await rig.until(
      'five',
      (object) => condition(object, 'Ready')?.reason === 'LimitExceeded',
      'LimitExceeded',
    );
    expect(condition(over, 'WithinCertificateLimit')?.message).toContain(`${rig.namespace}/seven 7`);
    expect(isReady((await rig.get('seven'))!)).toBe(true);
    expect(rig.puts(cluster)).toHaveLength(1);
    await rig.apply('seven', cluster, { certificates: [entry('a', ...roots(0, 1, 2, 3, 4))] });
    await rig.until('five', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(0, 1, 2, 3, 4, 7, 8, 9, 10, 11));
    expect(rig.puts(cluster)).toHaveLength(2);
  });

  it('a certificate that a Retain and a Remove object share goes by the policy of the last to go', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const certificates = [entry('a', ...roots(0))];
    await rig.apply('keep', cluster, { certificates, deletionPolicy: 'Retain' });
    await rig.apply('remove', cluster, { certificates, deletionPolicy: 'Remove' });
    await rig.until('keep', isReady, 'Ready');
    await rig.until('remove', isReady, 'Ready');
    await rig.remove('remove');
    await rig.untilGone('remove');
    expect(listed(cluster)).toEqual(fingerprints(0));
    await rig.apply('remove', cluster, { certificates, deletionPolicy: 'Remove' });
    await rig.until('remove', isReady, 'Ready');
    await rig.remove('keep');
    await rig.untilGone('keep');
    expect(listed(cluster)).toEqual(fingerprints(0));
    await rig.remove('remove');
    await rig.untilGone('remove');
    expect(listed(cluster)).toEqual([]);
    expect(rig.puts(cluster)).toHaveLength(2);
  });

  it('suspending one leaves the other free to change', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.apply('two', cluster, { certificates: [entry('b', ...roots(1))] });
    await rig.until('one', isReady, 'Ready');
    await rig.until('two', isReady, 'Ready');
    await rig.apply('one', cluster, { certificates: [], allowEmpty: true, suspend: true });
    await rig.until('one', (object) => condition(object, 'Suspended')?.status === 'True', 'Suspended');
    await rig.apply('two', cluster, { certificates: [entry('b', ...roots(2))] });
    await rig.until('two', isReady, 'Ready');
    expect(new Set(listed(cluster))).toEqual(new Set(fingerprints(0, 2)));
  });

  it('is one cluster however its resource id is written', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], settleSeconds: 1 });
    await rig.apply('two', cluster.resourceId.toUpperCase().replace('MANAGEDCLUSTERS', 'managedClusters'), {
      certificates: [entry('b', ...roots(1))],
      settleSeconds: 1,
    });
    await rig.until('one', isReady, 'Ready');
    await rig.until('two', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
    expect(new Set(listed(cluster))).toEqual(new Set(fingerprints(0, 1)));
  });

  it('deleted with Remove and patched to Retain while it waits is let go', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], deletionPolicy: 'Remove' });
    await rig.until('one', isReady, 'Ready');
    cluster.setState({ powerState: 'Stopped' });
    await rig.remove('one');
    await rig.until('one', (object) => condition(object, 'Applied')?.reason === 'ClusterStopped', 'ClusterStopped');
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], deletionPolicy: 'Retain' });
    await rig.untilGone('one');
    cluster.setState({ powerState: 'Running' });
    expect(listed(cluster)).toEqual(fingerprints(0));
  });
});
