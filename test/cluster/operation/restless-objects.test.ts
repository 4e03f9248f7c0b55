import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import { StaleCacheError } from '../../../src/kubernetes/cache/stale-cache-error.ts';
import { createRestlessObjects, REST_MS } from '../../../src/cluster/operation/restless-objects.ts';
import { HOUR, intent, MINUTE, SECOND, trust, type TrustOptions } from '../../harness/build.ts';
import { memoryRig, type MemoryRig, type Seams } from '../../harness/memory-rig.ts';

const EVIL = 'evil/t';
const evil = (roots: readonly number[], options: TrustOptions = {}) =>
  trust('t', roots, { namespace: 'evil', uid: 'uid-t', ...options });
const platform = (roots: readonly number[], options: TrustOptions = {}) =>
  trust('p', roots, { namespace: 'platform', uid: 'uid-p', ...options });

/** Passes as they ask for it, and again a moment later where one fails. */
async function follow(rig: MemoryRig, ms: number): Promise<{ passes: number; failed: number }> {
  const end = rig.now + ms;
  let [passes, failed] = [0, 0];
  for (; rig.now < end; passes++) {
    try {
      const { afterMs } = await rig.pass();
      rig.now += Math.max(afterMs, SECOND);
    } catch (error) {
      if (!(error instanceof StaleCacheError)) throw error;
      failed += 1;
      rig.now += 8 * SECOND;
    }
  }
  return { passes, failed };
}

/** A rig in which reads take so long that a change is compared with its objects before it is sent. */
function slowRig(edit: (rig: MemoryRig, reads: number) => void, seams: (rig: MemoryRig) => Seams = () => ({})) {
  const state = { goesOn: true };
  const rig = memoryRig({}, (made) => ({
    whileReading() {
      made.now += 3 * SECOND;
      if (state.goesOn) edit(made, made.reads);
    },
    ...seams(made),
  }));
  return { rig, state };
}

const keep = (rig: MemoryRig, object: CustomCATrust) => {
  const before = rig.objects.get(`${object.metadata.namespace}/${object.metadata.name}`);
  rig.add(before?.status ? { ...object, status: before.status } : object);
};

/** What a tenant does at each read of the cluster. */
const LOOPS: Readonly<Record<string, (rig: MemoryRig, reads: number) => void>> = {
  'edits what its object wants': (rig, reads) => keep(rig, evil([1 + (reads % 3)], { generation: reads })),
  'takes everything out and puts it back': (rig, reads) =>
    keep(rig, evil(reads % 2 ? [1] : [], { generation: reads, allowEmpty: true })),
  'deletes its object and makes it anew': (rig, reads) =>
    reads % 2 ? rig.objects.delete(EVIL) : rig.add(evil([1 + (reads % 5)], { uid: `uid-${reads}` })),
  'makes one object after another': (rig, reads) =>
    rig.add(trust(`t${reads}`, [1 + (reads % 3)], { namespace: 'evil', uid: `uid-${reads}` })),
  'edits one of many objects in turn': (rig, reads) =>
    rig.add(trust(`t${reads % 7}`, [1 + (reads % 3)], { namespace: 'evil', uid: `${reads % 7}`, generation: reads })),
  'turns suspend on and off': (rig, reads) => keep(rig, evil([1], { suspend: reads % 2 === 0, generation: reads })),
  'deletes its object and changes the policy without a pause': (rig, reads) =>
    keep(rig, evil([1], { deleting: true, deletionPolicy: reads % 2 ? 'Remove' : 'Retain', generation: reads })),
};

