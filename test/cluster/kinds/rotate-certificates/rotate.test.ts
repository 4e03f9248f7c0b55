import { describe, expect, it } from '@jest/globals';
import { KubernetesError } from '../../../../src/kubernetes/client/connection.ts';
import { OPEN_POLICY } from '../../../../src/policy/policy.ts';
import { failure, mark, MINUTE, SECOND, trust } from '../../../harness/build.ts';
import type { MemoryRig } from '../../../harness/memory-rig.ts';
import { ROTATE_POLICY, rotationName } from '../../../harness/rotation.ts';
import {
  begin,
  conditionOf,
  KEY,
  minutes,
  NEW,
  OLD,
  put,
  rigWith,
  rotated,
  ROTATING,
  statusOf,
} from './rotation-rig.ts';

describe('a rotation that is requested', () => {
  it('is recorded, sent once, seen through and reported', async () => {
    const order: string[] = [];
    const rig = rigWith({ r: { replace: OLD } }, () => ({
      beforeRecord: () => void order.push('record'),
      rotate: () => void order.push('POST'),
    }));
    expect(await begin(rig)).toMatchObject({ step: 'Send', sent: 'Accepted' });
    expect(order.slice(0, 3)).toEqual(['record', 'record', 'POST']);
    expect(rig.record?.operation).toMatchObject({
      kind: 'RotateCertificates',
      rotateCertificates: { oldCA: mark(OLD), reason: 'Requested', requestedBy: [rotationName('r')] },
      attempts: 1,
      phase: 'Sent',
    });
    rig.now += 2 * SECOND;
    await rig.pass();
    expect(statusOf(rig)).toMatchObject({ phase: 'Rotating' });
    await rotated(rig);
    expect(rig.record?.operation).toBeUndefined();
    expect(rig.rotations).toEqual(['op-1/1']);
    expect(rig.puts).toEqual([]);
    expect(statusOf(rig)).toMatchObject({
      phase: 'Completed',
      lastRotation: { startedBy: 'ThisController', oldCA: mark(OLD), newCA: mark(NEW), attempts: 1 },
    });
    expect(statusOf(rig)?.lastRotation?.completedAt).toBeDefined();
    expect(conditionOf(rig)).toMatchObject({ status: 'True', reason: 'Rotated' });
    expect(rig.record?.rotation?.casSeen?.map(({ fingerprintSHA256 }) => fingerprintSHA256)).toEqual([
      mark(OLD),
      mark(NEW),
    ]);
    const reasons = rig.events.map(({ event }) => event.reason);
    expect(reasons).toContain('RotationStarted');
    expect(reasons).toContain('RotationCompleted');
  });

  it('is not repeated when the same object is applied again, restored, or its status is lost', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await begin(rig);
    await rotated(rig);
    put(rig, 'r', { replace: OLD });
    await minutes(rig, 3);
    put(rig, 'r', { replace: OLD, generation: 7 });
    await minutes(rig, 3);
    rig.record = undefined;
    put(rig, 'r', { replace: OLD, generation: 8 });
    await minutes(rig, 3);
    expect(rig.rotations).toHaveLength(1);
    expect(conditionOf(rig)).toMatchObject({ status: 'True', reason: 'AlreadyRotated' });
  });

  it('asks ARM for the CA no more once it is answered', async () => {
    const rig = rigWith({ r: { replace: 42 } });
    await minutes(rig, 2);
    const { caReads } = rig;
    expect(caReads).toBeGreaterThan(0);
    await minutes(rig, 10);
    expect(rig.caReads).toBe(caReads);
    expect(rig.rotations).toEqual([]);
  });

  it('satisfies all objects that name the CA, with one POST', async () => {
    const rig = rigWith({ r: { replace: OLD }, s: { replace: OLD } });
    await begin(rig);
    await rotated(rig);
    expect(rig.rotations).toHaveLength(1);
    for (const name of ['r', 's'])
      expect(conditionOf(rig, 'RotationSucceeded', name)).toMatchObject({ reason: 'Rotated' });
  });

  it('is not sent where the policy does not allow it, which the status says', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    rig.policy = OPEN_POLICY;
    await minutes(rig, 5);
    expect(rig.rotations).toEqual([]);
    expect(rig.caReads).toBe(0);
    expect(conditionOf(rig, 'Ready')).toMatchObject({ status: 'False', reason: 'RotationNotAllowed' });
    expect(conditionOf(rig, 'Stalled')).toMatchObject({ status: 'True' });
    rig.policy = ROTATE_POLICY;
    await begin(rig);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is not sent while two objects ask for different ones', async () => {
    const rig = rigWith({ r: { replace: OLD }, s: { replace: 42 } });
    await minutes(rig, 5);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig, 'Ready')).toMatchObject({ reason: 'ConflictingObjects' });
    rig.others.delete(KEY('s'));
    await minutes(rig, 2);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is not sent while the CA cannot be read', async () => {
    const denied = failure(403, 'AuthorizationFailed', { call: 'ListClusterUserCredential' });
    let isDenied = true;
    const rig = rigWith({ r: { replace: OLD } }, () => ({
      kubeconfig: () => (isDenied ? { ok: false, failure: denied } : undefined),
    }));
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ status: 'Unknown', reason: 'AccessDenied' });
    expect(statusOf(rig)).toMatchObject({ phase: 'Preflight' });
    isDenied = false;
    await minutes(rig, 2);
    expect(rig.rotations).toHaveLength(1);
  });

  it.each([
    ['is not a kubeconfig', 'not: [a kubeconfig'],
    [
      'has no CA',
      '{"current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"clusters":[{"name":"c","cluster":{"server":"https://x"}}],"users":[{"name":"u","user":{"token":"SECRET-TOKEN"}}]}',
    ],
  ])('is not sent where the answer of ARM %s, and no message quotes it', async (_, value) => {
    const rig = rigWith({ r: { replace: OLD } }, () => ({ kubeconfig: () => ({ ok: true, value }) }));
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ status: 'Unknown', reason: 'Unreachable' });
    expect(JSON.stringify([rig.record, statusOf(rig)])).not.toContain('SECRET-TOKEN');
  });

  it('is not sent when the CA changes while the nodes are counted', async () => {
    const rig: MemoryRig = rigWith({ r: { replace: OLD } }, (one) => ({
      beforeRecord: () => {
        one.now += 4 * SECOND;
        one.clusterCA = NEW;
      },
    }));
    await begin(rig);
    expect(rig.rotations).toEqual([]);
    expect(rig.record?.operation).toBeUndefined();
  });

  it('is not sent by a read of long ago and one that may be old: another client may have rotated in between', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await rig.pass();
    // The controller was away. Another client's rotation has just ended, and ARM still lists the old CA.
    rig.now += 10 * MINUTE;
    await rig.pass();
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ reason: 'Settling' });
    rig.clusterCA = NEW;
    await minutes(rig, 2);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ status: 'True', reason: 'AlreadyRotated' });
  });

  it('waits for a cluster that is busy, failed or stopped, and holds no change of the list meanwhile', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    rig.add(trust('a', [0]));
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ reason: 'ClusterFailed' });
    expect(rig.puts).toHaveLength(1);
  });
});

