import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { FINALIZER } from '../../src/api/names.ts';
import { KubernetesError } from '../../src/kubernetes/client/connection.ts';
import { createPolicy, OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { CLUSTER_ID, element, MINUTE, mark, trust, type Entries, type TrustOptions } from '../harness/build.ts';
import { memoryRig, type MemoryRig } from '../harness/memory-rig.ts';

/** What these namespaces may do: name the cluster. */
const allowing = (...namespaces: string[]): Policy =>
  createPolicy({
    rules: [{ namespaces, clusters: [CLUSTER_ID.resourceId], nodeAccess: [], verify: [], adopt: false }],
    nodeAccess: [],
  });

const REMOVE = { deleting: true, deletionPolicy: 'Remove' } as const;

let rig: MemoryRig;
beforeEach(() => {
  rig = memoryRig();
  rig.policy = allowing('team-a');
});

const ofA = (entries: Entries, options: TrustOptions = {}) => trust('a', entries, { namespace: 'team-a', ...options });
const ofB = (entries: Entries, options: TrustOptions = {}) => trust('b', entries, { namespace: 'team-b', ...options });

function withoutFinaliser(object: CustomCATrust): CustomCATrust {
  return { ...object, metadata: { ...object.metadata, finalizers: [] } };
}

/** Passes until a change is through. */
async function settle(): Promise<void> {
  for (let pass = 0; pass < 4; pass++) {
    rig.now += MINUTE;
    await rig.pass();
  }
}

const statusOf = (name: string) => rig.objects.get(name)?.status;

describe('an object that the policy does not allow to name its cluster', () => {
  it('is Stalled, and says so with what to do', async () => {
    rig.add(ofB([0]));
    await rig.pass();
    for (const type of ['Ready', 'Applied'])
      expect(rig.condition('team-b/b', type)).toMatchObject({ status: 'False', reason: 'TargetNotAllowed' });
    expect(rig.condition('team-b/b', 'Stalled')).toMatchObject({ status: 'True', reason: 'TargetNotAllowed' });
    expect(rig.condition('team-b/b', 'Ready')?.message).toContain('policy file');
    expect(rig.events.map(({ event }) => [event.type, event.reason])).toEqual([['Warning', 'TargetNotAllowed']]);
  });

  it('causes no read of the cluster, no record and no finaliser', async () => {
    rig.add(withoutFinaliser(ofB([0], { nodeAccess: true })));
    const { afterMs, offLimits } = await rig.pass();
    await rig.pass();
    expect([rig.reads, rig.nodeReads, rig.record, afterMs, offLimits]).toEqual([0, 0, undefined, Infinity, true]);
    expect(rig.writes).toEqual([{ kind: 'status', object: 'team-b/b' }]);
    expect(rig.objects.get('team-b/b')?.metadata.finalizers).not.toContain(FINALIZER);
  });

  it('learns nothing of the cluster, also beside objects that are allowed', async () => {
    rig.arm = { ...rig.arm, elements: [element(0), element(5)] };
    rig.add(ofA([1]), ofB([0, 2]));
    await settle();
    const status = statusOf('team-b/b');
    expect(Object.keys(status ?? {}).sort()).toEqual([
      'certificateCount',
      'certificates',
      'conditions',
      'earliestNotAfter',
      'observedGeneration',
    ]);
    expect(status?.certificates?.map(({ state }) => state)).toEqual(['Pending', 'Pending']);
    const said = JSON.stringify(status);
    for (const fact of ['prod', 'team-a', mark(1), mark(5)]) expect(said).not.toContain(fact);
  });

  it('loses what was said of the cluster when it was allowed', async () => {
    rig.policy = allowing('team-a', 'team-b');
    rig.add(ofB([0]));
    await settle();
    expect(statusOf('team-b/b')?.certificateSlots).toBeDefined();
    rig.policy = allowing('team-a');
    await rig.pass();
    expect(statusOf('team-b/b')).not.toHaveProperty('certificateSlots');
    expect(statusOf('team-b/b')).not.toHaveProperty('cluster');
    expect(statusOf('team-b/b')?.certificates?.map(({ state }) => state)).toEqual(['Pending']);
  });

  it('counts for nothing when it never was in a record: no claim, no veto, no settling, no slot', async () => {
    rig.arm = { ...rig.arm, elements: [element(0), element(9)] };
    rig.add(ofA([1], { unmanagedCertificates: 'Remove' }), ofB([0], { settleSeconds: 3600, suspend: true }));
    await rig.pass();
    expect(rig.puts).toEqual([[[1]]]);
    expect(rig.record?.objects?.map(({ name }) => name)).toEqual(['team-a/a']);
    expect(JSON.stringify(rig.record)).not.toContain('team-b');
  });

  it('cannot release what holds the cluster, nor have it read, by annotating itself', async () => {
    rig.add(ofB([0]));
    await rig.pass();
    rig.add({ ...ofB([0], { requestedAt: 'now', generation: 2 }), status: statusOf('team-b/b')! });
    await rig.pass();
    expect(rig.reads).toBe(0);
  });
});

describe('an object that the policy no longer allows', () => {
  beforeEach(async () => {
    rig.policy = OPEN_POLICY;
    rig.add(ofA([0]), ofB([1]));
    await settle();
    rig.policy = allowing('team-a');
  });

  it('keeps its share of the list as it is, for every change of the object', async () => {
    rig.add(ofB([2], { generation: 2 }), ofA([3], { generation: 2 }));
    await settle();
    expect(rig.puts.at(-1)).toEqual([[1], [3]]);
    expect(rig.condition('team-a/a', 'Ready')?.reason).toBe('Trusted');
    expect(rig.condition('team-b/b', 'Ready')?.reason).toBe('TargetNotAllowed');
  });

  it('cannot keep what others brought by naming it now', async () => {
    rig.add(ofB([0, 1], { generation: 2 }));
    await rig.pass();
    rig.add(ofA([3], { generation: 2 }));
    await settle();
    expect(rig.puts.at(-1)).toEqual([[1], [3]]);
  });

  it('is released as with Retain when it is deleted, although it says Remove', async () => {
    rig.add(ofB([1], REMOVE));
    await settle();
    expect([...rig.objects.keys()]).toEqual(['team-a/a']);
    expect(rig.puts).toHaveLength(1);
    expect(rig.record?.slots?.map(({ managed, namedBy }) => [managed, namedBy])).toEqual([
      [true, ['team-a/a/ca']],
      [false, undefined],
    ]);
    expect(rig.events.at(-1)).toMatchObject({ object: 'team-b/b', event: { type: 'Warning', reason: 'Retained' } });
  });

  it('gets on where it was once it is allowed again', async () => {
    rig.add(ofB([2], { generation: 2 }));
    await settle();
    rig.policy = OPEN_POLICY;
    await settle();
    expect(rig.puts.at(-1)).toEqual([[0], [2]]);
    expect(rig.condition('team-b/b', 'Ready')?.reason).toBe('Trusted');
  });

  it('and all others with it: nothing is read, and deletions are released from the record alone', async () => {
    rig.policy = allowing('team-c');
    const before = rig.reads;
    await settle();
    rig.add(ofB([1], REMOVE));
    await settle();
    expect([rig.reads, rig.objects.has('team-b/b')]).toEqual([before, false]);
    expect(rig.record?.slots?.map(({ namedBy }) => namedBy)).toEqual([['team-a/a/ca'], undefined]);
    rig.add(ofA([0], { deleting: true }));
    await rig.pass();
    expect([rig.reads, rig.objects.size, rig.record]).toEqual([before, 0, undefined]);
  });

  it.each([
    ['the last of its cluster', () => undefined],
    ['beside another', () => rig.add(ofA([0]))],
  ])('and is said to leave its certificates, %s, also when the first release was refused', async (_, others) => {
    rig.policy = allowing('team-c');
    rig.objects.delete('team-a/a');
    others();
    rig.add(ofB([1], REMOVE));
    let refusals = 1;
    rig.refuse = ({ kind }) =>
      kind === 'finalizers' && refusals-- > 0 ? new KubernetesError(409, 'Conflict', 'edited meanwhile') : undefined;
    await settle();
    expect(rig.objects.has('team-b/b')).toBe(false);
    expect(rig.events.at(-1)).toMatchObject({ object: 'team-b/b', event: { type: 'Warning', reason: 'Retained' } });
  });
});

describe('an operation of an object that the policy no longer allows', () => {
  it('is seen through, and nothing is begun after it', async () => {
    rig.add(ofA([0]));
    await rig.pass();
    expect(rig.record?.operation).toBeDefined();
    rig.policy = allowing('team-c');
    rig.add({ ...ofA([1], { generation: 2 }), status: statusOf('team-a/a')! });
    await settle();
    expect(rig.record?.operation).toBeUndefined();
    expect(rig.record?.lastApplied).toBeDefined();
    expect(rig.puts).toEqual([[[0]]]);
    expect(rig.condition('team-a/a', 'Ready')?.reason).toBe('TargetNotAllowed');
    const before = rig.reads;
    await settle();
    expect(rig.reads).toBe(before);
  });
});

describe('without a policy file', () => {
  it('any namespace may name any cluster', async () => {
    rig.policy = OPEN_POLICY;
    rig.add(ofB([0]));
    await settle();
    expect(rig.condition('team-b/b', 'Ready')?.reason).toBe('Trusted');
  });
});
