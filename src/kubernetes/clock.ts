/** The only source of time in this folder and in the runtime; tests step it by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `fn` once after `ms` milliseconds; the returned function cancels it, and does nothing when it was called. */
  setTimeout(fn: () => void, ms: number): () => void;
}

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** Notices silence. */
export interface Lull {
  heard(): void;
  cancel(): void;
}

/** Calls `fn` once after `ms` milliseconds of silence, counted from now. Data resets the time without a new timer. */
export function whenSilent(clock: Clock, ms: number, fn: () => void): Lull {
  let last = clock.now();
  const check = () => {
    const left = last + ms - clock.now();
    if (left > 0) cancel = clock.setTimeout(check, left);
    else fn();
  };
  let cancel = clock.setTimeout(check, ms);
  return {
    heard() {
      last = clock.now();
    },
    cancel: () => cancel(),
  };
}
