import type { Clock } from './clock.ts';
import { backoffMs, jittered, type BackoffRange } from '../waiting/backoff.ts';
import { refill, untilTokens, type Rate } from '../waiting/token-bucket.ts';

/** The calls of a queue to its metrics; see metrics.ts. */
export interface QueueObserver {
  /** A key was added that did not wait already. */
  added(): void;
  depth(keys: number): void;
  /** A worker took a key that had waited for this time. */
  taken(waitedMs: number): void;
  finished(workedMs: number): void;
  retried(): void;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Shortest and longest pause of {@link WorkQueue.addRateLimited}, which doubles each time. Default: 1 s to 5 min. */
  readonly backoff?: BackoffRange;
  /**
   * Limit for all keys together: {@link WorkQueue.addRateLimited} calls per second once `burst` of them are used up. Default: 10
   * and 100, as in client-go's default typed rate limiter. Only failures count: a key that is added otherwise never waits for it.
   */
  readonly overall?: Rate;
  /** Same as `Math.random`; randomises the upper half of those pauses, so that keys that failed together are retried apart. */
  readonly random?: () => number;
  readonly observer?: QueueObserver;
}

/**
 * Keys that need work, each at most once. The semantics are those of client-go's workqueue
 * (pkg.go.dev/k8s.io/client-go/util/workqueue) but for {@link shutDown}:
 *
 * - a key that is added again while it waits waits once;
 * - a key that is added while it is worked on waits until that is done, and is then worked on once more: never by two
 *   workers at a time;
 * - keys come out in the order in which they came in.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds the key once `ms` have passed. The earliest of several such times for one key counts. */
  addAfter(key: string, ms: number): void;
  /**
   * Adds the key after the longest of three pauses: one that grows with each call for this key, until {@link forget}; one that
   * keeps the retries of all keys within their common rate; and `leastMs`, which a server asked for.
   */
  addRateLimited(key: string, leastMs?: number): void;
  /** Resets the key's pause to the shortest. Does not take the key out of the queue. */
  forget(key: string): void;
  /**
   * Waits for a key. It is the caller's until {@link done}, which must follow.
   *
   * @returns undefined when the signal aborts or the queue shuts down
   */
  get(signal: AbortSignal): Promise<string | undefined>;
  done(key: string): void;
  /**
   * Accepts and returns no keys any more. Waiting keys are not drained: a queue holds hints, and the next process finds its own
   * work.
   */
  shutDown(): void;
  /** Keys that could be taken now, without those that are being worked on and those whose time has not come. */
  readonly length: number;
  /** How long the oldest of these keys has waited, in ms; 0 without one, and before the first {@link get}: a standby takes no keys. */
  readonly oldestWaitMs: number;
  /** How long the key that was taken first of those in work has been worked on, in ms; 0 without one. */
  readonly longestWorkMs: number;
}

interface Delayed {
  readonly due: number;
  readonly cancel: () => void;
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { clock, backoff = { fromMs: 1000, toMs: 300_000 }, random = () => 1, observer } = options;
  const { overall = { perSecond: 10, burst: 100 } } = options;
  const retries = { tokens: overall.burst, at: clock.now() };
  /** Ready keys in order, with the time when they were added. */
  const ready = new Map<string, number>();
  /** Keys that are being worked on, with the time when that began. */
  const processing = new Map<string, number>();
  /** Keys that were added while they were being worked on. */
  const again = new Set<string>();
  const delayed = new Map<string, Delayed>();
  const failures = new Map<string, number>();
  const waiters = new Set<() => void>();
  let stopped = false;
  let served = false;

  const since = ([first]: Iterable<number>) => (first === undefined ? 0 : Math.max(0, clock.now() - first));

  function enqueue(key: string): void {
    ready.set(key, clock.now());
    observer?.depth(ready.size);
    const [waiter] = waiters;
    waiter?.();
  }

  function take(): string | undefined {
    const [first] = ready;
    if (first === undefined) return undefined;
    const [key, addedAt] = first;
    ready.delete(key);
    processing.set(key, clock.now());
    observer?.depth(ready.size);
    observer?.taken(clock.now() - addedAt);
    return key;
  }

  function add(key: string): void {
    if (stopped || ready.has(key) || again.has(key)) return;
    observer?.added();
    if (processing.has(key)) again.add(key);
    else enqueue(key);
  }

  function addAfter(key: string, ms: number): void {
    if (stopped) return;
    if (!(ms > 0)) {
      add(key);
      return;
    }
    const due = clock.now() + ms;
    const earlier = delayed.get(key);
    if (earlier !== undefined) {
      if (earlier.due <= due) return;
      earlier.cancel();
    }
    const cancel = clock.setTimeout(() => {
      delayed.delete(key);
      add(key);
    }, ms);
    delayed.set(key, { due, cancel });
  }

  return {
    add,
    addAfter,
    addRateLimited(key, leastMs = 0) {
      if (stopped) return;
      const before = failures.get(key) ?? 0;
      failures.set(key, before + 1);
      observer?.retried();
      refill(retries, overall, clock.now());
      // The token is taken even before it exists, as `Reserve` of golang.org/x/time/rate does: early callers wait in their order.
      retries.tokens -= 1;
      addAfter(key, Math.max(jittered(backoffMs(backoff, before), random), untilTokens(retries, overall, 0), leastMs));
    },
    forget(key) {
      failures.delete(key);
    },
    get(signal) {
      served = true;
      if (stopped || signal.aborted) return Promise.resolve(undefined);
      const key = take();
      if (key !== undefined) return Promise.resolve(key);
      return new Promise((resolve) => {
        const wake = () => {
          waiters.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve(stopped || signal.aborted ? undefined : take());
        };
        waiters.add(wake);
        signal.addEventListener('abort', wake);
      });
    },
    done(key) {
      const startedAt = processing.get(key);
      if (startedAt === undefined) return;
      processing.delete(key);
      observer?.finished(clock.now() - startedAt);
      if (again.delete(key) && !stopped) enqueue(key);
    },
    shutDown() {
      stopped = true;
      for (const { cancel } of delayed.values()) cancel();
      delayed.clear();
      ready.clear();
      again.clear();
      observer?.depth(0);
      for (const wake of [...waiters]) wake();
    },
    get length() {
      return ready.size;
    },
    get oldestWaitMs() {
      return served ? since(ready.values()) : 0;
    },
    get longestWorkMs() {
      return since(processing.values());
    },
  };
}
