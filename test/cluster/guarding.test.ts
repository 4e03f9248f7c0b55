import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { KubernetesError } from '../../src/kubernetes/client/connection.ts';
import { HOUR, MINUTE, trust, type TrustOptions } from '../harness/build.ts';
import { memoryRig, type MemoryRig, type Write } from '../harness/memory-rig.ts';

const WORDS = 'admission webhook "deny.example.com" denied the request: team-a is frozen';
const denied = (write: Write) =>
  write.object === 'team-a/a' ? new KubernetesError(403, 'Forbidden', WORDS) : undefined;

function unguarded(namespace: string, name: string, roots: number[], options: TrustOptions = {}): CustomCATrust {
  const object = trust(name, roots, { namespace, ...options });
  return { ...object, metadata: { ...object.metadata, finalizers: [] } };
}

function twoTeams(): MemoryRig {
  const rig = memoryRig();
  rig.add(unguarded('team-a', 'a', [0]), unguarded('team-b', 'b', [1]));
  return rig;
}

describe('an object whose finaliser the API server refuses', () => {
  it('is left out, and the other objects go on: record, list and statuses', async () => {
    const rig = twoTeams();
    rig.refuse = (write) => (write.kind === 'finalizers' ? denied(write) : undefined);
    await rig.pass();
    expect(rig.puts).toEqual([[[1]]]);
    expect(rig.record?.operation?.updateTrust?.adds?.map(({ namedBy }) => namedBy)).toEqual([['team-b/b/ca']]);
    rig.now += MINUTE;
    await rig.pass();
    expect(rig.condition('team-b/b', 'Ready')?.status).toBe('True');
  });

  it('says so itself, with the message of the API server', async () => {
    const rig = twoTeams();
    rig.refuse = (write) => (write.kind === 'finalizers' ? denied(write) : undefined);
    await rig.pass();
    await rig.pass();
    expect(rig.condition('team-a/a', 'Applied')).toMatchObject({
      status: 'False',
      reason: 'Held',
      message: expect.stringContaining(WORDS),
    });
    expect(rig.condition('team-a/a', 'Stalled')?.status).toBe('True');
  });

  it('says so by event, metric and log where its status is refused too', async () => {
    const rig = twoTeams();
    rig.refuse = denied;
    await rig.pass();
    await rig.pass();
    expect(rig.refused).toEqual([
      { object: 'team-a/a', kind: 'finalizer', message: WORDS },
      { object: 'team-a/a', kind: 'status', message: WORDS },
    ]);
    expect(rig.puts).toEqual([[[1]]]);
    expect(rig.condition('team-b/b', 'Ready')?.status).toBe('True');
  });

  it('keeps its share of the list as it is', async () => {
    const rig = memoryRig();
    rig.add(trust('a', [0], { namespace: 'team-a' }), trust('b', [1], { namespace: 'team-b' }));
    for (let pass = 0; pass < 2; pass++) await rig.pass();
    rig.refuse = denied;
    rig.add(unguarded('team-a', 'a', [2], { generation: 2 }), trust('b', [3], { namespace: 'team-b', generation: 2 }));
    for (let pass = 0; pass < 2; pass++) await rig.pass();
    expect(rig.puts.at(-1)).toEqual([[0], [3]]);
  });

  it('is asked for again less and less often, and at once after an edit', async () => {
    const rig = twoTeams();
    rig.refuse = denied;
    const attempts = () =>
      rig.writes.filter(({ kind, object }) => kind === 'finalizers' && object === 'team-a/a').length;
    for (const end = rig.now + 24 * HOUR; rig.now < end; rig.now += 15_000) await rig.pass();
    expect(attempts()).toBeGreaterThan(24);
    expect(attempts()).toBeLessThan(40);
    const before = attempts();
    rig.add(unguarded('team-a', 'a', [2], { generation: 2 }));
    await rig.pass();
    expect(attempts()).toBe(before + 1);
  });

  it('gets on as any other once it is allowed', async () => {
    const rig = twoTeams();
    rig.refuse = denied;
    await rig.pass();
    rig.refuse = () => undefined;
    rig.now += HOUR;
    for (let pass = 0; pass < 3; pass++) await rig.pass();
    expect(rig.puts.at(-1)).toEqual([[1], [0]]);
    expect(rig.condition('team-a/a', 'Ready')?.status).toBe('True');
  });

  it.each([
    ['its edits come first', 409, 'Conflict'],
    ['it is gone', 404, 'NotFound'],
    ['the API server is busy', 429, 'TooManyRequests'],
    ['the API server fails', 500, 'InternalError'],
  ])('holds no other object and is not reported while %s, for a few times', async (_, code, reason) => {
    const rig = twoTeams();
    rig.refuse = ({ kind, object }) =>
      kind === 'finalizers' && object === 'team-a/a' ? new KubernetesError(code, reason, 'later') : undefined;
    const { afterMs } = await rig.pass();
    expect(rig.puts).toEqual([[[1]]]);
    expect([rig.refused, rig.condition('team-a/a', 'Applied')]).toEqual([[], undefined]);
    expect(afterMs).toBeLessThanOrEqual(1000);
    rig.now += MINUTE;
    await rig.pass();
    expect(rig.condition('team-a/a', 'Applied')).toBeUndefined();
    for (let pass = 0; pass < 20; pass++) {
      rig.now += MINUTE;
      await rig.pass();
    }
    expect(rig.refused.length).toBeGreaterThan(0);
  });
});

