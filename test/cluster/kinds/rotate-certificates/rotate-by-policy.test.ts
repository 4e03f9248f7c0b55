import { beforeAll, describe, expect, it } from '@jest/globals';
import { DAY } from '../../../../src/api/long-duration.ts';
import { OPEN_POLICY } from '../../../../src/policy/policy.ts';
import { at, HOUR, MINUTE, START } from '../../../harness/build.ts';
import type { MemoryRig } from '../../../harness/memory-rig.ts';
import { ROTATE_POLICY, rotationName, type RotationOptions } from '../../../harness/rotation.ts';
import { announcements, hours, make, policyRig, seenThrough, showing, untilSent, type Made } from './policy-rig.ts';
import { conditionOf, minutes, put, ROTATING, statusOf } from './rotation-rig.ts';

/** A hundred days old at START; the other is from after 72 hours and a bit. */
let [old, next]: Made[] = [];
const CREATED = START - 100 * DAY;
beforeAll(async () => {
  [old, next] = await Promise.all([make(CREATED), make(START + 73 * HOUR)]);
});

const EVERY: RotationOptions = { every: '90d', createdAt: START - 300 * HOUR };

describe('a rotation for spec.every', () => {
  it('is announced at first sight, begins after its notice, and the next one is planned by the age of the new CA', async () => {
    const rig = policyRig({ r: { ...EVERY, status: showing(old!) } }, old!);
    await rig.pass();
    expect(statusOf(rig)).toMatchObject({
      phase: 'Noticed',
      nextRotation: { at: at(START + 72 * HOUR).replace('.000', ''), reason: 'Every' },
    });
    expect(rig.record?.rotation?.notice).toMatchObject({ since: at(START), oldCA: old!.fingerprint });
    expect(conditionOf(rig, 'Ready')?.message).toContain('is announced for');
    const { caReads } = rig;
    await hours(rig, 71);
    expect([rig.rotations, rig.caReads, announcements(rig).length]).toEqual([[], caReads, 1]);
    await hours(rig, 1);
    expect(statusOf(rig)).toMatchObject({ phase: 'Preflight' });
    await untilSent(rig);
    expect(rig.rotations).toEqual(['op-1/1']);
    expect(rig.record?.operation?.rotateCertificates).toEqual({
      oldCA: old!.fingerprint,
      reason: 'Every',
      requestedBy: [rotationName('r')],
    });
    await seenThrough(rig, next!);
    expect(statusOf(rig)).toMatchObject({
      phase: 'Completed',
      lastRotation: { reason: 'Every', newCA: next!.fingerprint },
      nextRotation: { at: at(START + 73 * HOUR + 90 * DAY).replace('.000', ''), reason: 'Every' },
    });
    expect(statusOf(rig)?.nextRotation?.announcedAt).toBeUndefined();
    expect(conditionOf(rig)?.message).toContain('for spec.every');
    expect(rig.record?.rotation?.notice).toBeUndefined();
    rig.now = START + 73 * HOUR + 87 * DAY - MINUTE;
    await rig.pass();
    expect(announcements(rig)).toHaveLength(1);
    await minutes(rig, 2);
    expect(announcements(rig)).toHaveLength(2);
    expect(statusOf(rig)).toMatchObject({ phase: 'Noticed' });
    expect(rig.rotations).toHaveLength(1);
  });

  it('lets a cluster rest until the announcement, and from then until the rotation, and asks ARM for no CA meanwhile', async () => {
    const rig = policyRig({ r: { every: '110d' } }, old!);
    await rig.pass();
    const summary = await rig.pass();
    expect(summary.resting?.untilMs).toBe(7 * DAY + 1000);
    expect(statusOf(rig)).toMatchObject({ phase: 'Idle', nextRotation: { reason: 'Every' } });
    rig.now += 7 * DAY + 1000;
    const announced = await rig.pass();
    expect(announced.resting?.untilMs).toBe(6 * HOUR + 1000);
    expect(rig.caReads).toBe(2);
    expect(conditionOf(rig, 'Ready')?.reason).not.toBe('Updating');
  });

  it.each<[string, (rig: MemoryRig) => void]>([
    ['its record is lost', (rig) => void (rig.record = undefined)],
    ['it was suspended', (rig) => put(rig, 'r', { ...EVERY, suspend: true, status: statusOf(rig), generation: 2 })],
    ['it only watched', (rig) => put(rig, 'r', { ...EVERY, mode: 'Monitor', generation: 2 })],
    ['it was not allowed', (rig) => void (rig.policy = OPEN_POLICY)],
    ['the controller noted it by a clock that was ahead', (rig) => void (rig.now -= 200 * HOUR)],
  ])('is announced anew after %s', async (_, change) => {
    const rig = policyRig({ r: EVERY }, old!);
    await rig.pass();
    await hours(rig, 71);
    change(rig);
    await rig.pass();
    rig.policy = ROTATE_POLICY;
    put(rig, 'r', { ...EVERY, status: statusOf(rig), generation: 3 });
    const before = rig.now;
    await rig.pass();
    await hours(rig, 70);
    expect(rig.rotations).toEqual([]);
    expect(statusOf(rig)).toMatchObject({
      phase: 'Noticed',
      nextRotation: { at: at(before + 72 * HOUR).replace('.000', '') },
    });
    await hours(rig, 2);
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
  });

  it.each<[string, RotationOptions]>([
    ['is suspended', { ...EVERY, suspend: true }],
    ['only watches', { ...EVERY, mode: 'Monitor' }],
    ['is being deleted', { ...EVERY, deleting: true }],
  ])('is neither planned nor announced for an object that %s', async (_, options) => {
    const rig = policyRig({ r: options }, old!);
    await minutes(rig, 3);
    expect(statusOf(rig)?.nextRotation).toBeUndefined();
    expect([rig.caReads, announcements(rig).length]).toEqual([0, 0]);
    expect(rig.record?.rotation?.notice).toBeUndefined();
  });

  it('follows an edit: a longer one takes the announcement back, a longer notice moves it', async () => {
    const rig = policyRig({ r: EVERY }, old!);
    await rig.pass();
    await hours(rig, 24);
    put(rig, 'r', { every: '90d', notice: '10d', generation: 2, status: statusOf(rig) });
    await rig.pass();
    expect(statusOf(rig)?.nextRotation?.at).toBe(at(START + 11 * DAY).replace('.000', ''));
    expect(announcements(rig)).toHaveLength(2);
    put(rig, 'r', { every: '200d', generation: 3, status: statusOf(rig) });
    await rig.pass();
    expect(statusOf(rig)).toMatchObject({
      phase: 'Idle',
      nextRotation: { at: at(START + 100 * DAY).replace('.000', '') },
    });
    expect(rig.record?.rotation?.notice).toBeUndefined();
    put(rig, 'r', { ...EVERY, generation: 4, status: statusOf(rig) });
    await rig.pass();
    expect(statusOf(rig)?.nextRotation?.at).toBe(at(START + 96 * HOUR).replace('.000', ''));
  });

  it.each([-4 * 24 * 60, -6, 6])('is not announced while our clock is %s minutes from that of ARM', async (apart) => {
    const right = START + 10 * DAY;
    const rig = policyRig({ r: EVERY }, old!, () => right - rig.now);
    rig.now = right + apart * MINUTE;
    await rig.pass();
    expect(conditionOf(rig, 'Ready')?.message).toContain('clock is');
    expect([announcements(rig), rig.record?.rotation?.notice, rig.rotations]).toEqual([[], undefined, []]);
    rig.now = right;
    await rig.pass();
    expect(statusOf(rig)).toMatchObject({ phase: 'Noticed' });
    expect(rig.record?.rotation?.notice?.since).toBe(at(right));
  });

  it.each<[string, (rig: MemoryRig) => void]>([
    [
      'is for another object of the same cluster',
      (rig) => {
        rig.others.clear();
        put(rig, 'q', EVERY);
      },
    ],
    ['has another policy', (rig) => put(rig, 'r', { every: '60d', generation: 2 })],
    ['is from a record of a backup', (rig) => void (rig.now += 30 * DAY)],
    ['nobody could see for more than a day', (rig) => void (rig.now += 25 * HOUR)],
  ])('counts no announcement that %s', async (_, change) => {
    const rig = policyRig({ r: EVERY }, old!);
    await rig.pass();
    await hours(rig, 71);
    change(rig);
    await hours(rig, 2);
    await minutes(rig, 15);
    expect(rig.rotations).toEqual([]);
    await hours(rig, 72);
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is announced once for two objects with the same policy, of which one came later', async () => {
    const rig = policyRig({ r: EVERY }, old!);
    await hours(rig, 24);
    put(rig, 's', EVERY);
    await hours(rig, 49);
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is dropped where another client has rotated since it was announced', async () => {
    const rig = policyRig({ r: EVERY }, old!);
    await rig.pass();
    rig.made = next!;
    rig.shown = next!.leaf;
    await hours(rig, 73);
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(statusOf(rig)).toMatchObject({
      phase: 'Idle',
      lastRotation: { startedBy: 'AnotherClient' },
      nextRotation: { at: at(START + 73 * HOUR + 90 * DAY).replace('.000', '') },
    });
  });

  it.each([
    ['ended right before, unseen', 0],
    ['ended a moment after it was seen to run', 4],
  ])(
    'is not begun where a rotation of another client %s, and ARM lists the old CA for 4 minutes',
    async (_, minutesSeen) => {
      const rig = policyRig({ r: EVERY }, old!);
      await rig.pass();
      await hours(rig, 71);
      rig.now += HOUR;
      if (minutesSeen > 0) {
        rig.arm = { ...rig.arm, provisioningState: ROTATING };
        await rig.pass();
        rig.now += minutesSeen * MINUTE;
        rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
      }
      await rig.pass();
      await minutes(rig, 4);
      rig.made = next!;
      rig.shown = next!.leaf;
      await minutes(rig, 10);
      expect(rig.rotations).toEqual([]);
      expect(statusOf(rig)).toMatchObject({ phase: 'Idle', lastRotation: { startedBy: 'AnotherClient' } });
    },
  );

  it('waits for the window of the object, for whose opening it is announced', async () => {
    // START is a Monday.
    const window = { schedule: '0 2 * * 6', durationHours: 4 };
    const rig = policyRig({ r: { ...EVERY, window } }, old!);
    await rig.pass();
    expect(statusOf(rig)?.nextRotation?.at).toBe('2026-03-07T02:00:00Z');
    const { caReads } = rig;
    await hours(rig, 80);
    expect([statusOf(rig)?.phase, rig.caReads, announcements(rig).length]).toEqual(['Noticed', caReads, 1]);
    expect((await rig.pass()).resting?.untilMs).toBeLessThanOrEqual(6 * HOUR + 1000);
    await hours(rig, 33);
    rig.now = Date.parse('2026-03-07T02:00:01Z');
    await rig.pass();
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is announced for the next window where a check has kept it from this one, and says what that was', async () => {
    const window = { schedule: '0 2 * * 6', durationHours: 4 };
    const rig = policyRig({ r: { ...EVERY, window } }, old!);
    rig.mayRotate = false;
    await rig.pass();
    await hours(rig, 113);
    rig.now = Date.parse('2026-03-07T02:00:01Z');
    await rig.pass();
    await minutes(rig, 2);
    expect(conditionOf(rig, 'Ready')).toMatchObject({ reason: 'PreflightFailed' });
    await hours(rig, 5);
    expect(statusOf(rig)).toMatchObject({ phase: 'Noticed', nextRotation: { at: '2026-03-14T02:00:00Z' } });
    expect(conditionOf(rig, 'PreflightPassed')).toMatchObject({ status: 'False' });
    rig.mayRotate = true;
    await hours(rig, 162);
    rig.now = Date.parse('2026-03-14T02:00:01Z');
    await rig.pass();
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
  });

  it('waits for the maintenance window of the cluster, which is read once it is due', async () => {
    const window = { maintenanceConfiguration: 'aksManagedNodeOSUpgradeSchedule' } as const;
    const rig = policyRig({ r: { ...EVERY, window } }, old!);
    await hours(rig, 80);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ reason: 'InvalidWindow' });
  });

  it('is not begun while two objects ask for different ones, and begun once for two that ask for the same', async () => {
    const rig = policyRig({ r: EVERY, s: { every: '100d' } }, old!);
    await hours(rig, 80);
    expect(rig.rotations).toEqual([]);
    for (const name of ['r', 's'])
      expect(conditionOf(rig, 'Stalled', name)).toMatchObject({ reason: 'ConflictingObjects' });
    put(rig, 's', { every: '2160h', generation: 2 });
    await hours(rig, 73);
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
    expect(rig.record?.operation?.rotateCertificates?.requestedBy).toHaveLength(2);
  });

  it('does not hold a request, which needs no notice', async () => {
    const rig = policyRig({ r: { ...EVERY, request: { replaceCA: old!.fingerprint } } as RotationOptions }, old!);
    await untilSent(rig);
    expect(rig.record?.operation?.rotateCertificates?.reason).toBe('Requested');
    expect(announcements(rig)).toEqual([]);
  });

  it.each([
    ['is answered already', CREATED - DAY],
    ['came too late', START - 2 * DAY],
  ])('is not held by a request that %s', async (_, requestedAt) => {
    const rig = policyRig({ r: { ...EVERY, requestedAt: at(requestedAt) } }, old!);
    await minutes(rig, 2);
    expect(statusOf(rig)).toMatchObject({ phase: 'Noticed' });
    await hours(rig, 73);
    await untilSent(rig);
    expect(rig.record?.operation?.rotateCertificates?.reason).toBe('Every');
  });

  it('says why where the CA cannot be read, and announces nothing', async () => {
    const rig = policyRig({ r: EVERY }, old!);
    rig.made = { ...old!, ca: 'no certificate' };
    await minutes(rig, 2);
    expect(conditionOf(rig)).toMatchObject({ status: 'Unknown', reason: 'Unreachable' });
    expect(rig.record?.rotation?.notice).toBeUndefined();
  });
});
