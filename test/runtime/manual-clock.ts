import type { Clock } from '../../src/runtime/clock.ts';

interface Timer {
  readonly due: number;
  readonly ms: number;
  readonly fn: () => void;
}

/** A clock that stands still until it is advanced. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 10, 21);
  readonly #timers = new Set<Timer>();
  readonly #watchers = new Set<() => void>();

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number): () => void {
    const timer = { due: this.#now + ms, ms, fn };
    this.#timers.add(timer);
    for (const watcher of [...this.#watchers]) watcher();
    return () => void this.#timers.delete(timer);
  }

  /** The lengths of the timers that are running, shortest remainder first. */
  get timers(): number[] {
    return [...this.#timers].sort((a, b) => a.due - b.due).map(({ ms }) => ms);
  }

  /** Resolves with its length once a timer that satisfies the test is running. */
  untilTimer(test: (ms: number) => boolean = () => true): Promise<number> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.timers.find(test);
        if (found === undefined) return;
        this.#watchers.delete(check);
        resolve(found);
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** Moves on as after a sleep: nothing has been called yet. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Moves on, calling what falls due in its order; lets everything that follows from each call happen. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.due - b.due);
      if (next === undefined || next.due > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.fn();
      await settled();
    }
    this.#now = end;
    await settled();
  }
}

/** When all promises that can go on by themselves have gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
