import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { spareMemory } from '../../src/runtime/heap.ts';
import { ManualClock } from './manual-clock.ts';

const MiB = 2 ** 20;
const HEAP_IN_PIECES = join(import.meta.dirname, 'heap-in-pieces.ts');

/** A process with a heap and a load that a test sets; a collection leaves 20 MiB. */
function processWith() {
  const clock = new ManualClock();
  const state = { heap: 60 * MiB, load: 0, collections: 0 };
  const end = new AbortController();
  const running = spareMemory({
    clock,
    heapUsed: () => state.heap,
    utilization: () => state.load,
    collect: () => {
      state.collections += 1;
      state.heap = 20 * MiB;
    },
  }).run({ stop: end.signal, cutOff: end.signal });
  const check = () => clock.advance(10_000);
  const finish = () => {
    end.abort();
    return running;
  };
  return { state, clock, check, end: finish };
}

describe('a process at rest', () => {
  it('gives back what its last burst left behind, once', async () => {
    const { state, check, end } = processWith();
    await check();
    expect(state.collections).toBe(1);
    for (let n = 0; n < 10; n++) await check();
    expect(state.collections).toBe(1);
    await end();
  });

  it('collects nothing while it works', async () => {
    const { state, check, end } = processWith();
    state.load = 0.4;
    for (let n = 0; n < 10; n++) await check();
    expect(state.collections).toBe(0);
    state.load = 0;
    await check();
    expect(state.collections).toBe(1);
    await end();
  });

  it('collects again when there is something to collect again', async () => {
    const { state, check, end } = processWith();
    await check();
    state.heap += 7 * MiB;
    await check();
    expect(state.collections).toBe(1);
    state.heap += 2 * MiB;
    await check();
    expect(state.collections).toBe(2);
    await end();
  });

  it('has no timer left after it was stopped', async () => {
    const { clock, end } = processWith();
    await end();
    expect(clock.timers).toEqual([]);
  });
});

describe('the collector of this process', () => {
  it('gives memory back for real', async () => {
    const clock = new ManualClock();
    const end = new AbortController();
    const held = { garbage: Array.from({ length: 300_000 }, (_, n) => ({ n, text: `text ${n}` })) };
    const running = spareMemory({ clock, utilization: () => 0 }).run({ stop: end.signal, cutOff: end.signal });
    const before = process.memoryUsage().heapUsed;
    held.garbage = [];
    await clock.advance(10_000);
    expect(before - process.memoryUsage().heapUsed).toBeGreaterThan(10 * MiB);
    expect(held.garbage).toEqual([]);
    end.abort();
    await running;
  });

  it('gives the pages of a heap in pieces back to the system', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', HEAP_IN_PIECES]);
    const { before, after } = JSON.parse(stdout) as { before: number; after: number };
    // A collection that moves nothing gives back nothing.
    expect(before - after).toBeGreaterThan(6);
  });
});