describe('a tenant that changes its objects at every read of the cluster', () => {
  it.each(Object.entries(LOOPS))('holds no change of others back for more than a minute: %s', async (_, loop) => {
    const { rig } = slowRig(loop);
    rig.add(platform([0]), evil([1]));
    await follow(rig, MINUTE);
    expect(rig.arm.elements.length).toBeGreaterThan(0);
    expect(rig.puts.at(-1)).toContainEqual([0]);
    keep(rig, platform([0, 9], { generation: 2 }));
    await follow(rig, 2 * MINUTE);
    expect(rig.puts.at(-1)).toContainEqual([9]);
    await follow(rig, HOUR);
    expect(rig.condition('platform/p', 'Applied')?.status).toBe('True');
  });

  it('learns from its status why its share stays unchanged, and the others do not learn of it', async () => {
    const { rig } = slowRig(LOOPS['edits what its object wants']!);
    rig.add(platform([0]), evil([1]));
    await follow(rig, 2 * MINUTE);
    expect(rig.condition(EVIL, 'Applied')).toMatchObject({ status: 'False', reason: 'Held' });
    expect(rig.condition(EVIL, 'Applied')?.message).toMatch(/changes faster .* stop changing it for 5 minutes\./);
    expect(JSON.stringify(rig.objects.get('platform/p')?.status)).not.toMatch(/evil|faster/);
  });

  it('keeps what it has in the list, and gets what it wants once it rests', async () => {
    const { rig, state } = slowRig(LOOPS['edits what its object wants']!);
    state.goesOn = false;
    rig.add(evil([1]));
    await follow(rig, 10 * MINUTE);
    expect(rig.puts).toEqual([[[1]]]);
    state.goesOn = true;
    keep(rig, evil([2], { generation: 2 }));
    rig.add(platform([0]));
    await follow(rig, 3 * MINUTE);
    expect(rig.puts.at(-1)).toEqual([[1], [0]]);
    state.goesOn = false;
    keep(rig, evil([4], { generation: 10_000 }));
    await follow(rig, REST_MS + 2 * MINUTE);
    expect(rig.puts.at(-1)).toEqual([[0], [4]]);
    expect(rig.condition(EVIL, 'Ready')?.status).toBe('True');
  });

  it('costs no more reads than one every half a minute would', async () => {
    const { rig } = slowRig(LOOPS['edits what its object wants']!);
    rig.add(platform([0]), evil([1]));
    await follow(rig, 10 * MINUTE);
    const before = rig.reads;
    await follow(rig, HOUR);
    expect(rig.reads - before).toBeLessThanOrEqual(120);
  });
});

describe('a single edit in the middle of a change', () => {
  it('freezes no object', async () => {
    const edits = new Set([2, 4]);
    const { rig } = slowRig((one, reads) => {
      if (edits.has(reads)) keep(one, evil([1, reads], { generation: reads }));
    });
    rig.add(platform([0]), evil([1]));
    await follow(rig, 2 * MINUTE);
    expect(rig.puts.at(-1)?.flat().sort()).toEqual([0, 1, 4]);
    expect(rig.condition(EVIL, 'Applied')?.reason).not.toBe('Held');
  });
});

describe('an object that the cache never has as it is', () => {
  /** The cache has each version when there is a newer one already. */
  function churning(version: (n: number) => CustomCATrust | undefined) {
    let n = 1;
    const rig = memoryRig({}, (made) => ({
      objectNow: (name) => (name === EVIL ? version((n += 1)) : made.objects.get(name)),
    }));
    const pass = rig.pass.bind(rig);
    rig.pass = () => {
      const cached = version((n += 1));
      if (cached) keep(rig, cached);
      else rig.objects.delete(EVIL);
      return pass();
    };
    return rig;
  }

  it.each<[string, (n: number) => CustomCATrust | undefined]>([
    ['deleted and made anew', (n) => evil([1], { uid: `uid-${n}` })],
    ['deleted and made anew, and seldom there', (n) => (n % 3 ? undefined : evil([1], { uid: `uid-${n}` }))],
    ['edited before it is in any record', (n) => evil([1], { generation: n })],
  ])('holds the others back for seconds: %s', async (_, version) => {
    const rig = churning(version);
    rig.add(platform([0]));
    rig.record = { slots: [], objects: [{ name: EVIL, uid: 'uid-0', generation: 1 }] };
    await follow(rig, MINUTE);
    expect(rig.arm.elements).toHaveLength(1);
    expect(rig.condition('platform/p', 'Ready')?.status).toBe('True');
    // It is looked at so seldom then that it may seem to rest.
    const { failed } = await follow(rig, HOUR);
    expect(failed).toBeLessThanOrEqual(6);
    keep(rig, platform([0, 9], { generation: 2 }));
    await follow(rig, MINUTE);
    expect(rig.arm.elements).toHaveLength(2);
  });

  it('is waited for where it is the cache that does not get on', async () => {
    const rig = memoryRig({}, (made) => ({
      objectNow: (name) => (name === EVIL ? evil([2], { generation: 7 }) : made.objects.get(name)),
    }));
    rig.add(platform([0]), evil([1]));
    rig.record = { slots: [], objects: [{ name: EVIL, uid: 'uid-t', generation: 7 }] };
    const { passes, failed } = await follow(rig, 10 * MINUTE);
    expect([failed, rig.puts]).toEqual([passes, []]);
  });
});

