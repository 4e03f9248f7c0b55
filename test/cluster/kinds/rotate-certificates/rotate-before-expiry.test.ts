import { beforeAll, describe, expect, it } from '@jest/globals';
import { DAY } from '../../../../src/api/long-duration.ts';
import { HOUR, START } from '../../../harness/build.ts';
import type { RotationOptions } from '../../../harness/rotation.ts';
import { announcements, hours, make, policyRig, seenThrough, showing, untilSent, type Made } from './policy-rig.ts';
import { conditionOf, minutes, put, statusOf } from './rotation-rig.ts';

/** A hundred days old at START, from after 72 hours and a bit, and two whose certificates of two years end 20 days after START. */
let [old, next, expiring, foreign]: Made[] = [];
beforeAll(async () => {
  [old, next, expiring, foreign] = await Promise.all([
    make(START - 100 * DAY),
    make(START + 73 * HOUR),
    make(START - 710 * DAY),
    make(START - 710 * DAY, false),
  ]);
});

describe('a rotation for spec.beforeExpiry', () => {
  const BEFORE: RotationOptions = { beforeExpiry: '30d' };

  it('is announced and begun by the date of a certificate that the cluster CA has signed', async () => {
    const rig = policyRig({ r: { ...BEFORE, status: showing(expiring!) } }, expiring!);
    await minutes(rig, 1);
    expect(statusOf(rig)).toMatchObject({ phase: 'Noticed', nextRotation: { reason: 'BeforeExpiry' } });
    await hours(rig, 73);
    await untilSent(rig);
    expect(rig.record?.operation?.rotateCertificates).toMatchObject({
      reason: 'BeforeExpiry',
      notAfter: new Date(expiring!.leaf.validTo).toISOString(),
    });
    await seenThrough(rig, next!);
    expect(statusOf(rig)?.nextRotation).toMatchObject({ reason: 'BeforeExpiry' });
    expect(rig.rotations).toHaveLength(1);
  });

  it('is not begun where AKS has renewed the certificate since', async () => {
    const rig = policyRig({ r: { ...BEFORE, status: showing(expiring!) } }, expiring!);
    await minutes(rig, 1);
    // Of the same key, as of the same CA: the CA of the cluster stays.
    rig.shown = old!.leaf;
    await hours(rig, 80);
    expect(rig.rotations).toEqual([]);
  });

  it('is not begun by a certificate that the cluster CA has not signed, although its dates are the same', async () => {
    const rig = policyRig({ r: { ...BEFORE, status: showing(expiring!) } }, expiring!);
    await minutes(rig, 1);
    rig.shown = foreign!.leaf;
    await hours(rig, 80);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)?.message).toContain('that the cluster CA did not sign');
  });

  it('is not begun while the certificate cannot be read again, which the status says', async () => {
    const rig = policyRig({ r: { ...BEFORE, status: showing(expiring!) } }, expiring!);
    await minutes(rig, 1);
    rig.shown = undefined;
    await hours(rig, 80);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ reason: 'Unreachable' });
    expect(conditionOf(rig)?.message).toContain('refuses connections');
    rig.shown = expiring!.leaf;
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
  });

  it('holds no rotation for spec.every while the certificate cannot be read again', async () => {
    const policy: RotationOptions = { every: '90d', beforeExpiry: '30d' };
    const rig = policyRig({ r: { ...policy, status: showing(expiring!) } }, expiring!);
    await minutes(rig, 1);
    rig.shown = undefined;
    await hours(rig, 72);
    await untilSent(rig);
    expect(rig.record?.operation?.rotateCertificates).toMatchObject({ reason: 'Every' });
  });

  it('is refused beside spec.every, which is followed: the status says both', async () => {
    const policy: RotationOptions = { every: '90d', beforeExpiry: '730d' };
    const rig = policyRig({ r: { ...policy, status: showing(old!) } }, old!);
    await hours(rig, 1);
    expect(statusOf(rig)).toMatchObject({ phase: 'Noticed', nextRotation: { reason: 'Every' } });
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ status: 'True', reason: 'BeforeExpiryTooLong' });
    await hours(rig, 72);
    await untilSent(rig);
    expect(rig.record?.operation?.rotateCertificates).toMatchObject({ reason: 'Every' });
  });

  it('is refused beside spec.every before its announcement as well', async () => {
    const policy: RotationOptions = { every: '200d', beforeExpiry: '730d' };
    const rig = policyRig({ r: { ...policy, status: showing(old!) } }, old!);
    await hours(rig, 1);
    expect(statusOf(rig)).toMatchObject({ phase: 'Idle', nextRotation: { reason: 'Every' } });
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ status: 'True', reason: 'BeforeExpiryTooLong' });
  });

  it.each<[string, object]>([
    ['another authority has signed', { health: 'Intercepted' }],
    ['was not compared with the cluster CA', { signedBySHA256: undefined }],
    ['an earlier cluster CA has signed', { signedBySHA256: '0'.repeat(64) }],
  ])('is not announced for a certificate that %s', async (_, more) => {
    const rig = policyRig({ r: { ...BEFORE, status: showing(expiring!, more) } }, old!);
    await hours(rig, 80);
    expect(rig.rotations).toEqual([]);
    expect(announcements(rig)).toEqual([]);
  });

  it('is refused where it is as long as a new certificate is valid, with the longest that is not', async () => {
    const rig = policyRig({ r: { beforeExpiry: '730d', status: showing(old!) } }, old!);
    await hours(rig, 80);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ status: 'True', reason: 'BeforeExpiryTooLong' });
    expect(conditionOf(rig, 'Ready')?.message).toContain('723d or less');
    expect(statusOf(rig)?.nextRotation).toBeUndefined();
  });

  it('stops after one that brought no later date', async () => {
    const rig = policyRig({ r: { ...BEFORE, status: showing(expiring!) } }, expiring!);
    await minutes(rig, 1);
    await hours(rig, 73);
    await untilSent(rig);
    // Another CA, and a certificate of the old date.
    const again = await make(START - 709 * DAY);
    await seenThrough(rig, { ...again, leaf: expiring!.leaf });
    put(rig, 'r', {
      ...BEFORE,
      generation: 1,
      status: { ...statusOf(rig), ...showing({ ...again, leaf: expiring!.leaf }) },
    });
    await hours(rig, 24 * 12);
    expect(rig.rotations).toHaveLength(1);
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ reason: 'RotationBroughtNothing' });
  });
});

