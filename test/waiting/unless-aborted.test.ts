import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { startDeadline } from '../../src/waiting/deadline.ts';
import { unlessAborted } from '../../src/waiting/unless-aborted.ts';

const REASON = new Error('the caller has left');

describe('work under a signal', () => {
  it('ends as it ends, and leaves no listener', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(unlessAborted(Promise.reject(new Error('refused')), signal)).rejects.toThrow('refused');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each(['before', 'while'])(
    'is given up when the signal aborts %s it runs, and its late result is handed over',
    async (when) => {
      const caller = new AbortController();
      const work = Promise.withResolvers<number>();
      const late: number[] = [];
      if (when === 'before') caller.abort(REASON);
      const ended = unlessAborted(work.promise, caller.signal, (value) => late.push(value));
      caller.abort(REASON);
      await expect(ended).rejects.toBe(REASON);
      work.resolve(7);
      await work.promise;
      expect(late).toEqual([7]);
    },
  );

  it('may fail late without an unhandled rejection', async () => {
    const work = Promise.withResolvers<number>();
    await expect(unlessAborted(work.promise, AbortSignal.abort(REASON))).rejects.toBe(REASON);
    work.reject(new Error('refused'));
    await work.promise.catch(() => {});
  });
});

describe('a deadline', () => {
  it('passes the reason of its caller on, and has not expired then', () => {
    const caller = new AbortController();
    const deadline = startDeadline(60_000, caller.signal);
    caller.abort(REASON);
    expect(deadline.signal.reason).toBe(REASON);
    expect(deadline.expired()).toBe(false);
    deadline.release();
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });

  it('aborts when time is up', async () => {
    const deadline = startDeadline(1, undefined);
    await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
    expect(deadline.expired()).toBe(true);
  });
});
