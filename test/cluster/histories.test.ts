import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import { fingerprintsOf } from '../../src/cluster/trust/listed.ts';
import { at, listOf, MINUTE, toIntent } from './build.ts';
import { happen, step, type Step } from './history.ts';
import { Ledger } from './ledger.ts';
import { faultsOf } from './send-rules.ts';
import { World, type Fault, type PassOutcome } from './world.ts';

const RUNS = Number(process.env['HISTORY_RUNS'] ?? 200);
const SEED = process.env['HISTORY_SEED'];
const PARAMETERS = { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) };
/** Longer than anything waits for by itself: after so long without a change a history is over. */
const QUIET = 70 * MINUTE;
/** What may be the last word on an object that nothing disturbs any more. */
const RESTS = new Set(['Trusted', 'NothingWanted', 'LimitExceeded', 'Suspended', 'Invalid', 'WouldRemoveAll']);

class Runner {
  readonly world: World;
  readonly ledger = new Ledger();
  sends = 0;
  #hurried = 0;

  constructor(options: { eTags: boolean; nodeAccess: boolean }) {
    this.world = new World(options);
  }

  pass(fault?: Fault): PassOutcome {
    const outcome = this.world.pass(fault);
    const { decision, observation, sent, afterMs } = outcome;
    if (fault !== 'CrashBeforeRecord' || decision.step.kind !== 'Send') this.ledger.note(observation);
    if (sent) {
      this.sends += 1;
      expect(faultsOf(sent, this.ledger)).toEqual([]);
    }
    this.#hurried = afterMs < 100 ? this.#hurried + 1 : 0;
    // Five lost races in a row are tried again at once.
    expect(this.#hurried).toBeLessThan(8);
    return outcome;
  }

  follow(steps: readonly Step[]): void {
    for (const { event, fault } of steps) {
      happen(this.world, event);
      const { afterMs } = this.pass(fault);
      this.world.wait(Math.min(afterMs, 1000));
    }
  }

  /** Looks as the passes ask for it, until nothing changes any more. */
  settle(): void {
    let changedAt = this.world.now;
    for (let looks = 0; this.world.now < changedAt + QUIET; looks++) {
      if (looks > 3000) throw new Error('it never comes to rest');
      const before = { record: this.world.record, objects: new Map(this.world.objects), sends: this.sends };
      const { afterMs } = this.pass();
      const same =
        isDeepStrictEqual(before.record, this.world.record) &&
        isDeepStrictEqual(before.objects, this.world.objects) &&
        before.sends === this.sends;
      if (!same) changedAt = this.world.now;
      this.world.wait(Math.max(afterMs, 10));
    }
  }

  askAgain(): void {
    const { objects, now } = this.world;
    for (const [name, object] of objects) {
      const annotations = { [RECONCILE_REQUESTED_AT]: at(now) };
      objects.set(name, { ...object, metadata: { ...object.metadata, annotations } });
    }
  }
}

/** What is not as it should be once everything is done. */
function leftUndone({ record, objects, cluster }: World): string[] {
  const list = new Set(listOf(...cluster.elements).flatMap(fingerprintsOf));
  const left: string[] = [];
  if (record?.operation) left.push('an operation is recorded');
  if (record?.pending) left.push('a change is pending');
  if (record?.missing?.some(({ namedBy }) => namedBy?.some((name) => isActive(objects, name))))
    left.push('a certificate is missing');
  for (const { namedBy = [] } of record?.slots ?? []) {
    const departed = namedBy.filter((name) => !objects.has(name.slice(0, name.lastIndexOf('/'))));
    if (departed.length > 0) left.push(`a place is held by ${departed.join()}`);
  }
  for (const [name, object] of objects) {
    const reason = object.status?.conditions?.find(({ type }) => type === 'Ready')?.reason ?? 'nothing';
    if (object.metadata.deletionTimestamp !== undefined) left.push(`${name} waits to be deleted`);
    if (!RESTS.has(reason)) left.push(`${name} says ${reason}`);
    const wanted = toIntent(object).rows.flatMap(({ certificate }) => certificate?.fingerprint ?? []);
    if (reason === 'Trusted' && !wanted.every((one) => list.has(one))) left.push(`${name} is not in the list`);
    const states = new Set(object.status?.certificates?.map(({ state }) => state));
    if (states.has('Applying') || states.has('Removing')) left.push(`${name} has certificates under way`);
  }
  return left;
}

function isActive(objects: World['objects'], naming: string): boolean {
  const object = objects.get(naming.slice(0, naming.lastIndexOf('/')));
  return object?.status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'Trusted') ?? false;
}

describe('a history of a cluster', () => {
  it('keeps the rules at every write, and comes to rest once nothing disturbs it', () => {
    const options = fc.record({ eTags: fc.boolean(), nodeAccess: fc.boolean() });
    const steps = fc.array(step, { minLength: 1, maxLength: 30 });
    const property = fc.property(options, steps, (given, happened) => {
      const runner = new Runner(given);
      const { world } = runner;
      const { cluster } = world;
      runner.follow(happened);

      cluster.stopped = false;
      cluster.nextEnd = 'Succeeded';
      world.wait(2 * MINUTE);
      runner.settle();
      runner.askAgain();
      runner.settle();
      // Only what others left behind, what nobody can tell or nobody is left to release, waits for people.
      if (cluster.state !== 'Succeeded' && given.nodeAccess && world.objects.size > 0)
        expect(cluster.lastWriter).toBe('others');

      cluster.foreignPut(cluster.elements, world.now);
      runner.settle();
      expect(leftUndone(world)).toEqual([]);
      const before = runner.sends;
      runner.askAgain();
      runner.settle();
      expect(runner.sends).toBe(before);
    });
    fc.assert(property, PARAMETERS);
  });
});