describe('a rotation by a policy that fails', () => {
  it('is not begun again by the policy, and every rotation of a policy waits for a week', async () => {
    const rig = policyRig({ r: { every: '90d' } }, old!);
    await rig.pass();
    await hours(rig, 72);
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    await hours(rig, 24);
    const sent = rig.rotations.length;
    expect(sent).toBeLessThanOrEqual(4);
    expect(conditionOf(rig, 'Stalled')?.status).toBe('True');
    await hours(rig, 24 * 9);
    expect(rig.rotations).toHaveLength(sent);
  });

  it('is not followed by another one while its new nodes cannot join, however old its CA becomes', async () => {
    const rig = policyRig({ r: { every: '30d' } }, old!);
    await rig.pass();
    await hours(rig, 72);
    await untilSent(rig);
    expect(rig.rotations).toHaveLength(1);
    rig.made = next!;
    rig.arm = { ...rig.arm, pools: rig.arm.pools.map((pool) => ({ ...pool, provisioningState: 'Failed' })) };
    await minutes(rig, 10);
    expect(rig.record?.operation).toBeDefined();
    for (let day = 0; day < 40; day++) {
      rig.now += DAY;
      await minutes(rig, 3);
    }
    expect(rig.rotations).toHaveLength(1);
  });
});
