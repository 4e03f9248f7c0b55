import { describe, expect, it } from '@jest/globals';
import { QUIET_PERIOD } from '../../../src/azure/managed-clusters.ts';
import { failure, HOUR, MINUTE, SECOND, trust } from '../../harness/build.ts';
import { memoryRig, type MemoryRig } from '../../harness/memory-rig.ts';

const pauseOf = (retryAfterMs: number) =>
  failure(429, QUIET_PERIOD, { call: 'GetManagedCluster', message: 'ARM asked for a pause', retryAfterMs });

async function atRest(): Promise<MemoryRig> {
  const rig = memoryRig();
  rig.add(trust('a', [0]));
  for (let pass = 0; pass < 2; pass++) {
    await rig.pass();
    rig.now += MINUTE;
  }
  expect(rig.condition('team/a', 'Ready')?.status).toBe('True');
  return rig;
}

describe('a read that was kept back because ARM asked others for a pause', () => {
  it('changes nothing of what is said, and is made when the pause is over', async () => {
    const rig = await atRest();
    const before = [rig.writes.length, rig.events.length, rig.record];
    rig.armFailure = pauseOf(17 * SECOND);
    for (let pass = 0; pass < 2; pass++) expect(await rig.pass()).toMatchObject({ afterMs: 17 * SECOND });
    expect([rig.writes.length, rig.events.length, rig.record]).toEqual(before);
  });

  it('is reported where that goes on, and where the pause is long', async () => {
    const [often, long] = [await atRest(), await atRest()];
    often.armFailure = pauseOf(17 * SECOND);
    for (let pass = 0; pass < 3; pass++) await often.pass();
    expect(often.condition('team/a', 'Ready')?.reason).toBe('Throttled');
    long.armFailure = pauseOf(HOUR);
    await long.pass();
    expect(long.condition('team/a', 'Ready')?.reason).toBe('Throttled');
  });
});
