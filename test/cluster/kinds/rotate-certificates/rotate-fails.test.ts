import { describe, expect, it } from '@jest/globals';
import type { OperationStatus } from '../../../../src/azure/managed-clusters.ts';
import { makeAuthority } from '../../../cluster-certificates/authority.ts';
import { failure, HOUR, mark, MINUTE, pem, SECOND, trust } from '../../../harness/build.ts';
import { kubeconfigWith, type MemoryRig } from '../../../harness/memory-rig.ts';
import { begin, conditionOf, minutes, NEW, OLD, put, rigWith, rotated, ROTATING, statusOf } from './rotation-rig.ts';

describe('a POST without an answer', () => {
  const lost = { ok: false, failure: failure(0, 'NoAnswer', { call: 'RotateClusterCertificates' }) } as const;

  it('is not sent again while anything shows that it arrived', async () => {
    const rig = rigWith({ r: { replace: OLD } }, () => ({ rotate: () => lost }));
    await begin(rig);
    await minutes(rig, 2);
    await rotated(rig);
    expect(rig.rotations).toHaveLength(1);
    expect(conditionOf(rig)).toMatchObject({ reason: 'Rotated' });
  });

  it('is sent again only after two reads a minute apart, both five minutes after it', async () => {
    const rig = rigWith({ r: { replace: OLD } }, () => ({ rotate: () => lost }));
    await begin(rig);
    const sentAt = rig.now;
    while (rig.rotations.length < 2 && rig.now < sentAt + HOUR) {
      rig.now += 10 * SECOND;
      await rig.pass();
    }
    expect(rig.now - sentAt).toBeGreaterThanOrEqual(6 * MINUTE);
    expect(rig.now - sentAt).toBeLessThan(10 * MINUTE);
    expect(rig.rotations).toEqual(['op-1/1', 'op-2/1']);
  });

  it('is bounded however long ARM gives no answer', async () => {
    const rig = rigWith({ r: { replace: OLD } }, () => ({ rotate: () => lost }));
    await begin(rig);
    await minutes(rig, 24 * 60);
    expect(rig.rotations.length).toBeLessThan(32);
    expect(conditionOf(rig)).toMatchObject({ reason: 'Unreachable' });
  });

  it('needs a person after ARM accepted three that had no effect', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await begin(rig);
    await minutes(rig, 6 * 60);
    expect(rig.rotations).toHaveLength(3);
    expect(conditionOf(rig, 'Ready')).toMatchObject({ reason: 'NotKept' });
    expect(conditionOf(rig, 'Ready')?.message).toMatch(/^ARM accepted the rotation 3 times/);
  });
});

