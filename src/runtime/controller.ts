import { randomUUID } from 'node:crypto';
import type { Logger } from './logging.ts';
import type { WorkQueue } from './queue.ts';

/** What becomes of a key after a pass that did not throw. */
export type Result =
  | { readonly kind: 'done' }
  /** Look again after `ms`; no failure, whatever the reason. */
  | { readonly kind: 'after'; readonly ms: number };

/**
 * Thrown by a pass whose failure no retry mends: it is logged and counted, and the key waits until somebody adds it again. As
 * controller-runtime's `reconcile.TerminalError`.
 */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

export interface Pass {
  /** Carries the controller's name, the key and the pass id. */
  readonly logger: Logger;
  /** Aborts when there is no time left to finish. */
  readonly signal: AbortSignal;
  /** In every log line of this pass. */
  readonly passId: string;
}

/** How a pass ended; `terminal`: failed, and not to be tried again. */
export type PassResult = 'success' | 'requeue_after' | 'error' | 'terminal';

/** What a controller tells its metrics; see metrics.ts. */
export interface ControllerObserver {
  passStarted(): void;
  passEnded(result: PassResult, seconds: number): void;
}

export interface ControllerOptions {
  /** For logs: `cluster`. */
  readonly name: string;
  readonly queue: WorkQueue;
  /** Keys that are worked on at a time; one key is never worked on twice at a time. */
  readonly workers: number;
  /**
   * One pass over what the key stands for. To throw means: again, after a pause that grows each time and is no shorter than the
   * `retryAfterMs` of what was thrown; after a {@link TerminalError}, not at all.
   */
  readonly reconcile: (key: string, pass: Pass) => Promise<Result>;
  /** Aborts when no new pass shall begin. */
  readonly signal: AbortSignal;
  /**
   * Handed to the passes; aborts when there is no time left. Absent: {@link signal}, which cuts passes off at once. A pass
   * that is cut off between a request and its answer cannot know what it did: give it time.
   */
  readonly passSignal?: AbortSignal;
  readonly logger: Logger;
  readonly metrics?: ControllerObserver;
  /** Monotonic milliseconds; default `performance.now`. */
  readonly elapsed?: () => number;
  /** Default: random UUIDs. */
  readonly newPassId?: () => string;
}

/**
 * Takes keys from the queue and works on them until the signal aborts.
 *
 * @returns when the passes that had begun have ended. Never rejects.
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const { queue, workers, signal } = options;
  const worker = async () => {
    for (let key = await queue.get(signal); key !== undefined; key = await queue.get(signal))
      await runPass(options, key);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

async function runPass(options: ControllerOptions, key: string): Promise<void> {
  const { name, queue, reconcile, signal, passSignal = signal, metrics, elapsed = () => performance.now() } = options;
  const passId = (options.newPassId ?? randomUUID)();
  const logger = options.logger.child({ controller: name, key, passId });
  const startedAt = elapsed();
  const ended = (result: PassResult) => metrics?.passEnded(result, (elapsed() - startedAt) / 1000);
  metrics?.passStarted();
  try {
    const result = await reconcile(key, { logger, signal: passSignal, passId });
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
    if (isTerminal)
      logger.error({ err: error }, 'the pass failed and will not be tried again before something changes');
    // Cut off because we stop: nothing went wrong.
    else if (passSignal.aborted) logger.info({ err: error }, 'the pass was cut off');
    else logger.error({ err: error }, 'the pass failed and will be tried again');
  } finally {
    queue.done(key);
  }
}

/** However long a server asks us to stay away, we look once an hour. */
const LONGEST_RETRY_MS = 3_600_000;

function retryAfterOf(error: unknown): number {
  const ms = typeof error === 'object' && error !== null && 'retryAfterMs' in error ? error.retryAfterMs : 0;
  return typeof ms === 'number' && ms > 0 ? Math.min(ms, LONGEST_RETRY_MS) : 0;
}
