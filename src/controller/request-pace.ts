/** How often requests for a fresh read count, so that an object which asks all the time costs no more than one that asks at times. */
export interface RequestPace {
  /** How long a request of this object waits, in ms; 0 for at once. Requests that come before then are the same look. */
  delay(uid: string, now: number): number;
  forget(uid: string): void;
}

/** @param apartMs an object's requests count at most this often */
export function createRequestPace(apartMs: number): RequestPace {
  /** When the last look that an object asked for was, or is to be. */
  const readAt = new Map<string, number>();
  return {
    delay(uid, now) {
      const last = readAt.get(uid);
      if (last !== undefined && last > now) return last - now;
      const next = last === undefined ? now : Math.max(now, last + apartMs);
      readAt.set(uid, next);
      return next - now;
    },
    forget: (uid) => void readAt.delete(uid),
  };
}
