import { describe, expect, it } from '@jest/globals';
import { planOf, type PlanInput } from '../../../../src/cluster/kinds/rotate-certificates/policy-plan.ts';
import type { RotationMemory } from '../../../../src/cluster/model/record.ts';
import { DAY } from '../../../../src/api/long-duration.ts';
import { at, mark, START } from '../../../harness/build.ts';
import { rotationIntent, type RotationOptions } from '../../../harness/rotation.ts';

const CA = 40;
const CREATED = START - 100 * DAY;
const END = START + 10_000 * DAY;
const SEEN: RotationMemory = {
  casSeen: [{ fingerprintSHA256: mark(CA), createdAt: at(CREATED), notAfter: at(END), firstSeenAt: at(CREATED) }],
};
const EVERY: RotationOptions = { every: '90d' };

const plan = (options: RotationOptions, input: Partial<PlanInput> = {}) =>
  planOf(rotationIntent('r', options), { ca: undefined, memory: SEEN, now: START, ...input });

describe('the plan of an object', () => {
  it('is made for the CA that was seen last, and for the one that was read where that is known', () => {
    expect(plan(EVERY)).toMatchObject({ oldCA: mark(CA), plan: { kind: 'Announced', at: START + 3 * DAY } });
    const ca = { ok: true, fingerprint: mark(41), createdAt: START, notAfter: END, readAt: START } as const;
    expect(plan(EVERY, { ca })).toMatchObject({ oldCA: mark(41), plan: { kind: 'Planned', at: START + 90 * DAY } });
  });

  it.each<[string, RotationOptions, RotationMemory | undefined]>([
    ['without a policy', {}, SEEN],
    ['while no CA was seen', EVERY, undefined],
    [
      'while the end of the CA is not known, as in records of an earlier version',
      EVERY,
      { casSeen: [{ ...SEEN.casSeen![0]!, notAfter: undefined as never }] },
    ],
    ['by dates that are none', EVERY, { casSeen: [{ ...SEEN.casSeen![0]!, createdAt: 'soon' }] }],
  ])('does not exist %s', (_, options, memory) => {
    expect(plan(options, { memory })).toBeUndefined();
  });

  it('counts an announcement for this CA only', () => {
    const since = at(START - 3 * DAY);
    const own = { ...SEEN, notice: { since, oldCA: mark(CA) } };
    const other = { ...SEEN, notice: { since, oldCA: mark(39) } };
    expect(plan(EVERY, { memory: own })?.plan).toMatchObject({ kind: 'Due' });
    expect(plan(EVERY, { memory: other })?.plan).toMatchObject({ kind: 'Announced', announcedAt: START });
  });

  it('counts a week from the last rotation, unless a clock that was far ahead has noted it', () => {
    const last = (time: number): RotationMemory => ({
      ...SEEN,
      lastRotation: {
        startedAt: at(time),
        completedAt: at(time),
        startedBy: 'ThisController',
        reason: 'Every',
        oldCA: '',
      },
    });
    expect(plan(EVERY, { memory: last(START - DAY) })?.plan).toMatchObject({ kind: 'Planned', at: START + 6 * DAY });
    expect(plan(EVERY, { memory: last(START + 500 * DAY) })?.plan).toMatchObject({ at: START + 3 * DAY });
  });

  it('is for the first opening of a schedule, and for its own time where the schedule opens nothing', () => {
    const notice = { ...SEEN, notice: { since: at(START - 3 * DAY), oldCA: mark(CA) } };
    const window = (schedule: string) => ({ ...EVERY, window: { schedule, durationHours: 4 } });
    // START is a Monday, at 8.
    expect(plan(window('0 2 * * 6'), { memory: notice })?.plan).toMatchObject({
      kind: 'Announced',
      at: START + 4 * DAY + DAY * 0.75,
    });
    expect(plan(window('0 6 * * 1'), { memory: notice })?.plan).toMatchObject({ kind: 'Due' });
    expect(plan(window('0 0 30 2 *'), { memory: notice })?.plan).toMatchObject({ kind: 'Due' });
  });
});
