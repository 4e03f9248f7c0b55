import { Gauge, type Registry } from 'prom-client';
import type { Clock } from './clock.ts';
import type { Logger } from './logging.ts';
import { aborted, type Part } from './manager.ts';

export interface EventLoopWatchOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Monotonic milliseconds; default `performance.now`. */
  readonly elapsed?: () => number;
}

/**
 * Interval of the timer whose delay is measured. A shorter delay may be missed, a longer one is measured up to this much too
 * short. Node's own monitor (perf_hooks) misses the first tick after each reset, and prom-client's use of it, every 10 ms, costs
 * half a percent of a core for as long as the process lives.
 */
export const TICK_MS = 500;
/**
 * A leader steps down when it could not renew its lease for 10 s, and tries every 2 s: an event loop that is blocked for this
 * time has used a fifth of that, without reading an answer.
 */
export const SLOW_MS = 2000;

/** Measures how long the event loop is blocked, and warns before that costs the lease. */
export function watchEventLoop(options: EventLoopWatchOptions): Part {
  const { registry, clock, logger, elapsed = () => performance.now() } = options;
  let longest = 0;

  new Gauge({
    name: 'nodejs_eventloop_lag_max_seconds',
    help: 'Longest time for which the event loop was blocked since the last scrape.',
    registers: [registry],
    collect() {
      this.set(longest / 1000);
      longest = 0;
    },
  });

  function late(ms: number): void {
    longest = Math.max(longest, ms);
    if (ms < SLOW_MS) return;
    const delayMs = Math.round(ms);
    logger.warn({ delayMs }, 'The event loop was blocked. A leader that is blocked for ten seconds loses its lease.');
  }

  return {
    name: 'event loop',
    async run({ stop }) {
      let cancel = () => {};
      const tick = () => {
        const due = elapsed() + TICK_MS;
        cancel = clock.setTimeout(() => {
          late(Math.max(0, elapsed() - due));
          tick();
        }, TICK_MS);
      };
      tick();
      await aborted(stop);
      cancel();
    },
  };
}
