import type { Clock } from './clock.ts';

export interface TokenBucket {
  /** Takes a token, also one that is not there yet, and says in how many ms it will be. */
  take(): number;
}

/** The semantics of `Reserve` in golang.org/x/time/rate: a caller that comes too early gets the time to wait, in order. */
export function createTokenBucket(
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
  clock: Clock,
): TokenBucket {
  let tokens = burst;
  let at = clock.now();
  return {
    take() {
      const now = clock.now();
      // A clock that was set back brings no tokens, and takes none.
      tokens = Math.min(burst, tokens + (Math.max(0, now - at) * perSecond) / 1000);
      at = now;
      tokens -= 1;
      return tokens >= 0 ? 0 : (-tokens * 1000) / perSecond;
    },
  };
}
