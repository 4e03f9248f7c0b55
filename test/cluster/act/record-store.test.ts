import { describe, expect, it } from '@jest/globals';
import type { TargetCluster } from '../../../src/api/generated/targetclusters.ts';
import { createRecords } from '../../../src/cluster/act/record-store.ts';
import { Store } from '../../../src/kubernetes/cache/store.ts';
import type { Connection, KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { CLUSTER_ID, recordObject } from '../../harness/build.ts';

const { signal } = new AbortController();
const recorded: RecordStatus = { clusterName: 'recorded' };
const answered: RecordStatus = { clusterName: 'answered' };

/** Records over an API server that takes every write and gives it a new version. */
function records(stored: TargetCluster = recordObject(recorded)!) {
  const asked: KubernetesRequest[] = [];
  let version = 1;
  const connection = {
    async request(request: KubernetesRequest) {
      asked.push(request);
      const { metadata, ...rest } = request.body as TargetCluster;
      version += 1;
      return { ...rest, metadata: { uid: 'uid-record', ...metadata, resourceVersion: `${version}` } };
    },
  } as unknown as Connection;
  const store = new Store<TargetCluster>();
  store.set(stored);
  const shared = createRecords(connection, store);
  const written = () => asked.map(({ body }) => (body as TargetCluster).status?.clusterName);
  return { records: shared, store, asked, written };
}

describe('a status that waits for the next write of the record', () => {
  it('is read as if it had been written, and costs no request', () => {
    const { records: own, asked } = records();
    const deferred = own.defer(own.read(CLUSTER_ID)!, answered);
    expect(deferred.status).toEqual(answered);
    expect(own.read(CLUSTER_ID)).toEqual(deferred);
    expect(own.newest(recordObject(recorded)!).status).toEqual(answered);
    expect(asked).toEqual([]);
  });

  it('is brought by the next write, over the version that the API server has', async () => {
    const { records: own, asked, written } = records();
    const deferred = own.defer(own.read(CLUSTER_ID)!, answered);
    const now = await own.write(CLUSTER_ID, deferred, { ...answered, state: 'Idle' }, signal);
    expect(asked[0]).toMatchObject({ method: 'PUT', body: { metadata: { resourceVersion: '1' } } });
    expect(written()).toEqual(['answered']);
    expect(own.read(CLUSTER_ID)).toEqual(now);
    expect(now.status).toEqual({ ...answered, state: 'Idle' });
  });

  it('is written by a pass that adds nothing to it', async () => {
    const { records: own, written } = records();
    const deferred = own.defer(own.read(CLUSTER_ID)!, answered);
    await own.write(CLUSTER_ID, deferred, answered, signal);
    expect(written()).toEqual(['answered']);
    await own.write(CLUSTER_ID, own.read(CLUSTER_ID), answered, signal);
    expect(written()).toEqual(['answered']);
  });

  it('is forgotten when another client writes the record first', () => {
    const { records: own, store } = records();
    own.defer(own.read(CLUSTER_ID)!, answered);
    const others = recordObject({ clusterName: 'another' })!;
    store.set({ ...others, metadata: { ...others.metadata, resourceVersion: '9' } });
    expect(own.read(CLUSTER_ID)?.status).toEqual({ clusterName: 'another' });
    store.set(recordObject(recorded)!);
    expect(own.read(CLUSTER_ID)?.status).toEqual(recorded);
  });

  it('is forgotten with the record', async () => {
    const { records: own, store } = records();
    const deferred = own.defer(own.read(CLUSTER_ID)!, answered);
    await own.remove(deferred, signal);
    expect(own.read(CLUSTER_ID)?.status).toEqual(recorded);
    store.delete(deferred);
    expect(own.read(CLUSTER_ID)).toBeUndefined();
  });
});

it('a record is sent without managedFields, which the API server keeps', async () => {
  const stored = recordObject(recorded)!;
  const { records: own, asked } = records();
  const read = { ...stored, metadata: { ...stored.metadata, managedFields: [{ manager: 'aks-ca-trust' }] } };
  await own.write(CLUSTER_ID, read, answered, signal);
  expect((asked[0]?.body as TargetCluster).metadata).toEqual(stored.metadata);
});