describe('a change that waits for more edits', () => {
  /** A pass every other second, and before each the tenant edits its object. */
  async function flipping(rig: MemoryRig, seconds: number, settleSeconds: number) {
    for (let n = 0; n < seconds / 2; n++) {
      keep(rig, evil([1 + (n % 3)], { generation: rig.now, settleSeconds }));
      await rig.pass();
      rig.now += 2 * SECOND;
    }
  }

  it.each([30, 3600])(
    'is not held back for long by a tenant that edits without a pause and asks for %i s',
    async (settle) => {
      const rig = memoryRig();
      rig.add(platform([0], { settleSeconds: 30 }), evil([1], { settleSeconds: settle }));
      await flipping(rig, 45, settle);
      expect(rig.puts).toEqual([[[0]]]);
      expect(rig.condition(EVIL, 'Applied')?.reason).toBe('Held');
    },
  );

  it('waits for objects that come one after another', async () => {
    const rig = memoryRig();
    rig.add(platform([0], { settleSeconds: 30 }));
    for (let n = 1; n < 8; n++) {
      await rig.pass();
      rig.now += 10 * SECOND;
      rig.add(trust(`t${n}`, [n], { namespace: 'evil', uid: `${n}`, settleSeconds: 30 }));
    }
    await follow(rig, 2 * MINUTE);
    expect(rig.puts).toHaveLength(1);
    expect(rig.puts[0]).toHaveLength(8);
  });

  it('waits for the edits of one namespace for as long as they go on, up to ten times the time', async () => {
    const rig = memoryRig();
    rig.add(evil([1], { settleSeconds: 30 }));
    await flipping(rig, 290, 30);
    expect(rig.puts).toEqual([]);
    await flipping(rig, 20, 30);
    expect(rig.puts).toHaveLength(1);
  });

  it('says to each object that it is another one that asks for so long, and not which', async () => {
    const rig = memoryRig();
    rig.add(platform([0], { settleSeconds: 30 }), evil([1], { settleSeconds: 3600 }));
    await rig.pass();
    const said = rig.condition('platform/p', 'Applied');
    expect(said).toMatchObject({ reason: 'Settling', message: expect.stringContaining('asks for 3600 s') as unknown });
    expect(said?.message).not.toMatch(/evil/);
    expect(rig.condition(EVIL, 'Applied')?.message).not.toContain('Another object');
  });
});

describe('races that are lost to many objects of one namespace', () => {
  const intents = ['a', 'b', 'c', 'd', 'e'].map((name) => intent(name, [1]));
  const frozenAfter = (present: readonly ReturnType<typeof intent>[]) => {
    const restless = createRestlessObjects(() => 0);
    restless.lostRace('k', ['team/a']);
    restless.freeze('k', present);
    for (const { name } of intents) restless.lostRace('k', [name]);
    return restless.freeze('k', present).filter(({ frozen }) => frozen === 'Restless').length;
  };

  it('freeze none of them where no other namespace names the cluster', () => {
    expect(frozenAfter(intents)).toBe(0);
  });

  it('freeze all of them where another one does', () => {
    expect(frozenAfter([...intents, { ...intent('p', [2]), name: 'platform/p' }])).toBe(5);
  });
});
