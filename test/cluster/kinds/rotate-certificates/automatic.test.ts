import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import {
  automaticRotation,
  CALM_DAYS,
  type AutomaticInput,
} from '../../../../src/cluster/kinds/rotate-certificates/automatic.ts';
import { DAY } from '../../../../src/api/long-duration.ts';

const YEAR = 365 * DAY;
const NOW = Date.UTC(2026, 5, 1);

/** The cluster was created 100 days ago. */
const CREATED = NOW - 100 * DAY;

function input({ policy, ...more }: Partial<Omit<AutomaticInput, 'policy'>> & { policy?: object }): AutomaticInput {
  return {
    policy: { notice: 3 * DAY, day: DAY, ...policy },
    clusterCA: { createdAt: CREATED, notAfter: CREATED + 30 * YEAR },
    apiServer: { notBefore: CREATED, notAfter: CREATED + 2 * YEAR },
    announcedAt: undefined,
    last: undefined,
    now: NOW,
    ...more,
  };
}

type More = Parameters<typeof input>[0];
const plan = (more: More) => automaticRotation(input(more));
const every = (days: number) => ({ policy: { every: days * DAY } });
const before = (days: number) => ({ policy: { beforeExpiry: days * DAY } });

describe('the policy of an object', () => {
  it.each<[string, More, string, number]>([
    ['every 110 days, after 100: planned for the date', every(110), 'Planned', NOW + 10 * DAY],
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
      'every 110 days, announced when it was shorter: announced again later',
      { ...every(110), announcedAt: NOW - 50 * DAY },
      'Planned',
      NOW + 10 * DAY,
    ],
    [
      'announced in the future by another clock: counts from now',
      { ...every(30), announcedAt: NOW + YEAR },
      'Announced',
      NOW + 3 * DAY,
    ],
    ['30 days before expiry of a certificate that is valid for 630 more', before(30), 'Planned', NOW + 600 * DAY],
    ['628 days before expiry', { ...before(628), announcedAt: NOW - 9 * DAY }, 'Announced', NOW + 2 * DAY],
    ['631 days before expiry, announced long ago', { ...before(631), announcedAt: NOW - 9 * DAY }, 'Due', NOW - DAY],
    ['the earlier of both dates', { policy: { every: 120 * DAY, beforeExpiry: 600 * DAY } }, 'Planned', NOW + 20 * DAY],
    [
      'a notice that is longer than the time that is left',
      { policy: { every: 101 * DAY, notice: 30 * DAY } },
      'Announced',
      NOW + 30 * DAY,
    ],
    [
      'a CA that is younger than a week: the week first',
      { ...before(700), clusterCA: { createdAt: NOW - DAY, notAfter: NOW + 30 * YEAR }, announcedAt: NOW - 4 * DAY },
      'Planned',
      NOW + (CALM_DAYS - 1) * DAY,
    ],
    [
      'a rotation 6 days ago: a week first',
      { ...every(30), announcedAt: NOW - 30 * DAY, last: { at: NOW - 6 * DAY } },
      'Announced',
      NOW + DAY,
    ],
  ])('%s', (_, more, kind, at) => {
    expect(plan(more)).toMatchObject({ kind, at });
  });

  it('asks for nothing by itself', () => {
    expect(plan({})).toBeUndefined();
  });

  it('begins its announcement as long before the date as the notice is', () => {
    expect(plan(every(110))).toMatchObject({ announcedAt: NOW + 7 * DAY });
  });

  it('names the certificate that is the reason, and the first date of all', () => {
    const notAfter = CREATED + 2 * YEAR;
    expect(plan(before(631))).toMatchObject({ reason: 'BeforeExpiry', of: 'APIServer', notAfter });
    expect(plan({ ...before(631), apiServer: undefined })).toMatchObject({ kind: 'Planned', of: 'ClusterCA' });
    expect(plan(every(100))).toMatchObject({ reason: 'Every', of: 'ClusterCA' });
  });
});

