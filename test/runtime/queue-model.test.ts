import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createWorkQueue, type WorkQueue } from '../../src/runtime/queue.ts';
import { ManualClock } from './manual-clock.ts';

/** Retries of all keys together: so many at once, and one each so many ms. */
const BURST = 2;
const EVERY_MS = 32;

/** What a queue is, without regard to how: lists and times that are looked through from end to end. */
class Model {
  now = 0;
  ready: string[] = [];
  processing: string[] = [];
  again: string[] = [];
  delayed: { key: string; due: number }[] = [];
  failures: Record<string, number> = {};
  fullAt = 0;

  add(key: string): void {
    if (this.ready.includes(key) || this.again.includes(key)) return;
    if (this.processing.includes(key)) this.again.push(key);
    else this.ready.push(key);
  }

  addAfter(key: string, ms: number): void {
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const due = this.now + ms;
    const known = this.delayed.find((entry) => entry.key === key);
    if (known !== undefined && known.due <= due) return;
    this.delayed = [...this.delayed.filter((entry) => entry.key !== key), { key, due }];
  }

  fail(key: string): void {
    const failures = this.failures[key] ?? 0;
    this.failures[key] = failures + 1;
    this.addAfter(key, Math.max(Math.min(64, 4 * 2 ** failures), this.#token()));
  }

  /** The bucket as the time at which it is full again (the generic cell rate algorithm). */
  #token(): number {
    this.fullAt = Math.max(this.now, this.fullAt) + EVERY_MS;
    return Math.max(0, this.fullAt - BURST * EVERY_MS - this.now);
  }

  take(): string | undefined {
    const key = this.ready.shift();
    if (key !== undefined) this.processing.push(key);
    return key;
  }

  done(key: string): void {
    if (!this.processing.includes(key)) return;
    this.processing = this.processing.filter((other) => other !== key);
    if (this.again.includes(key)) this.ready.push(key);
    this.again = this.again.filter((other) => other !== key);
  }

  advance(ms: number): void {
    this.now += ms;
    const due = this.delayed.filter((entry) => entry.due <= this.now);
    this.delayed = this.delayed.filter((entry) => entry.due > this.now);
    // A stable sort: of two that fall due together the one that was asked for first comes first.
    for (const { key } of due.sort((a, b) => a.due - b.due)) this.add(key);
  }
}

interface Real {
  readonly queue: WorkQueue;
  readonly clock: ManualClock;
  readonly held: Set<string>;
}

type Step = fc.AsyncCommand<Model, Real>;

const aborted = AbortSignal.abort();
const open = new AbortController().signal;

/** One step, taken in both; what can be seen from outside must then be the same. */
function step(name: string, inModel: (model: Model) => void, inReal: (real: Real) => Promise<void> | void): Step {
  return {
    check: () => true,
    toString: () => name,
    async run(model, real) {
      inModel(model);
      await inReal(real);
      expect(real.queue.length).toBe(model.ready.length);
      expect(real.clock.timers).toHaveLength(model.delayed.length);
    },
  };
}

function take(): Step {
  let expected: string | undefined;
  return step(
    'take',
    (model) => (expected = model.take()),
    async ({ queue, held }) => {
      const key = await queue.get(queue.length === 0 ? aborted : open);
      expect(key).toBe(expected);
      if (key === undefined) return;
      expect(held.has(key)).toBe(false);
      held.add(key);
    },
  );
}

const key = fc.constantFrom('a', 'b', 'c', 'd');
const steps: fc.Arbitrary<Step>[] = [
  key.map((k) =>
    step(
      `add ${k}`,
      (model) => model.add(k),
      ({ queue }) => queue.add(k),
    ),
  ),
  fc.tuple(key, fc.integer({ min: 0, max: 50 })).map(([k, ms]) =>
    step(
      `add ${k} after ${ms}`,
      (model) => model.addAfter(k, ms),
      ({ queue }) => queue.addAfter(k, ms),
    ),
  ),
  key.map((k) =>
    step(
      `fail ${k}`,
      (model) => model.fail(k),
      ({ queue }) => queue.addRateLimited(k),
    ),
  ),
  key.map((k) =>
    step(
      `forget ${k}`,
      (model) => delete model.failures[k],
      ({ queue }) => queue.forget(k),
    ),
  ),
  fc.constant(undefined).map(take),
  key.map((k) =>
    step(
      `done ${k}`,
      (model) => model.done(k),
      ({ queue, held }) => {
        queue.done(k);
        held.delete(k);
      },
    ),
  ),
  fc.integer({ min: 1, max: 60 }).map((ms) =>
    step(
      `${ms} ms pass`,
      (model) => model.advance(ms),
      ({ clock }) => clock.advance(ms),
    ),
  ),
];

describe('a work queue and its model', () => {
  it('do the same whatever is done to them, and never give one key to two workers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 60 }), (commands) => {
        const setup = () => {
          const clock = new ManualClock();
          const queue = createWorkQueue({
            clock,
            backoff: { fromMs: 4, toMs: 64 },
            overall: { perSecond: 1000 / EVERY_MS, burst: BURST },
          });
          return { model: new Model(), real: { queue, clock, held: new Set<string>() } };
        };
        return fc.asyncModelRun(setup, commands);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('let no key wait for another that comes back all the time', async () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 10 }),
        async (keys, workers, hot) => {
          const queue = createWorkQueue({ clock: new ManualClock() });
          const noisy = Array.from({ length: hot }, (_, n) => `noisy-${n}`);
          for (const name of [...noisy, ...keys]) queue.add(name);
          const held: string[] = [];
          const taken = new Set<string>();
          // Each worker holds a key while the others take theirs; the noisy ones are added again at every chance.
          for (let takes = 0; takes < noisy.length + keys.length; takes++) {
            for (const name of noisy) queue.add(name);
            const next = await queue.get(queue.length === 0 ? aborted : open);
            if (next !== undefined) held.push(next);
            if (next !== undefined) taken.add(next);
            for (const name of noisy) queue.add(name);
            if (held.length >= workers) queue.done(held.shift() ?? '');
          }
          expect([...taken].sort()).toEqual([...noisy, ...keys].sort());
        },
      ),
      { numRuns: 200 },
    );
  });
});
