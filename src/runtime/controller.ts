import { randomUUID } from 'node:crypto';
import type { Logger } from './logging.ts';
import type { WorkQueue } from './queue.ts';

/** The end of a reconcile that did not throw. */
export type Result =
  | { readonly kind: 'done' }
  /** Reconcile again after `ms`. This is no failure, whatever the reason. */
  | { readonly kind: 'after'; readonly ms: number };

/**
 * Thrown by a reconcile whose failure no retry can fix. It is logged and counted, and the key waits until it is added again, as
 * with controller-runtime's `reconcile.TerminalError`.
 */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export interface Reconcile {
  /** Carries the controller's name, the key and the id of the reconcile. */
  readonly logger: Logger;
  /** Aborts when there is no time left to finish. */
  readonly signal: AbortSignal;
  /** The logger of this reconcile, whose lines have its fields. */
  readonly reconcileId: string;
}

/** How a reconcile ended; `terminal`: it failed and is not tried again. */
export type ReconcileResult = 'success' | 'requeue_after' | 'error' | 'terminal';

/** The calls of a controller to its metrics; see metrics.ts. */
export interface ControllerObserver {
  reconcileStarted(): void;
  reconcileEnded(result: ReconcileResult, seconds: number): void;
}

export interface ControllerOptions {
  /** The name of the controller in logs: `cluster`. */
  readonly name: string;
  readonly queue: WorkQueue;
  /** Most keys that are reconciled at the same time; one key is never reconciled twice at the same time. */
  readonly workers: number;
  /**
   * Reconciles the key once. When it throws, it is called again after a pause that grows each time and is no shorter than the
   * `retryAfterMs` of the error; after a {@link TerminalError}, not at all.
   */
  readonly reconcile: (key: string, round: Reconcile) => Promise<Result>;
  /** Aborts when no new reconcile must begin. */
  readonly signal: AbortSignal;
  /**
   * Passed to each reconcile; aborts when there is no time left. Absent: {@link signal}, which cuts reconciles off at once. A
   * reconcile that is cut off between a request and its answer cannot know the effect: give it time.
   */
  readonly reconcileSignal?: AbortSignal;
  readonly logger: Logger;
  readonly metrics?: ControllerObserver;
  /** Monotonic milliseconds; default `performance.now`. */
  readonly elapsed?: () => number;
  /** Default: random UUIDs. */
  readonly newReconcileId?: () => string;
}

/**
 * Takes keys from the queue and reconciles them until the signal aborts.
 *
 * @returns when the running reconciles have ended. Never rejects.
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const { queue, workers, signal } = options;
  const worker = async () => {
    for (let key = await queue.get(signal); key !== undefined; key = await queue.get(signal))
      await runReconcile(options, key);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

async function runReconcile(options: ControllerOptions, key: string): Promise<void> {
  const {
    name,
    queue,
    reconcile,
    signal,
    reconcileSignal = signal,
    metrics,
    elapsed = () => performance.now(),
  } = options;
  const reconcileId = (options.newReconcileId ?? randomUUID)();
  const logger = options.logger.child({ controller: name, key, reconcileId });
  const startedAt = elapsed();
  const ended = (result: ReconcileResult) => metrics?.reconcileEnded(result, (elapsed() - startedAt) / 1000);
  metrics?.reconcileStarted();
  try {
    const result = await reconcile(key, { logger, signal: reconcileSignal, reconcileId });
    queue.forget(key);
    switch (result.kind) {
      case 'done':
        ended('success');
        break;
      case 'after':
        queue.addAfter(key, result.ms);
        ended('requeue_after');
        break;
    }
  } catch (error) {
    const isTerminal = error instanceof TerminalError;
    if (isTerminal) queue.forget(key);
    else queue.addRateLimited(key, retryAfterOf(error));
    ended(isTerminal ? 'terminal' : 'error');
    if (isTerminal) logger.error({ err: error }, 'The reconcile failed. It is tried again once something changes.');
    // Cut off because the process stops, which is no failure.
    else if (reconcileSignal.aborted)
      logger.info({ err: error }, 'The reconcile was cut off because the process stops.');
    else logger.error({ err: error }, 'The reconcile failed and will be tried again.');
  } finally {
    queue.done(key);
  }
}

/** A server may ask for a longer pause; the key is reconciled once an hour anyway. */
const LONGEST_RETRY_MS = 3_600_000;

function retryAfterOf(error: unknown): number {
  const ms = typeof error === 'object' && error !== null && 'retryAfterMs' in error ? error.retryAfterMs : 0;
  return typeof ms === 'number' && ms > 0 ? Math.min(ms, LONGEST_RETRY_MS) : 0;
}
