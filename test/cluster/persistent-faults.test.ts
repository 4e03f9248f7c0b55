import { describe, expect, it } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../harness/build.ts';
import { endure, type Account, type Condition } from '../harness/condition.ts';
import { condition, passesFor, put, reasonOf, rootsOf, sentBy, worldOf } from '../harness/follow.ts';
import type { Fault, World } from '../harness/world.ts';

async function ended(end: 'Failed' | 'Canceled', nodeAccess: boolean): Promise<World> {
  const world = worldOf({ a: [0] }, { nodeAccess });
  world.cluster.nextEnd = end;
  await passesFor(world, 9 * MINUTE);
  world.wait(2 * SECOND);
  await world.pass();
  return world;
}

/** Where a write is due. */
const STATES: Readonly<Record<string, (nodeAccess: boolean) => World | Promise<World>>> = {
  'a new object': (nodeAccess) => worldOf({ a: [0] }, { nodeAccess }),
  'an operation that failed': async (nodeAccess) => {
    const world = await ended('Failed', nodeAccess);
    world.wait(61 * SECOND);
    return world;
  },
  'a canceled operation that a request released': async (nodeAccess) => {
    const world = await ended('Canceled', nodeAccess);
    put(world, 'a', [0], { requestedAt: 'x' });
    return world;
  },
  'a new list over an operation that failed': async (nodeAccess) => {
    const world = await ended('Failed', nodeAccess);
    put(world, 'a', [0, 1]);
    return world;
  },
  'an object that is deleted with Remove': async (nodeAccess) => {
    const world = worldOf({ a: [0] }, { nodeAccess });
    await passesFor(world, HOUR);
    put(world, 'a', [0], { deleting: true, deletionPolicy: 'Remove' });
    return world;
  },
};

interface Row {
  readonly condition: Condition;
  /** What `Applied` says in the end, with a star where it is Stalled. */
  readonly says: string;
  /** What else it may say, by state. */
  readonly but?: Readonly<Record<string, string>>;
}

const always = (fault: Fault): Condition => ({ fault: () => fault });
const inTurn = (...faults: (Fault | undefined)[]): Condition => ({
  // A fault strikes where a pass sends; three passes see a lost write through.
  fault: (pass) => faults[Math.floor(pass / 3) % faults.length],
});
/** ARM reports yes, and shows what it showed before. */
const forgets = (world: World) => void (world.cluster.put = () => 'Accepted');
/** The same, and AKS replaces every node with the list that was there before. */
function rollsInVain(world: World): void {
  const { cluster } = world;
  const put = cluster.put.bind(cluster);
  cluster.put = (one, now) => put({ ...one, elements: cluster.elements }, now);
}

const CONDITIONS: Readonly<Record<string, Row>> = {
  'every answer is lost': { condition: always('LostNever'), says: 'Unreachable*' },
  'the eTag has always moved on': { condition: always('Conflict'), says: 'ClusterBusy' },
  'ARM throttles': { condition: always('Throttled'), says: 'Throttled' },
  'a policy forbids it': { condition: always('Policy'), says: 'DisallowedByPolicy*' },
  'ARM refuses the certificates': { condition: always('Rejected'), says: 'CertificateRejected*' },
  'ARM refuses it for a reason nobody knows': { condition: always('Refused'), says: 'UpdateFailed*' },
  'the controller stops before each write': { condition: always('CrashBeforePut'), says: 'Unreachable*' },
  'ARM accepts and forgets': {
    condition: { begins: forgets },
    says: 'NotKept*',
    but: {
      // The list is there already, so nothing is missing but the nodes.
      'an operation that failed': 'UpdateFailed*',
      // ARM has heard the request, and the cluster is as canceled as before.
      'a canceled operation that a request released': 'UpdateCanceled*',
    },
  },
  'ARM accepts, rolls the nodes and forgets': {
    condition: { begins: rollsInVain },
    says: 'NotKept*',
    but: {
      // They roll with a list that is as it should be.
      'an operation that failed': 'Applied',
      'a canceled operation that a request released': 'Applied',
    },
  },
};

const CASES = Object.keys(STATES).flatMap((state) =>
  Object.keys(CONDITIONS).flatMap((name) => [true, false].map((nodeAccess) => [state, name, nodeAccess] as const)),
);

function said(world: World): string {
  return `${reasonOf(world, 'a', 'Applied')}${reasonOf(world, 'a', 'Stalled') === undefined ? '' : '*'}`;
}

/** The most that any condition may cost; writes wait a minute, then twice as long each, up to an hour. */
function expectBounded({ puts, passes: looks, recordWrites, statusWrites, events, hours }: Account): void {
  const firstHour = puts.filter((at) => at < HOUR).length;
  expect(firstHour).toBeLessThanOrEqual(12);
  expect(puts.length - firstHour).toBeLessThanOrEqual(1.5 * hours);
  expect(looks).toBeLessThanOrEqual(60 + 10 * hours);
  expect(recordWrites).toBeLessThanOrEqual(40 + 5 * hours);
  expect(statusWrites).toBeLessThanOrEqual(30 + 5 * hours);
  expect(events.length).toBeLessThanOrEqual(12 + 2 * hours);
}

