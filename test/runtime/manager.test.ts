import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../src/runtime/logging.ts';
import { aborted, type Part, runManager } from '../../src/runtime/manager.ts';
import { ManualClock, settled } from './manual-clock.ts';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

describe('the manager', () => {
  let process: FakeProcess;
  let clock: ManualClock;
  let said: string[];

  beforeEach(() => {
    process = new FakeProcess();
    clock = new ManualClock();
    said = [];
  });

  function run(parts: readonly (Part | readonly Part[])[]): Promise<number> {
    return runManager({ parts, logger: silentLogger, graceMs: 30_000, clock, process });
  }

  /** Says when it starts and when it ends; takes `until` to end once it is stopped. */
  function part(name: string, options: { ready?: Promise<void>; until?: Promise<void> } = {}): Part {
    const { ready } = options;
    return {
      name,
      async run({ stop }) {
        said.push(`${name} starts`);
        await aborted(stop);
        await options.until;
        said.push(`${name} ends`);
      },
      ...(ready === undefined ? {} : { ready: () => ready }),
    };
  }

  it('starts each part when the one before is ready, and stops them in the opposite order', async () => {
    const synced = Promise.withResolvers<void>();
    const running = run([
      part('health'),
      [part('cache', { ready: synced.promise }), part('other cache')],
      part('worker'),
    ]);
    await settled();
    expect(said).toEqual(['health starts', 'cache starts', 'other cache starts']);
    synced.resolve();
    await settled();
    expect(said.slice(3)).toEqual(['worker starts']);
    process.emit('SIGTERM');
    expect(await running).toBe(0);
    expect(said.slice(4)).toEqual(['worker ends', 'cache ends', 'other cache ends', 'health ends']);
  });

  it('waits for what a part has begun before it stops the one before', async () => {
    const pass = Promise.withResolvers<void>();
    const running = run([part('lease'), part('worker', { until: pass.promise })]);
    await settled();
    process.emit('SIGINT');
    await settled();
    await clock.advance(29_999);
    expect(said).toEqual(['lease starts', 'worker starts']);
    pass.resolve();
    expect(await running).toBe(0);
    expect(said.slice(2)).toEqual(['worker ends', 'lease ends']);
    expect(clock.timers).toEqual([]);
  });

  it('cuts off what has not ended by the end of the grace, and still stops the others', async () => {
    const never = Promise.withResolvers<void>();
    const cut: string[] = [];
    const stuck: Part = {
      name: 'stuck',
      run({ cutOff }) {
        cutOff.addEventListener('abort', () => cut.push('cut off'));
        return never.promise;
      },
    };
    const running = run([part('lease'), stuck]);
    await settled();
    process.emit('SIGTERM');
    await settled();
    await clock.advance(30_000);
    expect(cut).toEqual(['cut off']);
    await clock.advance(1000);
    expect(await running).toBe(1);
    expect(said).toEqual(['lease starts', 'lease ends']);
  });

  it('stops everything with 1 when a part fails', async () => {
    const failing: Part = { name: 'failing', run: () => Promise.reject(new Error('lost the lease')) };
    expect(await run([part('health'), failing, part('worker')])).toBe(1);
    expect(said).toEqual(['health starts', 'health ends']);
  });

  it('stops everything with 1 when a part throws at once or can never be ready', async () => {
    const throwing: Part = {
      name: 'throwing',
      run() {
        throw new Error('not even a promise');
      },
    };
    expect(await run([throwing])).toBe(1);
    expect(await run([{ ...part('cache'), ready: () => Promise.reject(new Error('no such kind')) }])).toBe(1);
  });

  it('does not mind a part that ends by itself', async () => {
    const running = run([{ name: 'once', run: () => Promise.resolve() }, part('worker')]);
    await settled();
    expect(said).toEqual(['worker starts']);
    process.emit('SIGTERM');
    expect(await running).toBe(0);
  });

  it('can be stopped while a part is not ready', async () => {
    const running = run([part('cache', { ready: new Promise(() => {}) }), part('worker')]);
    await settled();
    process.emit('SIGTERM');
    expect(await running).toBe(0);
    expect(said).toEqual(['cache starts', 'cache ends']);
  });

  it('exits with 1 at the second signal', async () => {
    void run([part('worker', { until: new Promise(() => {}) })]);
    await settled();
    process.emit('SIGTERM');
    expect(process.exits).toEqual([]);
    process.emit('SIGINT');
    expect(process.exits).toEqual([1]);
  });

  it('leaves the signals alone when it is done', async () => {
    const stop = new AbortController();
    const running = runManager({ parts: [], logger: silentLogger, graceMs: 1, clock, process, stop: stop.signal });
    expect(process.listenerCount('SIGTERM')).toBe(1);
    stop.abort();
    expect(await running).toBe(0);
    expect(process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')).toBe(0);
  });
});