describe('a rotation and the record', () => {
  it('is not sent when the record cannot be written', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    rig.refuseRecord = new KubernetesError(409, 'Conflict', 'another client wrote first');
    await expect(begin(rig)).rejects.toThrow();
    expect(rig.rotations).toEqual([]);
  });

  it('is followed by no second POST when the process stops right after the record was written', async () => {
    const rig = rigWith({ r: { replace: OLD } }, () => ({
      rotate: () => {
        throw new Error('the process stops');
      },
    }));
    await expect(begin(rig)).rejects.toThrow('the process stops');
    expect(rig.record?.operation).toMatchObject({ kind: 'RotateCertificates', phase: 'Sent' });
    expect(rig.rotations).toHaveLength(1);
    // It had arrived all the same.
    await rotated(rig);
    expect(rig.rotations).toHaveLength(1);
    expect(conditionOf(rig)).toMatchObject({ reason: 'Rotated' });
  });

  it.each<[string, (rig: MemoryRig) => void]>([
    ['is deleted', (rig) => void rig.others.delete(KEY('r'))],
    ['is suspended', (rig) => put(rig, 'r', { replace: OLD, suspend: true, generation: 2 })],
    ['only watches now', (rig) => put(rig, 'r', { replace: OLD, mode: 'Monitor', generation: 2 })],
    ['may not rotate any more', (rig) => void (rig.policy = OPEN_POLICY)],
  ])('is seen through when its object %s', async (_, change) => {
    const rig = rigWith({ r: { replace: OLD } });
    rig.add(trust('a', []));
    await begin(rig);
    change(rig);
    await rotated(rig);
    expect(rig.record?.operation).toBeUndefined();
    expect(rig.record?.rotation?.lastRotation).toMatchObject({ oldCA: mark(OLD), newCA: mark(NEW) });
    expect(rig.rotations).toHaveLength(1);
  });

  it('is kept although no object is left', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await begin(rig);
    rig.others.delete(KEY('r'));
    await minutes(rig, 1);
    expect(rig.record?.operation).toBeDefined();
    await rotated(rig);
    expect(rig.record).toBeUndefined();
  });
});

describe('a rotation of another client', () => {
  it('is noticed, and satisfies a request that waited', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    rig.arm = { ...rig.arm, provisioningState: ROTATING };
    await minutes(rig, 3);
    expect(conditionOf(rig)).toMatchObject({ reason: 'ClusterBusy' });
    rig.clusterCA = NEW;
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ status: 'True', reason: 'AlreadyRotated' });
    expect(statusOf(rig)?.lastRotation).toMatchObject({
      startedBy: 'AnotherClient',
      oldCA: mark(OLD),
      newCA: mark(NEW),
    });
  });

  it('is not repeated while ARM still lists the old CA after its end', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    rig.arm = { ...rig.arm, provisioningState: ROTATING };
    await minutes(rig, 3);
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    await minutes(rig, 4);
    rig.clusterCA = NEW;
    await minutes(rig, 10);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ reason: 'AlreadyRotated' });
  });

  it('is not repeated for a request that comes right after its end', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await rig.pass();
    rig.now += 50 * SECOND;
    await rig.pass();
    rig.clusterCA = NEW;
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
  });

  it('of a cluster that was created again is none, and nothing of the old one counts', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await begin(rig);
    rig.arm = { ...rig.arm, resourceUID: 'uid-2', provisioningState: 'Succeeded' };
    rig.clusterCA = NEW;
    await minutes(rig, 3);
    expect(rig.record?.operation).toBeUndefined();
    expect(rig.rotations).toHaveLength(1);
    expect(conditionOf(rig)).toMatchObject({ reason: 'AlreadyRotated' });
  });
});

