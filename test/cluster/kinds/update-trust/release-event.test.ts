import { beforeEach, describe, expect, it } from '@jest/globals';
import { releaseEvent } from '../../../../src/cluster/kinds/update-trust/release-event.ts';
import { retainedOf } from '../../../../src/cluster/kinds/update-trust/staying-certificates.ts';
import { createPolicy, OPEN_POLICY } from '../../../../src/policy/policy.ts';
import {
  CLUSTER_ID,
  element,
  intent,
  mark,
  MINUTE,
  root,
  rootsIn,
  trust,
  type Entries,
  type TrustOptions,
} from '../../../harness/build.ts';
import { memoryRig, type MemoryRig } from '../../../harness/memory-rig.ts';

const REMOVE = { deleting: true, deletionPolicy: 'Remove' } as const;

let rig: MemoryRig;
beforeEach(() => {
  rig = memoryRig();
});

async function settle(passes = 4): Promise<void> {
  for (let pass = 0; pass < passes; pass++) {
    rig.now += MINUTE;
    await rig.pass();
  }
}

/** Edits an object as kubectl does: the status stays. */
function put(name: string, entries: Entries, options: TrustOptions = {}): void {
  const object = trust(name, entries, options);
  const status = rig.objects.get(`team/${name}`)?.status;
  rig.add(status ? { ...object, status } : object);
}

const roots = () => rootsIn(rig.arm.elements).flat();

const said = (name: string) =>
  rig.events
    .filter(
      ({ object, event }) =>
        object === `team/${name}` && ['Retained', 'Removed', 'Released', 'ClusterGone'].includes(event.reason),
    )
    .map(({ event }) => `${event.type} ${event.reason}`);

describe('the event of a released object', () => {
  it('Removed, where its certificates were in the list and are out of it', async () => {
    put('a', [0]);
    await settle();
    put('a', [0], REMOVE);
    await settle();
    expect([said('a'), roots()]).toEqual([['Normal Removed'], []]);
  });

  it('Retained, where they stay as it asked', async () => {
    put('a', [0]);
    await settle();
    put('a', [0], { deleting: true });
    await settle();
    expect([said('a'), roots()]).toEqual([['Normal Retained'], [0]]);
  });

  it('Retained with a warning, where the record is lost and nothing is known to be its own', async () => {
    put('a', [0]);
    await settle();
    rig.record = undefined;
    put('a', [0], REMOVE);
    await settle();
    expect([said('a'), roots()]).toEqual([['Warning Retained'], [0]]);
  });

  it('Retained with a warning, where another object names them', async () => {
    put('a', [0]);
    put('b', [0]);
    await settle();
    put('a', [0], REMOVE);
    await settle();
    expect([said('a'), roots()]).toEqual([['Warning Retained'], [0]]);
  });

  it('Retained with a warning that names spec.adopt, where they were there before', async () => {
    rig.arm = { ...rig.arm, elements: [element(0)] };
    put('a', [0]);
    await settle();
    put('a', [0], REMOVE);
    await settle();
    expect([said('a'), roots()]).toEqual([['Warning Retained'], [0]]);
    expect(rig.events.at(-1)?.event.message).toContain('spec.adopt');
  });

  it('nothing of certificates that never came into the list', async () => {
    put('a', [0], { suspend: true });
    await settle();
    put('a', [0], { suspend: true, deleting: true });
    await settle();
    expect(said('a')).toEqual(['Normal Released']);
  });

  it.each(['Retain', 'Remove'] as const)(
    'nothing of a cluster that was never found, with %s',
    async (deletionPolicy) => {
      rig.armIsAway = true;
      put('a', [0]);
      await settle();
      put('a', [0], { deleting: true, deletionPolicy });
      await settle(10);
      expect(said('a')).toEqual([deletionPolicy === 'Retain' ? 'Normal Released' : 'Warning ClusterGone']);
    },
  );
});

const NOT_ALLOWED =
  /The policy of the controller does not allow spec\.adopt for this cluster in namespace team, so it has no effect\. Ask the operator/;

