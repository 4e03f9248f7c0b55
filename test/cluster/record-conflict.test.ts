import { describe, expect, it } from '@jest/globals';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { parseClusterId, recordName } from '../../src/api/resource-id.ts';
import { createRecords } from '../../src/cluster/act/record-store.ts';
import { KubernetesError, type Connection, type KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
import { Store } from '../../src/kubernetes/cache/store.ts';
import { CLUSTER_ID, trust } from '../harness/build.ts';
import { queueStateOf } from '../../src/cluster/operation/slot.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { memoryRig } from '../harness/memory-rig.ts';

const OTHER = parseClusterId(CLUSTER_ID.resourceId.replace('/rg/', '/other/'))!;
const { signal } = new AbortController();
const TIME = '2026-03-02T08:00:00.000Z';

/** The record that another cluster has under the name of this one's, as a collision of hashes would make it. */
const anothers: TargetCluster = {
  apiVersion: 'aks-ca-trust.dev/v1alpha1',
  kind: 'TargetCluster',
  metadata: { name: recordName(CLUSTER_ID), uid: 'u', resourceVersion: '7' },
  spec: { resourceId: OTHER.resourceId },
  status: { clusterName: 'prod' },
};

function records(stored: TargetCluster) {
  const asked: KubernetesRequest[] = [];
  const connection = {
    async request(request: KubernetesRequest) {
      asked.push(request);
      if (request.method === 'POST') throw new KubernetesError(409, 'AlreadyExists', 'there is one');
      return stored;
    },
  } as unknown as Connection;
  const store = new Store<TargetCluster>();
  store.set(stored);
  return { records: createRecords(connection, store), asked };
}

describe('a record under the name of this cluster', () => {
  it('that is of another one is neither read nor written', async () => {
    const { records: taken, asked } = records(anothers);
    expect(taken.read(CLUSTER_ID)).toBeUndefined();
    expect(taken.conflict(CLUSTER_ID)).toBe('OtherCluster');
    await expect(taken.write(CLUSTER_ID, undefined, {}, signal)).rejects.toThrow('there is one');
    // It is not a record of ours that the cache does not know yet.
    await taken.confirm(CLUSTER_ID, undefined, signal);
    expect(asked.map(({ method = 'GET' }) => method)).toEqual(['POST', 'GET']);
  });

  it('that only looks like this one is not of it', () => {
    const kelvin = CLUSTER_ID.resourceId.replace('/rg/', '/\u212aube/');
    const { records: taken } = records({ ...anothers, spec: { resourceId: kelvin } });
    const id = parseClusterId(CLUSTER_ID.resourceId.replace('/rg/', '/kube/'))!;
    expect(taken.read(id)).toBeUndefined();
  });

  it('is its own in every spelling of the id', async () => {
    const { records: own } = records({ ...anothers, spec: { resourceId: CLUSTER_ID.resourceId.toUpperCase() } });
    expect(own.read(CLUSTER_ID)?.metadata.resourceVersion).toBe('7');
    expect(own.conflict(CLUSTER_ID)).toBeUndefined();
    await expect(own.confirm(CLUSTER_ID, undefined, signal)).rejects.toThrow('TargetCluster');
  });
});

describe('a record of another version of the controller', () => {
  const core = { id: 'x', kind: 'UpdateTrust', startedAt: TIME, attempts: 1, lastAttemptAt: TIME } as const;
  const end = { code: 'C', message: 'm', at: TIME };
  const recordWith = (operation: unknown) =>
    records({ ...anothers, spec: CLUSTER_ID, status: { operation } as TargetCluster['status'] & object });

  it.each([
    ['without a phase', core],
    ['of a kind that is not known', { ...core, kind: 'RotateServiceAccountKeys', phase: 'Rolling' }],
    ['in a phase that is not known', { ...core, phase: 'Paused' }],
    ['in phase Failed, which does not say how', { ...core, phase: 'Failed' }],
    ['with the members of two phases', { ...core, phase: 'Failed', failed: end, canceled: end }],
    ['that supersedes one without a phase', { ...core, phase: 'Sent', supersedes: core }],
  ])('is neither read nor written with an operation %s', (_what, operation) => {
    const { records: own } = recordWith(operation);
    expect([own.read(CLUSTER_ID), own.conflict(CLUSTER_ID)]).toEqual([undefined, 'OtherVersion']);
  });

  it.each([
    { ...core, phase: 'Sent' },
    { ...core, phase: 'Rolling', rolling: { succeededSince: TIME } },
    { ...core, phase: 'Canceled', canceled: { ...end, heldFor: [] }, supersedes: { ...core, phase: 'Rolling' } },
  ])('is read with an operation in its phase: $phase', (operation) => {
    const { records: own } = recordWith(operation);
    expect([own.read(CLUSTER_ID)?.status?.operation, own.conflict(CLUSTER_ID)]).toEqual([operation, undefined]);
  });
});

describe('a record with a time that is none', () => {
  const end = { code: 'C', message: 'm', at: TIME };
  const core = {
    id: 'x',
    kind: 'UpdateTrust',
    startedAt: TIME,
    attempts: 1,
    lastAttemptAt: TIME,
    phase: 'Sent',
  } as const;
  const pending = { since: TIME, changedAt: TIME, digest: '', waitsFor: 'Settling' };
  const refusal = {
    reason: 'X',
    code: 'X',
    message: TIME,
    at: TIME,
    until: TIME,
    stalled: false,
    count: 1,
    heldFor: [],
  };
  const conflictOf = (status: object) =>
    records({ ...anothers, spec: CLUSTER_ID, status }).records.conflict(CLUSTER_ID);

  // The API server takes both texts for times.
  describe.each(['2026-03-02T08:00:00+99:99', '2026-03-02T08:00:00Zt'])('such as %s', (none) => {
    it.each<[string, object]>([
      ['the last attempt', { operation: { ...core, lastAttemptAt: none } }],
      ['the end of the slot', { operation: { ...core, slot: { until: none } } }],
      ['the end of the attempt', { operation: { ...core, phase: 'Failed', failed: { ...end, at: none } } }],
      ['the first read without the list', { operation: { ...core, notFound: { since: none, digest: '' } } }],
      ['the operation that it supersedes', { operation: { ...core, supersedes: { ...core, lastAttemptAt: none } } }],
      ['the pending change', { pending: { ...pending, since: none } }],
      ['a refusal', { refusal: { ...refusal, until: none } }],
      [
        'the writes that were not seen',
        { unseenWrites: { count: 1, attempt: 'x/1', at: TIME, until: none, heldFor: [] } },
      ],
      ['a correction', { corrections: [{ at: none, requests: '' }] }],
      ['the absence of the cluster', { absence: { since: none } }],
      ['the time since which it is held back', { heldBackSince: none }],
    ])('is neither read nor written: %s', (_what, status) => {
      expect(conflictOf(status)).toBe('InvalidTime');
    });

    it('is read where the text is no time but a message', () => {
      expect(
        conflictOf({ refusal: { ...refusal, message: none, code: none }, pending, operation: core }),
      ).toBeUndefined();
    });

    it('counts for nothing in the limit of changing clusters', () => {
      const operation = { ...core, lastAttemptAt: none };
      const waiting = { ...pending, since: none, waitsFor: 'WaitingForOthers' };
      expect(queueStateOf({ operation, pending: waiting }, DEFAULT_TIMING)).toEqual({});
      expect(queueStateOf({ operation: { ...operation, slot: { until: none } } }, DEFAULT_TIMING)).toEqual({});
    });
  });
});

describe('a record of this cluster that cannot be used', () => {
  const core = { id: 'x', kind: 'UpdateTrust', startedAt: TIME, attempts: 1, lastAttemptAt: TIME };
  const stored = (status: object): TargetCluster => ({ ...anothers, spec: CLUSTER_ID, status });

  it.each<[string, object]>([
    ['OtherVersion', { operation: core }],
    ['InvalidTime', { heldBackSince: '2026-03-02T08:00:00Zt' }],
  ])('does not keep objects that are released without it: %s', async (conflict, status) => {
    const { records: own } = records(stored(status));
    expect(own.conflict(CLUSTER_ID)).toBe(conflict);
    await own.confirm(CLUSTER_ID, undefined, signal);
  });

  it('keeps them while the cache does not have it yet', async () => {
    const connection = { request: async () => stored({ operation: core }) } as unknown as Connection;
    const own = createRecords(connection, new Store<TargetCluster>());
    await expect(own.confirm(CLUSTER_ID, undefined, signal)).rejects.toThrow('TargetCluster');
  });
});

describe('a record that is taken away', () => {
  it('has to be the version that was read: another one may hold an operation', async () => {
    const stored = { ...anothers, spec: { resourceId: CLUSTER_ID.resourceId } };
    const { records: own, asked } = records(stored);
    await own.remove(own.read(CLUSTER_ID)!, signal);
    expect(asked[0]).toMatchObject({
      method: 'DELETE',
      body: { preconditions: { uid: 'u', resourceVersion: '7' } },
    });
  });
});

describe('a pass over a cluster whose record is of another one', () => {
  const deleted = (name: string, policy: 'Retain' | 'Remove') => {
    const object = trust(name, [0]);
    const metadata = { ...object.metadata, deletionTimestamp: '2026-03-02T08:00:00Z' };
    return { ...object, metadata, spec: { ...object.spec, deletionPolicy: policy } };
  };

  it('says so in every object, and asks and changes nothing', async () => {
    const rig = memoryRig();
    rig.recordConflict = 'OtherCluster';
    rig.add(trust('a', [0]), trust('b', [1]));
    const summary = await rig.pass();
    expect(summary).toMatchObject({ step: 'Observe', hold: 'RecordConflict' });
    for (const object of ['team/a', 'team/b']) {
      for (const type of ['Applied', 'Ready'])
        expect(rig.condition(object, type)).toMatchObject({ status: 'False', reason: 'RecordConflict' });
      expect(rig.condition(object, 'Stalled')).toMatchObject({ status: 'True', reason: 'RecordConflict' });
      expect(rig.condition(object, 'Ready')?.message).toContain(
        `TargetCluster ${recordName(CLUSTER_ID)} is the record of another cluster than ${CLUSTER_ID.resourceId}`,
      );
    }
    expect([rig.reads, rig.nodeReads, rig.puts.length, rig.record]).toEqual([0, 0, 0, undefined]);
  });

  it('says what to do where another version of the controller wrote it', async () => {
    const rig = memoryRig();
    rig.recordConflict = 'OtherVersion';
    rig.add(trust('a', [0]));
    await rig.pass();
    const ready = rig.condition('team/a', 'Ready');
    expect(ready?.reason).toBe('RecordConflict');
    expect(ready?.message).toContain('Run that version until the operation is complete.');
    expect(ready?.message).toContain(`kubectl delete targetcluster ${recordName(CLUSTER_ID)}`);
  });

  it('says what to do where a time in it cannot be read', async () => {
    const rig = memoryRig();
    rig.recordConflict = 'InvalidTime';
    rig.add(trust('a', [0]));
    await rig.pass();
    expect(rig.condition('team/a', 'Stalled')).toMatchObject({ status: 'True', reason: 'RecordConflict' });
    const edit = `kubectl edit targetcluster ${recordName(CLUSTER_ID)}. Or`;
    expect(rig.condition('team/a', 'Ready')?.message).toContain(edit);
    expect(rig.reads).toBe(0);
  });

  it('writes nothing more while it stays so, and goes on when it ends', async () => {
    const rig = memoryRig();
    rig.recordConflict = 'OtherCluster';
    rig.add(trust('a', [0]));
    await rig.pass();
    const writes = rig.writes.length;
    rig.now += 600_000;
    await rig.pass();
    expect(rig.writes).toHaveLength(writes);
    rig.recordConflict = undefined;
    await rig.pass();
    rig.now += 600_000;
    await rig.pass();
    expect(rig.puts).toHaveLength(1);
  });

  it('releases objects that keep their certificates, and not those that have to remove them', async () => {
    const rig = memoryRig();
    rig.recordConflict = 'OtherCluster';
    rig.add(deleted('keeps', 'Retain'), deleted('removes', 'Remove'));
    await rig.pass();
    expect([...rig.objects.keys()]).toEqual(['team/removes']);
    expect(rig.condition('team/removes', 'Ready')?.reason).toBe('RecordConflict');
  });
});