describe('a policy that would never end is refused', () => {
  it.each([730, 724, 9999])('%s days before the expiry of a certificate of two years', (days) => {
    const found = plan(before(days));
    expect(found).toMatchObject({ kind: 'Refused', reason: 'BeforeExpiryTooLong' });
    expect(found).toHaveProperty('message', expect.stringContaining('Set it to 723d or less.'));
  });

  it('and the largest value that the message names is followed', () => {
    expect(plan(before(723))?.kind).not.toBe('Refused');
  });

  it('names no value where there is none', () => {
    const found = plan({ ...before(1), apiServer: { notBefore: NOW, notAfter: NOW + 2 * DAY } });
    expect(found).toHaveProperty('message', expect.stringContaining('Remove it'));
  });

  test('the last one brought no later date', () => {
    const last = { at: NOW - 30 * DAY, notAfter: CREATED + 2 * YEAR };
    expect(plan({ ...before(631), last })).toMatchObject({ kind: 'Refused', reason: 'RotationBroughtNothing' });
    expect(plan({ ...before(631), last: { ...last, notAfter: last.notAfter - 1 } })?.kind).not.toBe('Refused');
    expect(plan({ ...every(30), last })?.kind).not.toBe('Refused');
  });

  it.each<[string, More, string]>([
    ['too long a beforeExpiry', { policy: { every: 90 * DAY, beforeExpiry: 3650 * DAY } }, 'BeforeExpiryTooLong'],
    [
      'a rotation that brought no later date',
      {
        policy: { every: 90 * DAY, beforeExpiry: 631 * DAY },
        last: { at: NOW - 30 * DAY, notAfter: CREATED + 2 * YEAR },
      },
      'RotationBroughtNothing',
    ],
  ])('and every is followed all the same with %s', (_, more, reason) => {
    const found = plan({ ...more, announcedAt: NOW - 3 * DAY });
    expect(found).toMatchObject({
      kind: 'Due',
      reason: 'Every',
      of: 'ClusterCA',
      refusal: { kind: 'Refused', reason },
    });
    expect(found).toHaveProperty('refusal.message', expect.stringContaining('spec.every is followed'));
    // The next one must not forget that the first brought nothing.
    expect(found).toHaveProperty('notAfter', CREATED + 2 * YEAR);
  });
});

it('is due by the age of the CA, which needs no API server, although the API server asks for it as well', () => {
  const both = { policy: { every: 99 * DAY, beforeExpiry: 640 * DAY }, announcedAt: NOW - 3 * DAY };
  expect(plan(both)).toMatchObject({ kind: 'Due', reason: 'Every', of: 'ClusterCA' });
  const serverFirst = { ...both, policy: { every: 101 * DAY, beforeExpiry: 640 * DAY } };
  expect(plan(serverFirst)).toMatchObject({ kind: 'Due', reason: 'BeforeExpiry', of: 'APIServer' });
});

const days = fc.integer({ min: 1, max: 900 });
const policies = fc.record({
  every: fc.option(fc.integer({ min: 30, max: 900 }), { nil: undefined }),
  beforeExpiry: fc.option(days, { nil: undefined }),
  notice: fc.integer({ min: 1, max: 30 }),
});

test('a cluster is rotated at most once in seven days and never without its notice, whatever the policy, restarts and lost records', () => {
  const history = fc.record({
    first: policies,
    second: policies,
    editedAt: fc.integer({ min: 0, max: 700 }),
    age: fc.integer({ min: 0, max: 1200 }),
    lostAt: fc.uniqueArray(fc.integer({ min: 0, max: 700 }), { maxLength: 8 }),
    bringsNothing: fc.boolean(),
  });
  fc.assert(
    fc.property(history, ({ first, second, editedAt, age, lostAt, bringsNothing }) => {
      let created = NOW - age * DAY;
      let leafEnd = created + 2 * YEAR;
      let announcedAt: number | undefined;
      let last: AutomaticInput['last'];
      const rotations: number[] = [];
      for (let day = 0; day < 700; day++) {
        const now = NOW + day * DAY;
        const { every, beforeExpiry, notice } = day < editedAt ? first : second;
        if (lostAt.includes(day)) {
          announcedAt = undefined;
          last = undefined;
        }
        const before = announcedAt;
        const found = automaticRotation({
          policy: {
            ...(every === undefined ? {} : { every: every * DAY }),
            ...(beforeExpiry === undefined ? {} : { beforeExpiry: beforeExpiry * DAY }),
            notice: notice * DAY,
            day: DAY,
          },
          clusterCA: { createdAt: created, notAfter: created + 30 * YEAR },
          apiServer: { notBefore: created, notAfter: leafEnd },
          ...{ announcedAt, last, now },
        });
        announcedAt = found?.kind === 'Announced' || found?.kind === 'Due' ? found.announcedAt : undefined;
        if (found?.kind !== 'Due') continue;
        // It was announced, and as long as the policy says now.
        expect(before).toBeDefined();
        expect(now - (before ?? now)).toBeGreaterThanOrEqual(notice * DAY);
        rotations.push(now);
        last = { at: now, ...(found.notAfter === undefined ? {} : { notAfter: found.notAfter }) };
        announcedAt = undefined;
        created = now;
        if (!bringsNothing) leafEnd = now + 2 * YEAR;
      }
      const gaps = rotations.slice(1).map((at, index) => at - (rotations[index] ?? 0));
      expect(Math.min(...gaps, Infinity)).toBeGreaterThanOrEqual(CALM_DAYS * DAY);
    }),
    { numRuns: 300 },
  );
});
