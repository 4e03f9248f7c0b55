import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ControllerObserver,
  type Reconcile,
  type Result,
  runController,
  TerminalError,
} from '../../src/runtime/controller.ts';
import { silentLogger } from '../../src/runtime/logging.ts';
import { createWorkQueue, type WorkQueue } from '../../src/runtime/queue.ts';
import { ManualClock, settled } from './manual-clock.ts';

describe('a controller', () => {
  let clock: ManualClock;
  let queue: WorkQueue;
  let stop: AbortController;
  let ended: string[];

  beforeEach(() => {
    clock = new ManualClock();
    queue = createWorkQueue({ clock, backoff: { fromMs: 100, toMs: 1000 } });
    stop = new AbortController();
    ended = [];
  });

  const metrics: ControllerObserver = {
    reconcileStarted: () => {},
    reconcileEnded: (result) => void ended.push(result),
  };

  function run(reconcile: (key: string, pass: Reconcile) => Promise<Result>, workers = 1, passSignal?: AbortSignal) {
    let passes = 0;
    return runController({
      name: 'test',
      queue,
      workers,
      reconcile,
      signal: stop.signal,
      logger: silentLogger,
      metrics,
      newReconcileId: () => `reconcile-${++passes}`,
      ...(passSignal === undefined ? {} : { reconcileSignal: passSignal }),
    });
  }

  it('works on each key once and leaves those that are done', async () => {
    const seen: string[] = [];
    const running = run((key, { reconcileId }) => {
      seen.push(`${key} ${reconcileId}`);
      return Promise.resolve({ kind: 'done' });
    });
    queue.add('a');
    queue.add('b');
    await settled();
    expect(seen).toEqual(['a reconcile-1', 'b reconcile-2']);
    expect(clock.timers).toEqual([]);
    expect(ended).toEqual(['success', 'success']);
    stop.abort();
    await running;
  });

  it('reconciles a key again after the time that a result names', async () => {
    let passes = 0;
    void run(() => Promise.resolve(++passes === 1 ? { kind: 'after', ms: 5000 } : { kind: 'done' }));
    queue.add('a');
    await settled();
    expect(clock.timers).toEqual([5000]);
    await clock.advance(5000);
    expect(passes).toBe(2);
    expect(ended).toEqual(['requeue_after', 'success']);
    stop.abort();
  });

  it('tries a key that failed again after growing pauses, until a pass succeeds', async () => {
    let failing = true;
    void run(() => (failing ? Promise.reject(new Error('no')) : Promise.resolve({ kind: 'done' })));
    queue.add('a');
    await settled();
    expect(clock.timers).toEqual([100]);
    await clock.advance(100);
    expect(clock.timers).toEqual([200]);
    failing = false;
    await clock.advance(200);
    expect(clock.timers).toEqual([]);
    failing = true;
    queue.add('a');
    await settled();
    expect(clock.timers).toEqual([100]);
    stop.abort();
  });

  it.each([
    ['a server asked for longer', 5000, 5000],
    ['a server asked for less', 10, 100],
    ['a server asked for a year', 365 * 24 * 3_600_000, 3_600_000],
    ['what was asked for is no time', Number.NaN, 100],
    ['what was asked for is no number', '5000', 100],
  ])('waits for its own pause at least before it tries again: %s', async (_what, retryAfterMs, pause) => {
    void run(() => Promise.reject(Object.assign(new Error('busy'), { retryAfterMs })));
    queue.add('a');
    await settled();
    expect(clock.timers).toEqual([pause]);
    stop.abort();
  });

  it('leaves a key alone whose failure no retry fixes, until it is added again', async () => {
    let passes = 0;
    void run(() => Promise.reject(++passes === 2 ? new TerminalError('never') : new Error('no')));
    queue.add('a');
    await settled();
    await clock.advance(100);
    expect([passes, clock.timers]).toEqual([2, []]);
    queue.add('a');
    await settled();
    // From the shortest pause on again.
    expect([passes, clock.timers]).toEqual([3, [100]]);
    expect(ended).toEqual(['error', 'terminal', 'error']);
    stop.abort();
  });

  it('works once more on a key that was added while its pass failed for good', async () => {
    let passes = 0;
    void run(() => {
      if (++passes === 1) queue.add('a');
      return passes === 1 ? Promise.reject(new TerminalError('never')) : Promise.resolve({ kind: 'done' });
    });
    queue.add('a');
    await settled();
    expect(ended).toEqual(['terminal', 'success']);
    stop.abort();
  });

  it('goes on with other keys when one throws at once', async () => {
    const seen: string[] = [];
    void run((key) => {
      if (key === 'bad') throw new Error('not even a promise');
      seen.push(key);
      return Promise.resolve({ kind: 'done' });
    });
    queue.add('bad');
    queue.add('good');
    await settled();
    expect(seen).toEqual(['good']);
    stop.abort();
  });

  it('works on as many keys at a time as it has workers, and never on one key twice', async () => {
    const going: string[] = [];
    const gates = new Map<string, () => void>();
    void run((key) => {
      going.push(key);
      return new Promise((resolve) => gates.set(key, () => resolve({ kind: 'done' })));
    }, 2);
    for (const key of ['a', 'b', 'c', 'a']) queue.add(key);
    await settled();
    queue.add('a');
    expect(going).toEqual(['a', 'b']);
    gates.get('b')?.();
    await settled();
    expect(going).toEqual(['a', 'b', 'c']);
    gates.get('a')?.();
    await settled();
    expect(going).toEqual(['a', 'b', 'c', 'a']);
    stop.abort();
  });

  it('lets passes that have begun end before it ends, and begins no other', async () => {
    const gate = Promise.withResolvers<Result>();
    const seen: string[] = [];
    let over = false;
    const passSignal = new AbortController().signal;
    const running = run(
      (key, { signal }) => {
        seen.push(key);
        expect(signal).toBe(passSignal);
        return gate.promise;
      },
      1,
      passSignal,
    ).then(() => (over = true));
    queue.add('a');
    queue.add('b');
    await settled();
    stop.abort();
    await settled();
    expect(over).toBe(false);
    gate.resolve({ kind: 'done' });
    await running;
    expect(seen).toEqual(['a']);
  });
});
