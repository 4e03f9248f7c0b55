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
