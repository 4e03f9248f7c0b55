import { describe, expect, it } from '@jest/globals';
import type { OperationStatus } from '../../../../src/azure/managed-clusters.ts';
import { HOUR, START } from '../../../harness/build.ts';
import type { MemoryRig } from '../../../harness/memory-rig.ts';
import { rotation, ROTATE_GRANTS, ROTATE_POLICY, type RotationOptions } from '../../../harness/rotation.ts';
import { hours, make, policyRig } from './policy-rig.ts';
import { begin, conditionOf, KEY, minutes, OLD, put, rigWith, ROTATING, statusOf } from './rotation-rig.ts';

const DAY = 24 * HOUR;
/** Opens at 20:00 for an hour; the histories begin at 08:00. */
const LATER = { schedule: '0 20 * * *', timeZone: 'Etc/UTC', durationHours: 1 } as const;
const ASKED = { replace: OLD };
const OTHER = 'other/certificaterotations/o';

const other = (options: RotationOptions) => rotation('o', { namespace: 'other', ...options });

type Ended = (rig: MemoryRig) => Promise<void>;

/** The object `r` asked for a rotation. After its last attempt, the cluster is in the state that ARM leaves. */
const ENDS: readonly (readonly [name: string, seed: RotationOptions, end: Ended])[] = [
  ['that a person canceled', ASKED, canceled],
  ['that has failed for good', ASKED, failedForGood],
  ['that was canceled, in a cluster that is Succeeded again', ASKED, over],
];

const own: OperationStatus = { status: 'Failed', code: 'X', message: 'the cause' };

async function ended(object: RotationOptions, end: Ended): Promise<MemoryRig> {
  const rig = rigWith({ r: object }, (self) => ({
    rotate: () => void (self.arm = { ...self.arm, provisioningState: ROTATING }),
    operationStatus: () => (self.arm.provisioningState === 'Failed' ? own : undefined),
  }));
  await begin(rig);
  await end(rig);
  rig.rotations.length = 0;
  return rig;
}

async function canceled(rig: MemoryRig): Promise<void> {
  await minutes(rig, 2);
  rig.arm = { ...rig.arm, provisioningState: 'Canceled' };
  await minutes(rig, 2);
}

async function failedForGood(rig: MemoryRig): Promise<void> {
  for (let attempt = 0; attempt < 4; attempt++) {
    await minutes(rig, 1);
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    await minutes(rig, attempt < 3 ? [5, 15, 45][attempt]! + 1 : 2);
  }
  expect(rig.rotations).toHaveLength(4);
}

async function over(rig: MemoryRig): Promise<void> {
  await canceled(rig);
  rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
  await minutes(rig, 120);
  expect(rig.record?.rotation?.ended).toBeDefined();
}

const edit = (rig: MemoryRig, options: RotationOptions, generation = 2) =>
  put(rig, 'r', { status: statusOf(rig), generation, ...options });

describe.each(ENDS)('a rotation %s', (_, object, end) => {
  const start = () => ended(object, end);

  it.each([
    ['the request is withdrawn', (rig: MemoryRig) => edit(rig, {})],
    ['the request names another CA', (rig: MemoryRig) => edit(rig, { replace: 99 })],
    ['the object asks for a later one by its policy', (rig: MemoryRig) => edit(rig, { every: '36500d' })],
    [
      'an object of another namespace asks for one',
      (rig: MemoryRig) => void rig.others.set(OTHER, other({ every: '3650d' })),
    ],
    ['an object of another namespace names the CA', (rig: MemoryRig) => void rig.others.set(OTHER, other(ASKED))],
  ])('is not sent again when %s', async (__, change) => {
    const rig = await start();
    change(rig);
    await minutes(rig, 30);
    expect(rig.rotations).toEqual([]);
  });

  it('is not sent again when the policy file grants another namespace rotations', async () => {
    const rig = await start();
    rig.policy = { ...ROTATE_POLICY, grants: () => ({ ...ROTATE_GRANTS, rotate: false }) };
    rig.others.set(OTHER, other(ASKED));
    await minutes(rig, 3);
    rig.policy = ROTATE_POLICY;
    await minutes(rig, 30);
    expect(rig.rotations).toEqual([]);
  });

  it('waits for the window of the object that is edited', async () => {
    const rig = await start();
    edit(rig, { ...ASKED, window: LATER });
    await minutes(rig, 30);
    expect(rig.rotations).toEqual([]);
    expect(conditionOf(rig)).toMatchObject({ reason: 'WaitingForWindow' });
    rig.now = START - (START % DAY) + 20 * HOUR;
    await minutes(rig, 3);
    expect(rig.rotations).toHaveLength(1);
  });

  it.each([
    ['an edit of an object that still asks', (rig: MemoryRig) => edit(rig, { ...ASKED, findConsumers: true })],
    [
      'a reconcile request',
      (rig: MemoryRig) => edit(rig, { ...ASKED, annotations: { 'aks-ca-trust.dev/reconcile-requested-at': 'now' } }, 1),
    ],
  ])('is sent again after %s', async (__, change) => {
    const rig = await start();
    change(rig);
    await minutes(rig, 3);
    expect(rig.rotations).toHaveLength(1);
  });

  it('is sent again after an edit of an object that came later, and names its CA', async () => {
    const rig = await start();
    rig.others.set(OTHER, other(ASKED));
    await minutes(rig, 3);
    expect(rig.rotations).toEqual([]);
    rig.others.set(OTHER, other({ ...ASKED, generation: 2 }));
    await minutes(rig, 3);
    expect(rig.rotations).toHaveLength(1);
  });
});

