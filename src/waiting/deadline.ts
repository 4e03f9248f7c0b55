/** A signal that aborts with the caller's, or at the deadline. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when the deadline came before anything else. */
  expired(): boolean;
  /** Milliseconds until the deadline. */
  left(): number;
  /** Lifts the deadline: only the caller's signal counts from now on. */
  lift(): void;
  /** Call it at the end: long-lived signals of callers would otherwise collect listeners. */
  release(): void;
}

/** `AbortSignal.any` and `AbortSignal.timeout` cannot be lifted once the headers of a stream have arrived; this can. */
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
