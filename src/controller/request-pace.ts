/** Limits how often an object can request a fresh read, so that constant requests cost no more than occasional ones. */
export interface RequestPace {
  /** How long this request waits, in ms; 0: not at all. Requests that arrive during the wait are served by the same read. */
  delay(uid: string, now: number): number;
  forget(uid: string): void;
}

/** @param apartMs least time between two reads that one object requests */
export function createRequestPace(apartMs: number): RequestPace {
  /** Time of the last requested read of each object, past or planned. */
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