describe('an object that can be written', () => {
  it('is not left out because a label of it changed, or because it has the finaliser already', async () => {
    const rig = twoTeams();
    let conflicts = 1;
    rig.refuse = ({ kind }) => {
      conflicts -= 1;
      return kind === 'finalizers' && conflicts >= 0 ? new KubernetesError(409, 'Conflict', 'edited') : undefined;
    };
    await rig.pass();
    expect(rig.puts).toEqual([[[0], [1]]]);
  });

  it('takes no part where it was edited since it was read: the next pass sees what it wants', async () => {
    const rig = twoTeams();
    let edits = 1;
    rig.refuse = ({ kind, object }) => {
      if (kind !== 'finalizers' || object !== 'team-a/a' || edits-- <= 0) return undefined;
      rig.add(unguarded('team-a', 'a', [2], { generation: 2 }));
      return new KubernetesError(409, 'Conflict', 'edited');
    };
    await rig.pass();
    expect(rig.puts).toEqual([[[1]]]);
    expect(rig.objects.get('team-a/a')?.metadata.finalizers).toEqual([]);
  });

  it('has its finaliser before ARM or the record hear of it', async () => {
    const rig = twoTeams();
    const before: unknown[] = [];
    rig.refuse = ({ kind }) => {
      if (kind === 'finalizers') before.push([rig.puts.length, rig.record]);
      return undefined;
    };
    await rig.pass();
    expect(before).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
    expect(rig.puts).toEqual([[[0], [1]]]);
  });
});

describe('a status that the API server refuses', () => {
  it('does not make the pass an error, and the other statuses are written', async () => {
    const rig = twoTeams();
    rig.refuse = (write) => (write.kind === 'status' ? denied(write) : undefined);
    for (let pass = 0; pass < 3; pass++) await rig.pass();
    expect(rig.puts).toEqual([[[0], [1]]]);
    expect(rig.condition('team-b/b', 'Ready')?.status).toBe('True');
    expect(rig.refused).toEqual([{ object: 'team-a/a', kind: 'status', message: WORDS }]);
    const ofA = rig.events.filter(({ object }) => object === 'team-a/a');
    expect(ofA.map(({ event }) => event.reason)).toEqual(['UpdateSent']);
  });
});

describe('a deleted object whose finaliser may not be taken off', () => {
  it('keeps no other from going, and is not said to be gone', async () => {
    const rig = memoryRig();
    rig.add(
      trust('a', [0], { namespace: 'team-a', deleting: true }),
      trust('b', [1], { namespace: 'team-b', deleting: true }),
    );
    rig.refuse = denied;
    await rig.pass();
    expect([...rig.objects.keys()]).toEqual(['team-a/a']);
    expect(rig.events.map(({ object }) => object)).not.toContain('team-a/a');
    expect(rig.refused).toEqual([{ object: 'team-a/a', kind: 'release', message: WORDS }]);
  });
});

describe('an API server that cannot be reached, or does not know us', () => {
  it.each([
    [0, 'ECONNREFUSED'],
    [401, 'Unauthorized'],
  ])('fails the pass: it is no trouble of one object (%d %s)', async (status, reason) => {
    const rig = twoTeams();
    rig.refuse = () => new KubernetesError(status, reason, 'no');
    await expect(rig.pass()).rejects.toThrow('no');
    expect(rig.puts).toEqual([]);
  });
});
