import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import {
  automaticRotation,
  BACKDATED,
  LONGEST_CALM,
  type AutomaticInput,
} from '../../../../src/cluster/kinds/rotate-certificates/automatic.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const NOW = Date.UTC(2026, 5, 1);

/** A cluster that was created 100 days ago. */
const CREATED = NOW - 100 * DAY;
function input(more: Partial<AutomaticInput>): AutomaticInput {
  return {
    wanted: { notice: 3 * DAY },
    clusterCA: { notBefore: CREATED - BACKDATED, notAfter: CREATED + 30 * YEAR },
    apiServer: { notBefore: CREATED - BACKDATED, notAfter: CREATED + 2 * YEAR },
    announcedAt: undefined,
    last: undefined,
    now: NOW,
    ...more,
  };
}

const plan = (more: Partial<AutomaticInput>) => automaticRotation(input(more));
const every = (days: number) => ({ wanted: { every: days * DAY, notice: 3 * DAY } });
const before = (days: number) => ({ wanted: { beforeExpiry: days * DAY, notice: 3 * DAY } });

describe('the policy of an object', () => {
  it.each<[string, Partial<AutomaticInput>, string, number | undefined]>([
    ['asks for nothing by itself', {}, 'None', undefined],
    ['every 110 days, after 100: not announced yet', every(110), 'None', undefined],
    ['every 103 days, after 100: announced now, for the date', every(103), 'Announced', NOW + 3 * DAY],
    ['every 102 days, after 100: announced late, so it begins later', every(102), 'Announced', NOW + 3 * DAY],
    ['every 30 days, overdue at first sight: announced first', every(30), 'Announced', NOW + 3 * DAY],
    ['every 30 days, announced for 2 days', { ...every(30), announcedAt: NOW - 2 * DAY }, 'Announced', NOW + DAY],
    ['every 30 days, announced for 3 days', { ...every(30), announcedAt: NOW - 3 * DAY }, 'Due', NOW],
    [
      'every 101 days, announced for 50: not before the date',
      { ...every(101), announcedAt: NOW - 50 * DAY },
      'Announced',
      NOW + DAY,
    ],
    [
      'announced in the future by another clock: counts from now',
      { ...every(30), announcedAt: NOW + YEAR },
      'Announced',
      NOW + 3 * DAY,
    ],
    ['30 days before expiry of a certificate that is valid for 630 more', before(30), 'None', undefined],
    ['628 days before expiry', { ...before(628), announcedAt: NOW - 9 * DAY }, 'Announced', NOW + 2 * DAY],
    ['631 days before expiry, announced long ago', { ...before(631), announcedAt: NOW - 9 * DAY }, 'Due', NOW - DAY],
  ])('%s', (_, more, kind, at) => {
    const found = plan(more);
    expect(found.kind).toBe(kind);
    if (at !== undefined) expect(found).toMatchObject({ at });
  });

  it('names the certificate that is the reason', () => {
    expect(plan({ ...before(631) })).toMatchObject({ reason: "the API server's certificate expires" });
    expect(plan({ ...before(631), apiServer: undefined })).toEqual({ kind: 'None' });
    expect(plan(every(100))).toMatchObject({ reason: 'the cluster CA reaches the age of spec.every' });
  });

  it('never asks twice within 7 days', () => {
    const last = { completedAt: NOW - 6 * DAY, automatic: true };
    expect(plan({ ...every(30), announcedAt: NOW - 30 * DAY, last })).toMatchObject({
      kind: 'Announced',
      at: NOW + DAY,
    });
  });
});

describe('a policy that would never end is refused', () => {
  it.each([
    [730, 'BeforeExpiryTooLong'],
    [724, 'BeforeExpiryTooLong'],
    [9999, 'BeforeExpiryTooLong'],
  ])('%s days before the expiry of a certificate of two years', (days, reason) => {
    const found = plan(before(days));
    expect(found).toMatchObject({ kind: 'Refused', reason });
  });

  test('the last one brought no later date', () => {
    const last = { completedAt: NOW - 30 * DAY, automatic: true, notAfterBefore: 5, notAfterSince: 5 };
    expect(plan({ ...before(631), last })).toMatchObject({ kind: 'Refused', reason: 'RotationBroughtNothing' });
    expect(plan({ ...before(631), last: { ...last, notAfterSince: 6 } }).kind).not.toBe('Refused');
    expect(plan({ ...before(631), last: { ...last, automatic: false } }).kind).not.toBe('Refused');
  });
});

test('a cluster whose rotations work is rotated at most once in its period, whatever the policy', () => {
  const days = fc.integer({ min: 1, max: 900 });
  const policies = fc.record({
    every: fc.option(days, { nil: undefined }),
    beforeExpiry: fc.option(days, { nil: undefined }),
    notice: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(policies, fc.integer({ min: 0, max: 1200 }), ({ every, beforeExpiry, notice }, age) => {
      let created = NOW - age * DAY;
      let announcedAt: number | undefined;
      let last: AutomaticInput['last'];
      const rotations: number[] = [];
      for (let now = NOW; now < NOW + 3 * YEAR; now += 12 * HOUR) {
        const found = automaticRotation({
          wanted: {
            ...(every === undefined ? {} : { every: Math.max(30, every) * DAY }),
            ...(beforeExpiry === undefined ? {} : { beforeExpiry: beforeExpiry * DAY }),
            notice: notice * DAY,
          },
          clusterCA: { notBefore: created - BACKDATED, notAfter: created + 30 * YEAR },
          apiServer: { notBefore: created - BACKDATED, notAfter: created + 2 * YEAR },
          announcedAt,
          last,
          now,
        });
        announcedAt = found.kind === 'Announced' ? found.announcedAt : undefined;
        if (found.kind !== 'Due') continue;
        rotations.push(now);
        last = { completedAt: now, automatic: true, notAfterBefore: created + 2 * YEAR, notAfterSince: now + 2 * YEAR };
        created = now;
      }
      const gaps = rotations.slice(1).map((at, index) => at - (rotations[index] ?? 0));
      expect(Math.min(...gaps, Infinity)).toBeGreaterThanOrEqual(LONGEST_CALM);
      // Each is announced first.
      if (rotations[0] !== undefined) expect(rotations[0] - NOW).toBeGreaterThanOrEqual(notice * DAY);
    }),
    { numRuns: 200 },
  );
});
