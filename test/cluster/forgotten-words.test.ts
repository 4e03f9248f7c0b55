import { describe, expect, it } from '@jest/globals';
import type { RecordStatus } from '../../src/cluster/model/record.ts';
import { omit } from '../../src/cluster/model/omit.ts';
import { element, MINUTE, SECOND, type TrustOptions } from '../harness/build.ts';
import { put, worldOf } from '../harness/follow.ts';
import type { Fault, World } from '../harness/world.ts';

/** Without the crash before a record is written: a record that lost its conditions is written more often. */
const FAULTS: readonly (Fault | undefined)[] = [
  ...Array.from({ length: 14 }, () => undefined),
  ...(['Unreachable', 'StaleRead', 'CrashBeforePut', 'CrashAfterPut'] as const),
  ...(['LostArrived', 'LostNever', 'LostLate', 'Throttled', 'Rejected', 'Conflict', 'Refused'] as const),
];
const WAITS = [5 * SECOND, 20 * SECOND, MINUTE, 3 * MINUTE, 15 * MINUTE];
/** More objects than a row of the record has names for. */
const CROWD = Array.from({ length: 18 }, (_, index) => `crowd-${index}`);
const NAMES = ['a', 'b', ...CROWD.slice(15)];

function withoutWords(record: RecordStatus | undefined): RecordStatus | undefined {
  return record && omit(record, ['conditions', 'state']);
}

function forgetStatuses(world: World): void {
  for (const [name, object] of world.objects) world.objects.set(name, omit(object, ['status']));
}

/** One step of a history: an edit, what another client or AKS does, or only time. */
function happen(world: World, dice: () => number): void {
  const pick = <T>(some: readonly T[]): T => some[Math.floor(dice() * some.length)]!;
  const [what, name, wait] = [dice(), pick(NAMES), pick(WAITS)];
  const roots = [0, 1, 2, 3].filter(() => dice() < 0.4);
  const options: TrustOptions = pick<TrustOptions>([
    ...[
      {},
      {},
      { allowEmpty: false },
      { suspend: true },
      { unmanagedCertificates: 'Remove' as const },
      { adopt: true },
    ],
    ...[{ deleting: true, deletionPolicy: 'Remove' as const }, { deleting: true }],
  ]);
  if (what < 0.12) put(world, name, roots, options);
  else if (what < 0.16)
    world.cluster.foreignPut(
      roots.map((root) => element(root)),
      world.now,
    );
  else if (what < 0.2) world.cluster.nextEnd = pick(['Failed', 'Canceled'] as const);
  else if (what < 0.21) world.cluster.recreate(world.now);
  else if (what < 0.23) world.cluster.stopped = !world.cluster.stopped;
  world.wait(wait);
}

/** What was decided: what was sent, the record, when to go on, and which objects wait to be released. */
function decided(world: World, { sent, afterMs }: Awaited<ReturnType<World['pass']>>) {
  return {
    ...{ sent, afterMs },
    record: withoutWords(world.record),
    objects: [...world.objects].map(([name, { metadata }]) => [name, metadata.finalizers]),
  };
}

/** What the objects are told, without the times at which it began. */
function told(world: World) {
  return [...world.objects].map(([name, { status }]) => ({
    name,
    certificates: status?.certificates,
    conditions: status?.conditions
      ?.filter(({ type }) => type !== 'Stalled' && type !== 'Reconciling')
      .map((one) => omit(one, ['lastTransitionTime'])),
  }));
}

function diceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('a controller whose statuses and conditions are lost before every pass', () => {
  it.each(Array.from({ length: 16 }, (_, seed) => seed + 1))(
    'decides, records and says the same as one that has them (history %i)',
    async (seed) => {
      const start = (more: Parameters<typeof worldOf>[1] = {}) =>
        worldOf(
          { a: [0], b: [1], ...(seed % 4 === 0 ? Object.fromEntries(CROWD.map((name) => [name, [2]])) : {}) },
          { nodeAccess: seed % 2 === 0, list: seed % 3 === 0 ? [3] : [], ...more },
        );
      const [knowing, forgetful] = [start(), start({ recordAsRead: withoutWords })];
      const dice = [diceOf(seed), diceOf(seed)] as const;
      const faults = diceOf(seed + 1000);
      for (let step = 0; step < 120; step++) {
        const fault = FAULTS[Math.floor(faults() * FAULTS.length)];
        happen(knowing, dice[0]);
        happen(forgetful, dice[1]);
        forgetStatuses(forgetful);
        const [one, other] = [await knowing.pass(fault), await forgetful.pass(fault)];
        expect({ step, fault, ...decided(forgetful, other) }).toEqual({ step, fault, ...decided(knowing, one) });
        // A read that fails shows what was shown before.
        if (fault === undefined && !one.sent)
          expect({ step, told: told(forgetful) }).toEqual({ step, told: told(knowing) });
      }
      expect(knowing.cluster.ourWrites.length).toBeGreaterThan(0);
    },
    60_000,
  );
});
