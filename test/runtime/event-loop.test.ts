import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/runtime/clock.ts';
import { SLOW_MS, TICK_MS, watchEventLoop } from '../../src/runtime/event-loop.ts';
import { type Logger, silentLogger } from '../../src/runtime/logging.ts';
import { eventually } from '../eventually.ts';
import { ManualClock } from './manual-clock.ts';

describe('the watch over the event loop', () => {
  let registry: Registry;
  let clock: ManualClock;
  let heldUp: number;
  let warnings: object[];
  let stop: AbortController;
  let logger: Logger;

  beforeEach(() => {
    registry = new Registry();
    clock = new ManualClock();
    heldUp = 0;
    warnings = [];
    stop = new AbortController();
    logger = { ...silentLogger, warn: (fields: object) => void warnings.push(fields) };
  });

  function watch() {
    const part = watchEventLoop({ registry, clock, logger, elapsed: () => clock.now() + heldUp });
    return part.run({ stop: stop.signal, cutOff: stop.signal });
  }

  /** As if the timer were called so much later. */
  async function holdUp(ms: number): Promise<void> {
    heldUp += ms;
    await clock.advance(TICK_MS);
  }

  const scraped = async () => Number(/_max_seconds ([\d.]+)$/m.exec(await registry.metrics())?.[1]);

  it('tells each scrape the longest delay since the one before', async () => {
    void watch();
    expect(await scraped()).toBe(0);
    await holdUp(300);
    await holdUp(1200);
    await holdUp(100);
    expect(await scraped()).toBe(1.2);
    expect(await scraped()).toBe(0);
    await holdUp(0);
    expect(await scraped()).toBe(0);
  });

  it('warns once of a delay that endangers the lease', async () => {
    void watch();
    await holdUp(SLOW_MS - 1);
    expect(warnings).toEqual([]);
    await holdUp(3500);
    await holdUp(0);
    expect(warnings).toEqual([{ delayMs: 3500 }]);
  });

  it('leaves nothing running when it is stopped', async () => {
    const running = watch();
    expect(clock.timers).toEqual([TICK_MS]);
    stop.abort();
    await running;
    expect(clock.timers).toEqual([]);
  });

  it('sees a loop that is really held up', async () => {
    const part = watchEventLoop({ registry, clock: systemClock, logger });
    const running = part.run({ stop: stop.signal, cutOff: stop.signal });
    const end = performance.now() + 2 * TICK_MS;
    while (performance.now() < end);
    expect(await eventually(async () => (await scraped()) > 0.4)).toBe(true);
    stop.abort();
    await running;
  });
});
