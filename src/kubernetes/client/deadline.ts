/** A signal that aborts with the caller's, or when time is up. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when time was up before anything else. */
  expired(): boolean;
  /** Milliseconds until time is up. */
  left(): number;
  /** From now on only the caller's signal counts. */
  lift(): void;
  /** To be called when all is over: long-lived callers' signals would otherwise gather listeners. */
  release(): void;
}

/** `AbortSignal.any` and `AbortSignal.timeout` cannot be lifted once the headers of a stream are there; this can. */
export function startDeadline(ms: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let expired = false;
  const end = performance.now() + ms;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort();
  }, ms);
  const abort = () => controller.abort(caller?.reason);
  if (caller?.aborted) abort();
  else caller?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    expired: () => expired,
    left: () => end - performance.now(),
    lift: () => clearTimeout(timer),
    release: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    },
  };
}

/**
 * Settles as the work does, or with the signal's reason as soon as that aborts, so that a request keeps its deadline wherever it
 * waits.
 *
 * @param late gets the result of work that ends after that
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  late: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const abort = () => {
      over = true;
      reject(signal.reason as Error);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    const end = () => signal.removeEventListener('abort', abort);
    work.then(
      (value) => {
        end();
        if (over) late(value);
        else resolve(value);
      },
      (error: Error) => {
        end();
        if (!over) reject(error);
      },
    );
  });
}
