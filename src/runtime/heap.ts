import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pause, type Clock } from './clock.ts';
import type { Part } from './manager.ts';

/**
 * The controller is idle for most of its life, and would otherwise keep the memory of its last burst: the young generation grows to
 * 48 MB, and the old one to several times its live data. They cost some CPU under load (docs/adr/0027-a-small-heap.md).
 */
export const HEAP_FLAGS = ['--semi-space-growth-factor=1', '--heap-growing-percent=30'] as const;

/** Keeps the heap of this process small. Call it before much is allocated. */
export function limitHeap(): void {
  for (const flag of HEAP_FLAGS) setFlagsFromString(flag);
}

export interface SpareMemoryOptions {
  readonly clock: Clock;
  /** Collects all garbage and releases the pages; default V8's own. */
  readonly collect?: () => void;
  /** Bytes in use on the heap; default this process's. */
  readonly heapUsed?: () => number;
  /** Share of the time since the last call in which the process worked, 0 to 1; default this process's event loop. */
  readonly utilization?: () => number;
}

const CHECK_MS = 10_000;
/** Below this the process is at rest: a collection delays no work. */
const AT_REST = 0.05;
/** Less garbage than this is not worth the work. */
const WORTHWHILE_BYTES = 8 * 2 ** 20;

/**
 * Collects garbage once when a burst is over. V8 collects only on allocation, so an idle controller would keep the garbage of its
 * last burst.
 */
export function spareMemory(options: SpareMemoryOptions): Part {
  const { clock, collect = collector(), heapUsed = () => process.memoryUsage().heapUsed } = options;
  const utilization = options.utilization ?? loopUtilization();
  return {
    name: 'memory',
    async run({ stop }) {
      let after = 0;
      for (;;) {
        await pause(clock, CHECK_MS, stop);
        if (stop.aborted) return;
        if (utilization() > AT_REST || heapUsed() - after < WORTHWHILE_BYTES) continue;
        collect();
        after = heapUsed();
      }
    },
  };
}

function loopUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

/** V8's own full collection, also where the process was started without `--expose-gc`. */
export function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (options: Readonly<Record<string, string>>) => void;
  // A plain collection makes room in V8's pages and keeps them. This one moves what is left together and gives pages back.
  return () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
