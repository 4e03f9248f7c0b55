import { dropOldest } from '../../waiting/drop-oldest.ts';

/** When this process last saw the recorded rotation of each cluster run. Kept in memory only. */
export interface RunningRotations {
  /**
   * Notes a read of a cluster.
   *
   * @param attempt the recorded attempt
   * @returns true where it runs, or ran at a read so short a time ago that no other operation can have ended since
   */
  note(key: string, attempt: string, isRunning: boolean): boolean;
}

/** Clusters whose rotation is followed at the same time. */
const MOST = 1000;

/** @param gap the longest time between the two reads, in ms */
export function createRunningRotations(gap: number, now: () => number): RunningRotations {
  const seen = new Map<string, { readonly attempt: string; readonly at: number }>();
  return {
    note(key, attempt, isRunning) {
      const before = seen.get(key);
      const since = before?.attempt === attempt ? now() - before.at : NaN;
      if (!isRunning) return since >= 0 && since <= gap;
      seen.delete(key);
      seen.set(key, { attempt, at: now() });
      dropOldest(seen, MOST);
      return true;
    },
  };
}