describe('a certificate that was in the cluster before any object named it', () => {
  const allowing = (adopt: boolean) =>
    createPolicy({
      rules: [{ namespaces: ['team'], clusters: [CLUSTER_ID.resourceId], nodeAccess: [], verify: [], adopt }],
      nodeAccess: [],
    });
  const states = (name: string) => rig.objects.get(`team/${name}`)?.status?.certificates?.map(({ state }) => state);

  beforeEach(() => {
    rig.arm = { ...rig.arm, elements: [element(0), element(5)] };
  });

  it('is Adopted in the row and in the slot, and counts as trusted', async () => {
    put('a', [0, 1]);
    await settle();
    expect(states('a')).toEqual(['Adopted', 'Trusted']);
    expect(rig.record?.slots?.map(({ managed, adopted }) => [managed, adopted])).toEqual([
      [false, true],
      [false, undefined],
      [true, undefined],
    ]);
    expect(rig.objects.get('team/a')?.status?.certificateCount?.summary).toBe('2/2');
    expect(rig.condition('team/a', 'Ready')?.reason).toBe('Trusted');
  });

  it.each<[string, boolean, boolean | undefined, RegExp, RegExp]>([
    ['without spec.adopt', false, true, /it stays there .* To have it removed then, set spec\.adopt/, /object\.$/],
    [
      'with spec.adopt, where the policy allows it',
      true,
      true,
      /It is removed from the list when no object/,
      /object\.$/,
    ],
    ['with spec.adopt, where the policy does not allow it', true, false, NOT_ALLOWED, NOT_ALLOWED],
    ['with spec.adopt, without a policy file', true, undefined, NOT_ALLOWED, NOT_ALLOWED],
  ])(
    'says in its row what becomes of it %s, and Applied says what has no effect',
    async (_, adopt, allowed, row, applied) => {
      if (allowed !== undefined) rig.policy = allowing(allowed);
      put('a', [0, 1], { adopt });
      await settle();
      const messages = rig.objects.get('team/a')?.status?.certificates?.map(({ message }) => message);
      expect(messages?.[0]).toMatch(/^This certificate was in the cluster's list before any object named it[,.] /);
      expect(messages?.[0]).toMatch(row);
      expect(messages?.[1]).toBeUndefined();
      const said = rig.condition('team/a', 'Applied');
      expect(said).toMatchObject({ status: 'True', reason: 'Applied' });
      expect(said?.message).toMatch(applied);
    },
  );

  it('stays when the object drops it, which is said once, with why and what to do', async () => {
    put('a', [0, 1]);
    await settle();
    put('a', [1], { generation: 2 });
    await settle(8);
    expect(rig.arm.elements).toHaveLength(3);
    expect(said('a')).toEqual(['Warning Retained']);
    expect(rig.events.find(({ event }) => event.reason === 'Retained')?.event.message).toMatch(
      /1 certificate stays in the cluster's list: .*before any object named them stay, unless the object sets spec\.adopt/,
    );
    expect(rig.record?.slots?.[0]).toMatchObject({ managed: false });
    expect(rig.record?.slots?.[0]).not.toHaveProperty('namedBy');
  });

  it.each([
    ['adopt: true and the policy allows it', true, true, 2],
    ['adopt: true and the policy does not allow it', true, false, 3],
    ['the policy allows it and the object does not ask', false, true, 3],
    ['adopt: true without a policy file', true, undefined, 3],
  ])('leaves with the object only where both say so: %s', async (_, adopt, allowed, left) => {
    rig.policy = allowed === undefined ? OPEN_POLICY : allowing(allowed);
    put('a', [0, 1], { adopt });
    await settle();
    put('a', [1], { adopt, generation: 2 });
    await settle();
    expect(rig.arm.elements).toHaveLength(left);
    put('a', [1], { adopt, ...REMOVE, generation: 3 });
    await settle();
    expect(rig.arm.elements).toHaveLength(left - 1);
  });

  it('stays although a later edit of the object sets adopt', async () => {
    rig.policy = allowing(true);
    put('a', [0, 1]);
    await settle();
    put('a', [1], { generation: 2 });
    await settle();
    put('a', [1], { adopt: true, generation: 3 });
    await settle();
    expect(rig.arm.elements).toHaveLength(3);
  });

  it('is put back when another client takes it out, and is ours then', async () => {
    put('a', [0]);
    await settle();
    rig.arm = { ...rig.arm, elements: [element(5)] };
    await settle(8);
    expect(roots()).toEqual([5, 0]);
    expect(rig.record?.correctionCount).toBe(1);
    expect(rig.record?.slots?.at(-1)).toMatchObject({ managed: true });
  });

  it('is removed when every object says unmanagedCertificates: Remove', async () => {
    put('a', [0, 1]);
    await settle();
    put('a', [1], { unmanagedCertificates: 'Remove', generation: 2 });
    await settle();
    expect(roots()).toEqual([1]);
  });
});

describe('the message of a release', () => {
  it('name at most ten certificates', () => {
    const stays = Array.from({ length: 64 }, (_, index) => ({ subject: `CN=${index}`, because: 'NotOurs' as const }));
    const { message } = releaseEvent({ intent: intent('a', [0]), stays, why: 'Removed' });
    expect(message).toContain('64 certificates stay');
    expect(message).toContain('and 54 more');
  });
});

it('an object that never had a certificate in the list gets no event about removed ones', () => {
  const release = { why: 'Removed', stays: [] } as const;
  const row = { name: 'ca', index: 0, state: 'Pending' } as const;
  const never = intent('a', [0], { status: { certificates: [row] } });
  const once = intent('a', [0], { status: { certificates: [{ ...row, state: 'Removing' }] } });
  expect(releaseEvent({ ...release, intent: never }).reason).toBe('Released');
  expect(releaseEvent({ ...release, intent: once }).reason).toBe('Removed');
});

it('a certificate that stays is said to the objects that let go of it, and to no other', () => {
  const [a, b] = [intent('a', []), intent('b', [])];
  const present = new Map([[mark(0), root(0)]]);
  const said = retainedOf([a, b], new Map([[mark(0), ['team/a']]]), present);
  expect(said.map(({ intent: { name } }) => name)).toEqual(['team/a']);
});
