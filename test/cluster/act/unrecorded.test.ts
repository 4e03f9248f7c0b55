import { describe, expect, it } from '@jest/globals';
import { KubernetesError } from '../../../src/kubernetes/client/connection.ts';
import { trust } from '../../harness/build.ts';
import { memoryRig } from '../../harness/memory-rig.ts';

const WORDS = 'admission webhook "labels.example" denied the request: label owner is missing';

describe('a record that the API server refuses', () => {
  it.each([
    ['refused', new KubernetesError(403, 'Forbidden', WORDS)],
    ['invalid', new KubernetesError(422, 'Invalid', WORDS)],
    ['refused by a webhook that fails', new KubernetesError(500, 'InternalError', WORDS)],
  ])('is reported by the objects that wait for it, with its message: %s', async (_name, refusal) => {
    const rig = memoryRig();
    rig.add(trust('a', [0]));
    rig.refuseRecord = refusal;
    await expect(rig.pass()).rejects.toBe(refusal);
    expect(rig.puts).toEqual([]);
    expect(rig.condition('team/a', 'Applied')).toMatchObject({
      status: 'False',
      reason: 'Held',
      message: expect.stringMatching(
        /^The API server refuses the record of the cluster.*webhook "labels\.example" denied/,
      ),
    });
    expect(rig.condition('team/a', 'Stalled')?.status).toBe('True');
    const { length } = rig.writes;
    await expect(rig.pass()).rejects.toBe(refusal);
    expect(rig.writes).toHaveLength(length);
    rig.refuseRecord = undefined;
    await rig.pass();
    expect(rig.puts).toEqual([[[0]]]);
  });

  it.each([
    ['it met another write', new KubernetesError(409, 'Conflict', 'modified')],
    ['the API server is busy', new KubernetesError(503, 'ServiceUnavailable', 'busy')],
    ['no server answers', new KubernetesError(0, 'ECONNREFUSED', 'no answer')],
  ])('is not reported where %s: the next attempt decides', async (_name, refusal) => {
    const rig = memoryRig();
    rig.add(trust('a', [0]));
    rig.refuseRecord = refusal;
    await expect(rig.pass()).rejects.toBe(refusal);
    expect(rig.writes).toEqual([]);
  });

  it('is reported also by an object that is being deleted, which cannot go before', async () => {
    const rig = memoryRig();
    rig.add(trust('a', [0]), trust('b', [0]));
    for (let pass = 0; pass < 2; pass++) await rig.pass();
    rig.add(trust('a', [0], { deleting: true, generation: 2 }));
    rig.refuseRecord = new KubernetesError(403, 'Forbidden', WORDS);
    await expect(rig.pass()).rejects.toThrow(WORDS);
    expect(rig.condition('team/a', 'Applied')?.reason).toBe('Held');
  });

  it('takes nothing from an object whose certificates are in place', async () => {
    const rig = memoryRig();
    rig.add(trust('a', [0]));
    for (let pass = 0; pass < 2; pass++) await rig.pass();
    rig.add(trust('b', [1]));
    rig.refuseRecord = new KubernetesError(403, 'Forbidden', WORDS);
    await expect(rig.pass()).rejects.toThrow(WORDS);
    expect(rig.condition('team/a', 'Ready')?.status).toBe('True');
    expect(rig.condition('team/b', 'Ready')?.reason).toBe('Held');
  });
});
