import { describe, expect, it } from '@jest/globals';
import { FINALIZER } from '../../../src/api/names.ts';
import { KINDS } from '../../../src/cluster/kinds/index.ts';
import { CLUSTER_ID, failure, MINUTE, SECOND, START, trust } from '../../harness/build.ts';
import { memoryRig, type MemoryRig, type Seams } from '../../harness/memory-rig.ts';
import { reapply, type Reapply } from './toy-kind.ts';

const KEY = (name: string) => `team/reapplys/${name}`;

function object(name: string, generation = 1, spec: Partial<Reapply['spec']> = {}): Reapply {
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'Reapply',
    metadata: {
      namespace: 'team',
      name,
      uid: `toy-${name}`,
      generation,
      creationTimestamp: new Date(START).toISOString(),
    },
    spec: { target: { resourceId: CLUSTER_ID.resourceId }, ...spec },
  };
}

function rigWith(toys: readonly Reapply[], more: Partial<Seams> = {}): MemoryRig {
  const rig = memoryRig({}, () => ({ kinds: [...KINDS, reapply], ...more }));
  for (const toy of toys) rig.others.set(KEY(toy.metadata.name), toy);
  return rig;
}

const statusOf = (rig: MemoryRig, name: string) => (rig.others.get(KEY(name)) as Reapply).status;

/** Reconciles until nothing is left to do, at most so often. */
async function settle(rig: MemoryRig, times = 12): Promise<string[]> {
  const kinds: string[] = [];
  for (let count = 0; count < times; count++) {
    const puts = rig.puts.length;
    await rig.pass();
    if (rig.puts.length > puts) kinds.push(rig.record?.operation?.kind ?? '');
    rig.now += MINUTE;
  }
  return kinds;
}