it.each(ENDS.slice(0, 2))('%s is not sent again when its object comes back from a backup', async (_, object, end) => {
  const rig = await ended(object, end);
  const lost = rig.others.get(KEY('r'))!;
  rig.others.delete(KEY('r'));
  await minutes(rig, 2);
  rig.others.set(KEY('r'), { ...lost, metadata: { ...lost.metadata, uid: 'uid-restored' } });
  await minutes(rig, 30);
  expect(rig.rotations).toEqual([]);
});

it('is sent again with attempts left although the window is closed: the cluster is down', async () => {
  const rig = await ended(ASKED, async (self) => {
    await minutes(self, 1);
    self.arm = { ...self.arm, provisioningState: 'Failed' };
    await minutes(self, 1);
  });
  edit(rig, { ...ASKED, window: LATER });
  await minutes(rig, 10);
  expect(rig.rotations).toHaveLength(1);
});

it('of a policy is released by an edit that leaves it due, and by none that does not', async () => {
  const made = await make(START - 365 * DAY);
  const rig = policyRig({ r: { every: '90d', notice: '1h' } }, made);
  await rig.pass();
  await hours(rig, 2);
  for (let minute = 0; minute < 15 && rig.rotations.length === 0; minute++) await minutes(rig, 1);
  expect(rig.rotations).toHaveLength(1);
  rig.arm = { ...rig.arm, provisioningState: ROTATING };
  await minutes(rig, 2);
  rig.arm = { ...rig.arm, provisioningState: 'Canceled' };
  await minutes(rig, 2);
  edit(rig, { every: '3650d', notice: '1h' });
  await minutes(rig, 3);
  expect(rig.rotations).toHaveLength(1);
  edit(rig, { every: '100d', notice: '1h' }, 3);
  await minutes(rig, 3);
  expect(rig.rotations).toHaveLength(2);
});

it.each([
  ['is set to Monitor', (rig: MemoryRig) => edit(rig, { ...ASKED, mode: 'Monitor' })],
  ['is suspended', (rig: MemoryRig) => edit(rig, { ...ASKED, suspend: true })],
  ['withdraws its request', (rig: MemoryRig) => edit(rig, {})],
  [
    'is deleted while another one keeps the record',
    (rig: MemoryRig) => {
      put(rig, 'watch', { mode: 'Monitor' });
      rig.others.delete(KEY('r'));
    },
  ],
])('that ended is forgotten once the only object that asked for it %s', async (_, change) => {
  const rig = await ended(ASKED, over);
  change(rig);
  await minutes(rig, 2);
  expect(rig.record?.rotation?.ended).toBeUndefined();
  expect(rig.rotations).toEqual([]);
});

it('that ended is kept while the policy file takes the right away for a time', async () => {
  const rig = await ended(ASKED, over);
  rig.policy = { ...ROTATE_POLICY, grants: () => ({ ...ROTATE_GRANTS, rotate: false }) };
  await minutes(rig, 5);
  expect(rig.record?.rotation?.ended).toBeDefined();
  rig.policy = ROTATE_POLICY;
  await minutes(rig, 30);
  expect(rig.rotations).toEqual([]);
});
