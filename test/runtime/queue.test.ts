import { beforeEach, describe, expect, it } from '@jest/globals';
import { createWorkQueue, type WorkQueue } from '../../src/runtime/queue.ts';
import { ManualClock } from './manual-clock.ts';

const never = new AbortController().signal;

describe('a work queue', () => {
  let clock: ManualClock;
  let queue: WorkQueue;

  beforeEach(() => {
    clock = new ManualClock();
    queue = createWorkQueue({ clock, backoff: { fromMs: 100, toMs: 1000 } });
  });

  it('hands out keys in the order in which they came, each once', async () => {
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.length).toBe(3);
    expect([await queue.get(never), await queue.get(never), await queue.get(never)]).toEqual(['a', 'b', 'c']);
    expect(queue.length).toBe(0);
  });

  it('works on a key once more when it was added while it was worked on, and not before that is done', async () => {
    queue.add('a');
    await queue.get(never);
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(queue.length).toBe(1);
    await queue.get(never);
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('wakes one waiter a key', async () => {
    const got: (string | undefined)[] = [];
    const first = queue.get(never).then((key) => got.push(key));
    const second = queue.get(never).then((key) => got.push(key));
    queue.add('a');
    await first;
    expect(got).toEqual(['a']);
    queue.add('b');
    await second;
    expect(got).toEqual(['a', 'b']);
  });

  it('gives nothing to a waiter whose signal aborts, and the next key to the other', async () => {
    const controller = new AbortController();
    const first = queue.get(controller.signal);
    const second = queue.get(never);
    controller.abort();
    queue.add('a');
    expect(await first).toBeUndefined();
    expect(await second).toBe('a');
  });

  it('adds a key when its time has come', async () => {
    queue.addAfter('a', 100);
    await clock.advance(99);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
  });

  it.each([
    ['the first', 100, 200],
    ['the second', 200, 100],
  ])('keeps the earliest of two times: %s', async (_which, first, second) => {
    queue.addAfter('a', first);
    queue.addAfter('a', second);
    expect(clock.timers).toEqual([100]);
    await clock.advance(100);
    expect(await queue.get(never)).toBe('a');
    queue.done('a');
    await clock.advance(1000);
    expect(queue.length).toBe(0);
  });

  it.each([0, -1, Number.NaN])('adds at once after %d ms', (ms) => {
    queue.addAfter('a', ms);
    expect(queue.length).toBe(1);
  });

  it('doubles the pause of a key that fails again and again, up to the longest, each key by itself', async () => {
    const pauses: (number | undefined)[] = [];
    for (let failure = 0; failure < 6; failure++) {
      queue.addRateLimited('a');
      pauses.push(clock.timers[0]);
      await clock.advance(1000);
      await queue.get(never);
      queue.done('a');
    }
    expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
    queue.addRateLimited('b');
    expect(clock.timers).toEqual([100]);
  });

  it('keeps the retries of all keys together within their rate once the burst is used up, and nothing else', async () => {
    const limited = createWorkQueue({ clock, backoff: { fromMs: 1, toMs: 1 }, overall: { perSecond: 10, burst: 3 } });
    for (let n = 0; n < 6; n++) limited.addRateLimited(`k-${n}`);
    expect(clock.timers).toEqual([1, 1, 1, 100, 200, 300]);
    limited.add('new');
    expect(await limited.get(never)).toBe('new');
    await clock.advance(1000);
    limited.addRateLimited('later');
    expect(clock.timers).toEqual([1]);
  });

  it('lets a hundred keys fail at once, and ten a second from then on, unless configured otherwise', () => {
    for (let n = 0; n < 102; n++) queue.addRateLimited(`k-${n}`);
    expect(clock.timers.slice(98)).toEqual([100, 100, 100, 200]);
  });

  it('waits as long as the server asked for, where that is longer', () => {
    queue.addRateLimited('a', 700);
    queue.addRateLimited('b', 20);
    expect(clock.timers).toEqual([100, 700]);
  });

  it('starts with the shortest pause again after the key was forgotten', () => {
    queue.addRateLimited('a');
    queue.forget('a');
    queue.addRateLimited('a');
    expect(clock.timers).toEqual([100]);
  });

  it('spreads pauses over their upper half by chance', () => {
    const spread = createWorkQueue({ clock, backoff: { fromMs: 100, toMs: 1000 }, random: () => 0 });
    spread.addRateLimited('a');
    expect(clock.timers).toEqual([50]);
  });

  it('ends its waiters and takes nothing in when it shuts down', async () => {
    const waiting = queue.get(never);
    queue.addAfter('later', 100);
    queue.shutDown();
    queue.add('a');
    queue.addAfter('b', 1);
    queue.addRateLimited('c');
    expect(await waiting).toBeUndefined();
    expect(await queue.get(never)).toBeUndefined();
    expect(clock.timers).toEqual([]);
    expect(queue.length).toBe(0);
  });

  it('does not hand out what waited when it shut down', async () => {
    queue.add('a');
    queue.shutDown();
    expect(await queue.get(never)).toBeUndefined();
  });
});