describe('a rotation and the list of custom CAs', () => {
  it('goes before a pending change, and the change follows, one at a time', async () => {
    const rig = rigWith({ r: { replace: OLD } });
    await rig.pass();
    rig.add(trust('a', [0]));
    await minutes(rig, 1);
    expect([rig.rotations.length, rig.puts.length]).toEqual([1, 0]);
    rig.arm = { ...rig.arm, provisioningState: ROTATING };
    await minutes(rig, 5);
    expect(rig.puts).toEqual([]);
    expect(rig.condition('team/a', 'Ready')?.message).toMatch(/^AKS rotates the certificates of the cluster/);
    await rotated(rig);
    await minutes(rig, 3);
    expect([rig.rotations.length, rig.puts.length]).toEqual([1, 1]);
    expect(rig.condition('team/a', 'Ready')).toMatchObject({ status: 'True' });
  });

  it('waits for an operation on the list that is recorded', async () => {
    const rig = rigWith({});
    rig.add(trust('a', [0]));
    await rig.pass();
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    put(rig, 'r', { replace: OLD });
    await minutes(rig, 5);
    expect(rig.rotations).toEqual([]);
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    await minutes(rig, 3);
    expect(rig.rotations).toHaveLength(1);
  });

  it('lets one change of the list follow each rotation, although another rotation is due', async () => {
    const order: string[] = [];
    const rig = rigWith({ r: { replace: OLD } }, () => ({
      rotate: () => void order.push('POST'),
      put: () => void order.push('PUT'),
    }));
    await rig.pass();
    rig.add(trust('a', [0]));
    await minutes(rig, 1);
    rig.arm = { ...rig.arm, provisioningState: ROTATING };
    await minutes(rig, 2);
    put(rig, 'r', { replace: NEW, generation: 2 });
    await rotated(rig, NEW);
    await minutes(rig, 3);
    expect(order).toEqual(['POST', 'PUT', 'POST']);
  });

  it('does not hold the list while ARM refuses it', async () => {
    const denied = failure(403, 'AuthorizationFailed', { call: 'RotateClusterCertificates' });
    const rig = rigWith({ r: { replace: OLD } }, () => ({ rotate: () => ({ ok: false, failure: denied }) }));
    await begin(rig);
    expect(rig.record?.rotation?.refusal).toMatchObject({ reason: 'AccessDenied' });
    expect(rig.record?.refusal).toBeUndefined();
    rig.add(trust('a', [0]));
    await minutes(rig, 4);
    expect(rig.puts).toHaveLength(1);
    expect(rig.condition('team/a', 'Ready')).toMatchObject({ status: 'True' });
    expect(conditionOf(rig)).toMatchObject({ reason: 'AccessDenied' });
    await minutes(rig, 24 * 60);
    expect(rig.rotations.length).toBeLessThan(50);
    expect(rig.puts).toHaveLength(1);
  });

  it('is checked again in its own time, although the list waits for longer', async () => {
    const expired = failure(400, 'BadRequest', {
      message: 'Current Certificates are expired, please rotate certificate.',
    });
    const rig = rigWith({}, () => ({ put: () => ({ ok: false, failure: expired }) }));
    rig.add(trust('a', [0]));
    await minutes(rig, 2);
    put(rig, 'r', { replace: OLD });
    await rig.pass();
    rig.now += SECOND;
    expect((await rig.pass()).afterMs).toBeLessThanOrEqual(MINUTE);
  });

  it('goes on with a change that ARM refused because the certificates had expired', async () => {
    let isExpired = true;
    const expired = failure(400, 'BadRequest', {
      message: 'Current Certificates are expired, please rotate certificate.',
    });
    const rig = rigWith({}, () => ({ put: () => (isExpired ? { ok: false, failure: expired } : undefined) }));
    rig.add(trust('a', [0]));
    await minutes(rig, 2);
    expect(rig.condition('team/a', 'Ready')).toMatchObject({ reason: 'ClusterCertificatesExpired' });
    put(rig, 'r', { replace: OLD });
    await minutes(rig, 2);
    expect(rig.rotations).toHaveLength(1);
    isExpired = false;
    await rotated(rig);
    await minutes(rig, 3);
    // The first, one that the new object released, and the one after the rotation.
    expect(rig.puts).toHaveLength(3);
    expect(rig.condition('team/a', 'Ready')).toMatchObject({ status: 'True' });
  });
});
