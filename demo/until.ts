import { setTimeout as pause } from 'node:timers/promises';

export interface Waiting {
  readonly signal: AbortSignal;
  readonly limitMs?: number;
  readonly everyMs?: number;
  /** The last observed state, for the message of a timeout. */
  readonly lastSeen?: () => string;
}

const LIMIT_MS = 90_000;
const EVERY_MS = 200;

/** Asks again and again until there is an answer. Throws what never came, and the signal's reason when that is aborted. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { signal, limitMs = LIMIT_MS, everyMs = EVERY_MS, lastSeen }: Waiting,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) {
      const last = lastSeen === undefined ? '' : `; last seen: ${lastSeen()}`;
      throw new Error(`waited ${Math.round(limitMs / 1000)} s in vain: ${what}${last}`);
    }
    await pause(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
