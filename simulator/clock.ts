/** The simulated time. Everything the resource provider takes time for is counted on it. */
export interface Clock {
  /** Milliseconds since 1970 in simulated time. */
  now(): number;
  /** Resolves after so many simulated milliseconds. Rejects with the signal's reason when that is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** How many real seconds a client should wait for so many simulated ones: whole, at least 1. */
  secondsForClients(simulatedSeconds: number): number;
}

/** A clock that starts at the present and runs `speed` times as fast as the real one. */
export function runningClock(speed: number, realNow: () => number = Date.now): Clock {
  if (!(speed > 0)) throw new RangeError(`speed must be more than 0, not ${speed}`);
  const start = realNow();
  return {
    now: () => start + (realNow() - start) * speed,
    sleep: (milliseconds, signal) => realSleep(milliseconds / speed, signal),
    secondsForClients: (seconds) => Math.max(1, Math.ceil(seconds / speed)),
  };
}

/** A clock that stands still until a test moves it. */
export interface SteppedClock extends Clock {
  /** Moves on by so many milliseconds, waking sleepers in order of their time. What is awake goes on before the next is woken, as far as it needs no network. */
  advance(milliseconds: number): Promise<void>;
  /** How many are asleep. */
  sleepers(): number;
}

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** A stepped clock. `start` in milliseconds since 1970. */
export function steppedClock(start: number): SteppedClock {
  let now = start;
  let sleepers: Sleeper[] = [];
  return {
    now: () => now,
    sleepers: () => sleepers.length,
    secondsForClients: (seconds) => Math.max(1, Math.ceil(seconds)),
    sleep(milliseconds, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        const leave = () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason as Error);
        };
        const sleeper: Sleeper = {
          wakeAt: now + Math.max(0, milliseconds),
          wake() {
            signal?.removeEventListener('abort', leave);
            resolve();
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        sleepers = [...sleepers, sleeper].sort((a, b) => a.wakeAt - b.wakeAt);
      });
    },
    async advance(milliseconds) {
      const until = now + milliseconds;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const next = sleepers[0];
        if (next === undefined || next.wakeAt > until) break;
        now = next.wakeAt;
        sleepers = sleepers.slice(1);
        next.wake();
      }
      now = until;
    },
  };
}

/** Node fires a timer of more at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits in real time, for 24 days at most. */
export function realSleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const leave = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      },
      Math.min(Math.max(0, milliseconds), LONGEST_TIMER_MS),
    );
    signal?.addEventListener('abort', leave, { once: true });
  });
}
