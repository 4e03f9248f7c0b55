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

describe('a write that the client-side limit keeps back', () => {
  it('is not recorded as sent, says why, and goes when the limit allows it', async () => {
    let opensAt = Infinity;
    const rig = memoryRig({}, (made) => ({ waitToPut: () => Math.max(0, opensAt - made.now) }));
    opensAt = rig.now + 40 * SECOND;
    rig.add(trust('a', [0]));
    expect(await rig.pass()).toMatchObject({ hold: 'Throttled', afterMs: 40 * SECOND });
    expect(rig.condition('team/a', 'Applied')?.message).toContain('20, and one more a minute');
    expect(rig.record?.operation).toBeUndefined();
    expect(rig.record?.pending?.waitsFor).toBe('Throttled');
    rig.now = opensAt;
    expect(await rig.pass()).toMatchObject({ sent: 'Accepted' });
    expect(rig.puts).toEqual([[[0]]]);
  });

  it('is kept back as well where the limit is reached while the nodes are listed', async () => {
    let wait = 0;
    const nodes = { read: async () => ((wait = MINUTE), { kind: 'NoAccess' } as const) };
    const rig = memoryRig({}, () => ({ nodes, waitToPut: () => wait }));
    rig.add(trust('a', [0]));
    expect(await rig.pass()).toMatchObject({ hold: 'Throttled', afterMs: MINUTE });
    expect([rig.puts, rig.record?.operation]).toEqual([[], undefined]);
  });
});