describe('a second kind of operation', () => {
  it('is recorded, sent, seen through and reported like the first', async () => {
    const order: string[] = [];
    const rig = rigWith([object('x')], {
      beforeRecord: () => void order.push('record'),
      put: () => void order.push('put'),
    });
    expect(await rig.pass()).toMatchObject({ sent: 'Accepted' });
    expect(order.slice(0, 2)).toEqual(['record', 'put']);
    expect(rig.record?.operation).toMatchObject({ kind: 'Reapply', attempts: 1, phase: 'Sent' });
    expect(rig.record?.operation).not.toHaveProperty('updateTrust');
    expect(rig.others.get(KEY('x'))?.metadata.finalizers).toEqual([FINALIZER]);
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    rig.now += SECOND;
    await rig.pass();
    expect(statusOf(rig, 'x')).toMatchObject({ phase: 'Rolling', conditions: [{ type: 'Ready', status: 'False' }] });
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    expect(await settle(rig)).toEqual([]);
    expect(statusOf(rig, 'x')).toMatchObject({ phase: 'Done', conditions: [{ type: 'Ready', status: 'True' }] });
    expect(rig.record).toMatchObject({ reapplied: { 'toy-x': 1 } });
    rig.others.set(KEY('x'), { ...rig.others.get(KEY('x'))!, metadata: object('x', 2).metadata });
    expect(await settle(rig)).toEqual(['Reapply']);
  });

  it('is sent again after it failed, and is then seen through', async () => {
    const own = { status: 'Failed', code: 'QuotaExceeded', message: 'm' } as const;
    const rig = rigWith([object('x')], { operationStatus: () => own });
    await rig.pass();
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    await settle(rig, 1);
    expect(statusOf(rig, 'x')).toMatchObject({ phase: 'Failed', conditions: [{ reason: 'UpdateFailed' }] });
    expect(await settle(rig, 1)).toEqual(['Reapply']);
    expect(rig.record?.operation).toMatchObject({ kind: 'Reapply', attempts: 2 });
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    expect(await settle(rig)).toEqual([]);
    expect(statusOf(rig, 'x')?.phase).toBe('Done');
  });

  it('waits for an operation of the first kind, and the first for it', async () => {
    const rig = rigWith([]);
    rig.add(trust('a', [0], { settleSeconds: 0 }));
    await rig.pass();
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    rig.others.set(KEY('x'), object('x'));
    rig.now += MINUTE;
    await rig.pass();
    expect(rig.record?.operation?.kind).toBe('UpdateTrust');
    expect(statusOf(rig, 'x')).toMatchObject({ phase: 'Waiting', conditions: [{ reason: 'Updating' }] });
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    expect(await settle(rig)).toEqual(['Reapply']);
    expect(rig.condition('team/a', 'Ready')?.status).toBe('True');
    expect(statusOf(rig, 'x')?.phase).toBe('Done');
  });

  it('starves no other kind, and is not starved', async () => {
    const rig = rigWith([object('x')]);
    rig.add(trust('a', [0], { settleSeconds: 0 }));
    // Both want one more change after each of theirs.
    const kinds: string[] = [];
    for (let round = 1; round <= 6; round++) {
      kinds.push(...(await settle(rig, 3)));
      rig.others.set(KEY('x'), {
        ...rig.others.get(KEY('x'))!,
        metadata: { ...rig.others.get(KEY('x'))!.metadata, generation: round + 1 },
      });
      rig.add(trust('a', [round], { generation: round + 1, settleSeconds: 0 }));
    }
    const runs = kinds.map((kind, index) => index > 1 && kinds[index - 1] === kind && kinds[index - 2] === kind);
    expect(new Set(kinds)).toEqual(new Set(['UpdateTrust', 'Reapply']));
    expect(runs).not.toContain(true);
  });

  it('goes on while ARM refuses each change of the other kind', async () => {
    const policy = { ok: false, failure: failure(403, 'RequestDisallowedByPolicy') } as const;
    // Only the change of the list has certificates here.
    const rig = rigWith([object('x')], { put: (elements) => (elements.length > 0 ? policy : undefined) });
    rig.add(trust('a', [0], { settleSeconds: 0 }));
    await settle(rig, 90);
    expect(statusOf(rig, 'x')?.phase).toBe('Done');
    expect(rig.condition('team/a', 'Ready')?.reason).toBe('DisallowedByPolicy');
  });

  it('is held by its own check, which holds no change of another kind', async () => {
    const rig = rigWith([object('x', 1, { suspend: true })]);
    rig.add(trust('a', [0], { settleSeconds: 0 }));
    expect(await settle(rig)).toEqual(['UpdateTrust']);
    expect(statusOf(rig, 'x')).toMatchObject({ phase: 'Waiting', conditions: [{ reason: 'Suspended' }] });
    expect(rig.condition('team/a', 'Ready')).toMatchObject({ status: 'True' });
  });

  it('hides from no object why its own operation is not sent again', async () => {
    const own = { status: 'Failed', code: 'QuotaExceeded', message: 'm' } as const;
    let isRefused = false;
    const policy = { ok: false, failure: failure(403, 'RequestDisallowedByPolicy') } as const;
    const rig = rigWith([], { operationStatus: () => own, put: () => (isRefused ? policy : undefined) });
    rig.add(trust('a', [0], { settleSeconds: 0 }));
    await rig.pass();
    isRefused = true;
    rig.arm = { ...rig.arm, provisioningState: 'Failed' };
    await settle(rig, 3);
    expect(rig.record).toMatchObject({ operation: { phase: 'Failed' }, refusal: { reason: 'DisallowedByPolicy' } });
    expect(rig.condition('team/a', 'Ready')?.reason).toBe('DisallowedByPolicy');
    rig.others.set(KEY('x'), object('x'));
    await settle(rig, 2);
    expect(rig.condition('team/a', 'Ready')?.reason).toBe('DisallowedByPolicy');
    expect(statusOf(rig, 'x')).toMatchObject({ phase: 'Waiting', conditions: [{ reason: 'Updating' }] });
  });

  it('is held by what holds every change', async () => {
    const rig = rigWith([object('x')], {
      put: () => ({ ok: false, failure: failure(403, 'RequestDisallowedByPolicy') }),
    });
    await settle(rig, 3);
    expect(rig.puts).toHaveLength(1);
    expect(statusOf(rig, 'x')).toMatchObject({ phase: 'Waiting', conditions: [{ reason: 'DisallowedByPolicy' }] });
  });

  it('may have an object of the same name as another kind has', async () => {
    const rig = rigWith([object('a')]);
    rig.add(trust('a', [0], { settleSeconds: 0 }));
    await settle(rig);
    expect(rig.record?.objects).toEqual([
      { kind: 'Reapply', name: 'team/a', uid: 'toy-a', generation: 1 },
      { name: 'team/a', uid: 'uid-a', generation: 1 },
    ]);
    rig.others.set(KEY('a'), {
      ...rig.others.get(KEY('a'))!,
      metadata: { ...rig.others.get(KEY('a'))!.metadata, deletionTimestamp: 'now' },
    });
    await settle(rig, 2);
    expect([...rig.others.keys()]).toEqual([]);
    expect(rig.record?.objects).toEqual([{ name: 'team/a', uid: 'uid-a', generation: 1 }]);
    expect(rig.condition('team/a', 'Ready')?.status).toBe('True');
  });
});
