import { beforeEach, describe, expect, it } from '@jest/globals';
import { createSearchSchedule, type SearchSchedule, type Seen } from '../../../src/cluster/find-consumers/schedule.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { at, HOUR, MINUTE, SECOND, START } from '../../harness/build.ts';
import { asking, CA, OTHER, rowOf, type Status } from './objects.ts';

const DAY = 24 * HOUR;
const REPORT = {
  search: { at: START, clusterCA: CA, holders: [], counts: {}, read: 1, notSearched: [], isAllowed: true },
};

let now: number;
let schedule: SearchSchedule;
beforeEach(() => {
  now = START;
  schedule = createSearchSchedule({ now: () => now, random: () => 1, timing: DEFAULT_TIMING });
});

const searched = (ms: number, clusterCASHA256 = CA): Status => ({
  consumers: { searchedAt: at(ms), clusterCASHA256, message: 'Nothing.' },
});
const seenWith = (kind: string | undefined, ahead: boolean) =>
  ({
    observation: { record: { status: kind ? { operation: { kind } } : {} } },
    decision: { outlook: { changeHolds: new Map(ahead ? [['RotateCertificates', {}]] : []) } },
  }) as unknown as Seen;
const CALM = seenWith(undefined, false);

describe('by its status alone, as after a restart, an object is searched', () => {
  it.each<[string, number, Status, object?]>([
    ['at once where it never was', 0, {}],
    ['a day after the last search', 23 * HOUR, searched(START - HOUR)],
    ['at once where that is overdue', -2 * DAY, searched(START - 3 * DAY)],
    ['at once where that lies ahead, because the clock was set back', 0, searched(START + 3 * DAY)],
    ['soon where the cluster has another CA', -55 * MINUTE, searched(START - HOUR, OTHER)],
    [
      'soon after a rotation that was complete after it',
      -55 * MINUTE,
      { ...searched(START - HOUR), lastRotation: rotation(START - MINUTE, OTHER) },
    ],
    [
      'in a minute where the CA that the rotation replaced is still the one that is known',
      MINUTE,
      { ...searched(START - HOUR), lastRotation: rotation(START - MINUTE, CA) },
    ],
    ['soon where it was edited since', -55 * MINUTE, { ...searched(START - HOUR), observedGeneration: 0 }],
    [
      'a day later where the cluster CA is not known',
      23 * HOUR,
      { ...searched(START - HOUR), certificates: [rowOf(undefined)] },
    ],
  ])('%s', (_, wait, status) => {
    expect(schedule.until(asking(status))).toBe(wait);
  });
});

function rotation(completedAt: number, oldCA: string): NonNullable<Status['lastRotation']> {
  return {
    startedAt: at(START - 2 * HOUR),
    completedAt: at(completedAt),
    startedBy: 'ThisController',
    reason: 'Requested',
    oldCA,
  };
}

describe('while a rotation', () => {
  const rotates = { spec: { mode: 'Rotate', acceptDowntime: true }, grants: { rotate: true } } as const;

  it('waits for its checks, an object that asks for it is an hour old at most', () => {
    expect(schedule.until(asking(searched(START - 30 * MINUTE), rotates), seenWith(undefined, true))).toBe(30 * MINUTE);
    expect(schedule.until(asking(searched(START - 2 * HOUR), rotates), seenWith(undefined, true))).toBeLessThanOrEqual(
      0,
    );
    expect(schedule.until(asking(searched(START - 2 * HOUR), rotates), CALM)).toBe(22 * HOUR);
    expect(schedule.until(asking(searched(START - 2 * HOUR)), seenWith(undefined, true))).toBe(22 * HOUR);
  });

  it('runs, nothing is searched', () => {
    expect(schedule.until(asking(), seenWith('RotateCertificates', false))).toBe(Infinity);
    expect(schedule.until(asking(), seenWith('UpdateTrust', false))).toBe(0);
  });
});

describe('after a search', () => {
  it('an object is due while its report is not written, for half an hour, and then a day later', () => {
    const one = asking();
    schedule.note(one, REPORT, false);
    expect([schedule.until(one), schedule.unwritten(one)]).toEqual([0, REPORT]);
    schedule.written([one]);
    expect([schedule.until(asking(searched(START))), schedule.unwritten(one)]).toEqual([DAY, undefined]);
    schedule.note(one, REPORT, false);
    now += 30 * MINUTE;
    expect(schedule.unwritten(one)).toBeUndefined();
  });

  it('one that failed is followed by the next after 10 minutes, and twice as long each time, up to a day', () => {
    const waits = Array.from({ length: 10 }, () => {
      const one = asking(searched(now));
      schedule.note(one, REPORT, true);
      schedule.written([one]);
      const wait = schedule.until(one);
      now += wait;
      return wait / MINUTE;
    });
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
  });

  it('an object that is edited all the time is searched every five minutes', () => {
    let searches = 0;
    for (let generation = 1; generation <= 600; generation++) {
      const one = asking({}, { metadata: { generation } });
      if (schedule.until(one) <= 0) {
        searches += 1;
        schedule.note(one, REPORT, false);
        schedule.written([one]);
      }
      now += SECOND;
    }
    expect(searches).toBe(2);
  });
});

it('an object whose certificates are not read is tried again, less and less often', () => {
  const one = asking({ certificates: [] });
  const waits = Array.from({ length: 11 }, () => {
    const wait = schedule.postpone(one);
    expect(schedule.until(one)).toBe(wait);
    now += wait;
    return wait / SECOND;
  });
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600]);
});
