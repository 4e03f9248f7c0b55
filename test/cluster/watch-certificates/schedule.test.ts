import { beforeEach, describe, expect, it } from '@jest/globals';
import { API_VERSION } from '../../../src/api/names.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { readRotationIntent, type RotationIntent } from '../../../src/cluster/model/rotation.ts';
import { clusterKey } from '../../../src/api/resource-id.ts';
import { createSchedule, type Schedule } from '../../../src/cluster/watch-certificates/schedule.ts';
import { OPEN_POLICY } from '../../../src/policy/policy.ts';
import { createRandom } from '../../simulation/random.ts';
import { at, CLUSTER_ID, HOUR, MINUTE, SECOND, START } from '../../harness/build.ts';

const REPORT = { evidence: { readAt: START } };

let now: number;
let schedule: Schedule;
beforeEach(() => {
  now = START;
  schedule = createSchedule({ now: () => now, random: () => 1, timing: DEFAULT_TIMING });
});

function intent(name: string, generation = 1, resourceId = CLUSTER_ID.resourceId): RotationIntent {
  const metadata = { name, namespace: 'team', uid: name, generation, creationTimestamp: at(START) };
  const object = { apiVersion: API_VERSION, kind: 'CertificateRotation', metadata, spec: { target: { resourceId } } };
  return readRotationIntent(object, OPEN_POLICY.grants('team', resourceId));
}

/** A read of the object whose report is written. */
function read(one: RotationIntent, outcome = { hasAccess: true, failed: false }): void {
  schedule.noteRead([one], REPORT, outcome);
  schedule.noteWritten(CLUSTER_ID.key);
}

describe('the schedule', () => {
  it('spaces the reads that fail: a quarter of the interval, then twice as long each time, up to the interval', () => {
    const a = intent('a');
    const waits = (hasAccess: boolean, count: number) =>
      Array.from({ length: count }, () => {
        read(a, { hasAccess, failed: true });
        const wait = schedule.restsMs(a) ?? 0;
        now += wait;
        return wait / MINUTE;
      });
    expect(waits(true, 4)).toEqual([11.25, 22.5, 45, 45]);
    read(a);
    now += 45 * MINUTE;
    expect(waits(false, 7)).toEqual([11.25, 22.5, 45, 90, 180, 360, 360]);
  });

  it('does not read an object more often than every ten seconds, however often it is edited', () => {
    let reads = 0;
    for (let generation = 1; generation <= 600; generation++) {
      const edited = intent('a', generation);
      if (schedule.isDue(edited)) {
        reads += 1;
        read(edited);
      }
      now += SECOND / 10;
    }
    expect(reads).toBe(6);
    now += 10 * SECOND;
    expect(schedule.isDue(intent('a', 1000))).toBe(true);
  });

  it('spreads a thousand clusters whose objects were made at the same time, more with each round', () => {
    const random = createRandom(1);
    schedule = createSchedule({ now: () => now, random: () => random.next(), timing: DEFAULT_TIMING });
    const clusters = Array.from({ length: 1000 }, (_, index) =>
      intent(`c${index}`, 1, `${CLUSTER_ID.resourceId}-${index}`),
    );
    const times: number[] = [];
    const queue = clusters.map((cluster) => ({ cluster, at: START }));
    while (now < START + 24 * HOUR) {
      const due = queue.filter(({ at }) => at <= now);
      for (const one of due) {
        times.push(now);
        schedule.noteRead([one.cluster], REPORT, { hasAccess: false, failed: false });
        schedule.noteWritten(clusterKey(one.cluster.object.spec.target.resourceId));
        one.at = now + (schedule.restsMs(one.cluster) ?? 0);
      }
      now += MINUTE;
    }
    const mostAMinute = (from: number, to: number) => {
      const minutes = times.filter((time) => time >= START + from && time < START + to);
      const byMinute = Map.groupBy(minutes, (time) => time);
      return Math.max(...[...byMinute.values()].map(({ length }) => length));
    };
    expect(mostAMinute(0, MINUTE)).toBe(1000);
    expect(mostAMinute(HOUR, 7 * HOUR)).toBeLessThan(60);
    expect(mostAMinute(13 * HOUR, 24 * HOUR)).toBeLessThan(40);
    // Six hours apart at most, a tenth less at least.
    expect(times.length).toBeLessThanOrEqual(1000 * 5);
  });

  it('forgets objects that no reconcile names any more', () => {
    const other = CLUSTER_ID.resourceId.replace(/[^/]+$/, 'other');
    read(intent('a'));
    schedule.noteRead([intent('b', 1, other)], REPORT, { hasAccess: true, failed: false });
    now += 24 * HOUR;
    read(intent('a'));
    now += 2 * HOUR;
    // Object a is overdue for an hour, b for more than a day.
    expect(schedule.sweep()).toEqual([other.toLowerCase()]);
    expect(schedule.sweep()).toEqual([]);
    expect(schedule.restsMs(intent('b', 1, other))).toBeUndefined();
  });

  it('keeps the objects that are left of a cluster', () => {
    schedule.noteRead([intent('a'), intent('b')], REPORT, { hasAccess: true, failed: false });
    expect(schedule.retain(CLUSTER_ID.key, [intent('a')])).toBe(false);
    schedule.noteWritten(CLUSTER_ID.key);
    expect([schedule.isDue(intent('a')), schedule.isDue(intent('b'))]).toEqual([false, true]);
    expect(schedule.retain(CLUSTER_ID.key, [])).toBe(true);
    expect(schedule.isDue(intent('a'))).toBe(true);
  });

  it('offers a report that was not written again, for half an hour', () => {
    const a = intent('a');
    schedule.noteRead([a], REPORT, { hasAccess: true, failed: false });
    expect(schedule.unwritten(a)).toBe(REPORT);
    expect(schedule.isDue(a)).toBe(true);
    now += 31 * MINUTE;
    expect([schedule.unwritten(a), schedule.isDue(a)]).toEqual([undefined, false]);
    expect(schedule.restsMs(a)).toBe(14 * MINUTE);
  });
});