describe('while one condition lasts for ever, writes are bounded, and the status names the cause', () => {
  it.each(CASES)('%s, and %s (node access: %s)', async (state, name, nodeAccess) => {
    const world = await STATES[state]!(nodeAccess);
    const { condition: holds, says, but } = CONDITIONS[name]!;
    expectBounded(await endure(world, holds, 24 * HOUR));
    expect(said(world)).toBe(but?.[state] ?? says);
  });

  it.each(Object.keys(STATES))('%s, and the controller stops before each record', async (state) => {
    const world = await STATES[state]!(true);
    const { puts, recordWrites } = await endure(world, always('CrashBeforeRecord'), HOUR);
    expect({ puts, recordWrites }).toEqual({ puts: [], recordWrites: 0 });
  });

  const mixtures: [string, Condition][] = [
    ['lost or refused', inTurn('LostNever', 'Policy')],
    ['lost or throttled', inTurn('LostNever', 'Throttled')],
    ['refused for one reason or another', inTurn('Refused', 'Throttled', 'Policy')],
    ['lost or accepted and forgotten', { ...inTurn('LostNever', undefined), begins: forgets }],
    ['refused or accepted and forgotten', { ...inTurn('Throttled', undefined), begins: forgets }],
  ];
  it.each(Object.keys(STATES).flatMap((state) => mixtures.map(([name, holds]) => [state, name, holds] as const)))(
    '%s, and writes are %s in turn',
    async (state, _name, holds) => {
      expectBounded(await endure(await STATES[state]!(true), holds, 24 * HOUR));
    },
  );

  it.each(Object.entries(CONDITIONS))(
    'says so within five minutes of the first write: %s',
    async (_name, { condition, says }) => {
      const { firstReported: reasons, puts } = await endure(worldOf({ a: [0] }), condition, 12 * HOUR);
      const first = reasons.get(says.replace('*', '')) ?? Infinity;
      // Where AKS rolls the nodes each time it takes three rolls to know.
      const slow = condition.begins === rollsInVain ? 30 * MINUTE : 0;
      expect(first - (puts[0] ?? 0)).toBeLessThanOrEqual(5 * MINUTE + slow);
    },
  );
});

describe('writes whose answers are lost', () => {
  const gaps = ({ puts }: Account) => puts.slice(1).map((at, index) => Math.round((at - puts[index]!) / MINUTE));

  it('are repeated after a minute, and then after twice as long each time, up to an hour', async () => {
    const account = await endure(worldOf({ a: [0] }), always('LostNever'), 6 * HOUR);
    expect(gaps(account)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  it('are repeated no sooner by a controller that starts anew each time', async () => {
    const account = await endure(worldOf({ a: [0] }), always('CrashBeforePut'), 6 * HOUR);
    expect(gaps(account)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  it('are named by the error in place of the second answer', async () => {
    const world = worldOf({ a: [0] });
    await world.pass('LostNever');
    await world.pass();
    expect(reasonOf(world, 'a', 'Applied')).toBe('Updating');
    await endure(world, always('LostNever'), 5 * MINUTE);
    expect(condition(world, 'a', 'Applied')).toMatchObject({
      reason: 'Unreachable',
      message: expect.stringContaining('The last error is NoAnswer: says NoAnswer.') as unknown,
    });
  });

  it('are forgotten once one is seen in ARM', async () => {
    const world = worldOf({ a: [0] });
    await endure(world, always('LostNever'), HOUR);
    expect(world.record?.unseenWrites?.count).toBeGreaterThan(4);
    await passesFor(world, 2 * HOUR);
    expect(world.record?.unseenWrites).toBeUndefined();
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it('are forgotten by an edit and by a request', async () => {
    for (const requestedAt of [undefined, 'now']) {
      const world = worldOf({ a: [0] });
      await endure(world, always('LostNever'), 2 * HOUR);
      put(world, 'a', requestedAt ? [0] : [0, 1], requestedAt ? { requestedAt } : {});
      await passesFor(world, 2 * MINUTE);
      expect(rootsOf(world)).toContain(0);
    }
  });

  it('do not use up the request that released a canceled operation', async () => {
    for (const nodeAccess of [true, false]) {
      const world = await STATES['a canceled operation that a request released']!(nodeAccess);
      expect((await endure(world, always('LostNever'), HOUR)).puts.length).toBeGreaterThan(3);
      await passesFor(world, 2 * HOUR);
      expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    }
  });
});

describe('a list that ARM accepts and does not keep', () => {
  async function notKept(): Promise<World> {
    const world = worldOf({ a: [0, 1], b: [5] }, { list: [5] });
    await endure(world, { begins: forgets }, HOUR);
    return world;
  }

  it('is sent three times, and then no more', async () => {
    const world = worldOf({ a: [0] });
    expect((await endure(world, { begins: forgets }, 24 * HOUR)).puts).toHaveLength(3);
  });

  it('is said with what ARM shows instead, to the objects that miss it', async () => {
    const world = await notKept();
    const { message } = condition(world, 'a', 'Applied') ?? {};
    expect(message).toMatch(
      /accepted the list 3 times .* has 1 element; not in it are the certificates [0-9a-f]{12}, /,
    );
    expect(reasonOf(world, 'b', 'Ready')).toBe('Trusted');
  });

  it('is sent again after an edit, and after a request', async () => {
    for (const requestedAt of [undefined, 'now']) {
      const world = await notKept();
      put(world, 'a', requestedAt ? [0, 1] : [0, 2], requestedAt ? { requestedAt } : {});
      expect(sentBy(await passesFor(world, MINUTE))).toHaveLength(1);
    }
  });

  it('counts as kept when it turns up after all', async () => {
    const world = await notKept();
    world.cluster.foreignPut([...world.cluster.elements, ...worldOf({}, { list: [0, 1] }).cluster.elements], world.now);
    await passesFor(world, 30 * MINUTE);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    await passesFor(world, 2 * HOUR);
    expect(world.record).not.toHaveProperty('unseenWrites');
  });
});