describe('a rotation that fails', () => {
  const own: OperationStatus = { status: 'Failed', code: 'X', message: 'the cause' };

  /** ARM ends each attempt with Failed after it ran for a minute. */
  function failing(): MemoryRig {
    return rigWith({ r: { replace: OLD } }, (rig) => ({
      rotate: () => void (rig.arm = { ...rig.arm, provisioningState: ROTATING }),
      operationStatus: () => (rig.arm.provisioningState === 'Failed' ? own : undefined),
    }));
  }

  async function untilFailed(rig: MemoryRig): Promise<number> {
    await minutes(rig, 1);
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    await minutes(rig, 1);
    const at = rig.now;
    const before = rig.rotations.length;
    while (rig.rotations.length === before && rig.now < at + 3 * HOUR) await minutes(rig, 1);
    return (rig.now - at) / MINUTE;
  }

  it('is sent again after 5, 15 and 45 minutes, and then only after an edit', async () => {
    const rig = failing();
    await begin(rig);
    const waits = [await untilFailed(rig), await untilFailed(rig), await untilFailed(rig)];
    expect(waits).toEqual([5, 15, 45]);
    expect(conditionOf(rig, 'Stalled')).toBeUndefined();
    expect(await untilFailed(rig)).toBeGreaterThan(100);
    expect(rig.rotations).toEqual(['op-1/1', 'op-1/2', 'op-1/3', 'op-1/4']);
    expect(statusOf(rig)).toMatchObject({ phase: 'Failed' });
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ reason: 'RotationFailed' });
    expect(conditionOf(rig)?.message).toMatch(/the cause\. It was sent 4 times\. Open a support request/);
    put(rig, 'r', { replace: OLD, generation: 2, status: statusOf(rig) });
    await minutes(rig, 1);
    expect(rig.rotations).toHaveLength(5);
  });

  it.each([
    ['keeps the CA of the first', 42],
    ['makes a third CA, which ARM lists some minutes later', NEW],
  ])('is complete once another attempt %s', async (_, last) => {
    const rig = failing();
    await begin(rig);
    rig.clusterCA = 42;
    await untilFailed(rig);
    await rotated(rig, 42);
    expect(conditionOf(rig)).toMatchObject({ status: 'Unknown' });
    expect(conditionOf(rig)?.message).toContain('The cluster has the CA of an earlier attempt.');
    rig.clusterCA = last;
    await minutes(rig, 5);
    expect(rig.rotations).toHaveLength(2);
    expect(conditionOf(rig)).toMatchObject({ reason: 'Rotated' });
    expect(rig.record?.rotation?.lastRotation).toMatchObject({ newCA: mark(last), attempts: 2 });
  });

  it('is complete at once with a CA that is younger than the last attempt', async () => {
    const ca = { text: pem(NEW) };
    const rig = rigWith({ r: { replace: OLD } }, (self) => ({
      rotate: () => void (self.arm = { ...self.arm, provisioningState: ROTATING }),
      operationStatus: () => (self.arm.provisioningState === 'Failed' ? own : undefined),
      kubeconfig: () => (self.clusterCA === OLD ? undefined : { ok: true, value: kubeconfigWith(ca.text) }),
    }));
    await begin(rig);
    await untilFailed(rig);
    const createdAt = rig.now + 30 * SECOND;
    ca.text = String((await makeAuthority(createdAt - 10 * MINUTE)).certificate);
    await rotated(rig);
    expect(conditionOf(rig)).toMatchObject({ reason: 'Rotated' });
  });

  it.each([
    ['sent again where it ran until a moment before', 1, 'RotationFailed', 2],
    ['held where it ran long before, because another client may have failed since', 5, 'ClusterFailed', 1],
  ])('of which ARM keeps no status, and which left another CA, is %s', async (_, gap, reason, attempts) => {
    const rig = rigWith({ r: { replace: OLD } });
    await begin(rig);
    rig.arm = { ...rig.arm, provisioningState: ROTATING };
    await minutes(rig, 2);
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    rig.clusterCA = NEW;
    rig.now += (gap - 1) * MINUTE;
    await minutes(rig, 2);
    expect(conditionOf(rig)).toMatchObject({ reason });
    await minutes(rig, 5);
    expect(rig.rotations).toHaveLength(attempts);
  });

  it('is not started anew when the cluster is brought to Succeeded with the same CA', async () => {
    const rig = failing();
    await begin(rig);
    await minutes(rig, 1);
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    await minutes(rig, 2);
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    await minutes(rig, 60);
    expect(rig.rotations).toHaveLength(1);
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ reason: 'RotationFailed' });
    put(rig, 'r', { replace: OLD, generation: 2, status: statusOf(rig) });
    await minutes(rig, 1);
    expect(rig.rotations).toEqual(['op-1/1', 'op-2/1']);
  });

  it('is not sent again over a failure that may be of another client', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await begin(rig);
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    await minutes(rig, 120);
    expect(rig.rotations).toHaveLength(1);
    expect(conditionOf(rig)).toMatchObject({ reason: 'ClusterFailed' });
  });

  it('holds after a person canceled it, until a new request', async () => {
    const rig = failing();
    await begin(rig);
    await minutes(rig, 1);
    rig.arm = { ...rig.arm, provisioningState: 'Canceled' };
    await minutes(rig, 120);
    expect(rig.rotations).toHaveLength(1);
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ reason: 'RotationCanceled' });
    // No edit that stops it, and none of an object that may not rotate, starts it again.
    rig.add(trust('another', [1]));
    put(rig, 'r', { replace: OLD, generation: 2, suspend: true, status: statusOf(rig) });
    await minutes(rig, 10);
    put(rig, 'r', { replace: OLD, generation: 3, mode: 'Monitor', status: statusOf(rig) });
    await minutes(rig, 10);
    expect(rig.rotations).toHaveLength(1);
    put(rig, 'r', { replace: OLD, generation: 4, status: statusOf(rig) });
    await minutes(rig, 1);
    expect(rig.rotations).toEqual(['op-1/1', 'op-1/2']);
  });

  it('is neither sent again nor aborted while it hangs, and needs a person after 90 minutes', async () => {
    const rig = failing();
    await begin(rig);
    await minutes(rig, 46);
    expect(conditionOf(rig)).toMatchObject({ status: 'Unknown', reason: 'RotationSlow' });
    expect(conditionOf(rig, 'Stalled')).toBeUndefined();
    await minutes(rig, 45);
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ reason: 'RotationHangs' });
    await minutes(rig, 12 * 60);
    expect(rig.rotations).toHaveLength(1);
    await rotated(rig);
    expect(conditionOf(rig)).toMatchObject({ reason: 'Rotated' });
  });
});
