import { describe, expect, it } from '@jest/globals';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { createRecords } from '../../src/cluster/act/record-store.ts';
import { KubernetesError, type Connection } from '../../src/kubernetes/client/connection.ts';
import { Store } from '../../src/kubernetes/cache/store.ts';
import { CLUSTER_ID, MINUTE, recordObject } from '../harness/build.ts';

const SIGNAL = new AbortController().signal;
const FORBIDDEN = new KubernetesError(403, 'Forbidden', 'admission webhook "labels.example" denied the request');

function rigOf() {
  const rig: { answer: KubernetesError | undefined } = { answer: FORBIDDEN };
  const connection = {
    request: async () => {
      if (rig.answer) throw rig.answer;
      return recordObject({});
    },
  } as unknown as Connection;
  const records = createRecords(connection, new Store<TargetCluster>());
  const pauseAfter = async (write: (records: ReturnType<typeof createRecords>) => Promise<unknown>) => {
    try {
      await write(records);
      return 'written';
    } catch (error) {
      return ((error as KubernetesError).retryAfterMs ?? 0) / MINUTE;
    }
  };
  return { rig, pauseAfter };
}

const record = recordObject({ clusterName: 'old' })!;
const WRITES: readonly (readonly [string, (records: ReturnType<typeof createRecords>) => Promise<unknown>])[] = [
  ['made', (records) => records.write(CLUSTER_ID, undefined, {}, SIGNAL)],
  ['changed', (records) => records.write(CLUSTER_ID, record, {}, SIGNAL)],
  ['taken away', (records) => records.remove(record, SIGNAL)],
  ['confirmed', (records) => records.confirm(CLUSTER_ID, record, SIGNAL)],
];

describe('a record that the API server refuses time after time', () => {
  it.each(WRITES)('is tried again after a minute, doubling to an hour, where it is to be %s', async (_name, write) => {
    const { pauseAfter } = rigOf();
    const pauses = [];
    for (let attempt = 0; attempt < 8; attempt++) pauses.push(await pauseAfter(write));
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it('begins with a minute again once a write was taken', async () => {
    const { rig, pauseAfter } = rigOf();
    const write = WRITES[1]![1];
    for (let attempt = 0; attempt < 5; attempt++) await pauseAfter(write);
    rig.answer = undefined;
    expect(await pauseAfter(write)).toBe('written');
    rig.answer = FORBIDDEN;
    expect(await pauseAfter(write)).toBe(1);
  });

  it('is refused in the words of the API server', async () => {
    const { pauseAfter } = rigOf();
    await pauseAfter(async (records) => {
      await expect(records.write(CLUSTER_ID, record, {}, SIGNAL)).rejects.toMatchObject({
        status: 403,
        reason: 'Forbidden',
        message: FORBIDDEN.message,
        cause: FORBIDDEN,
      });
    });
  });

  it.each([
    ['it met another write', new KubernetesError(409, 'Conflict', 'modified')],
    ['the API server is busy', new KubernetesError(503, 'ServiceUnavailable', 'busy')],
    ['no answer came', new KubernetesError(0, 'ECONNRESET', 'reset')],
  ])('waits for nothing where the next attempt is likely to succeed: %s', async (_name, answer) => {
    const { rig, pauseAfter } = rigOf();
    rig.answer = answer;
    for (let attempt = 0; attempt < 3; attempt++) expect(await pauseAfter(WRITES[1]![1])).toBe(0);
  });
});
