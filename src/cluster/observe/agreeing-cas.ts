import { dropOldest } from '../../waiting/drop-oldest.ts';
import type { ClusterCA } from '../model/observation.ts';

/** How long this process has read the same CA of each cluster, again and again. Kept in memory only. */
export interface AgreeingCAs {
  /** The CA with that time. `isIdle`: false while an operation runs on the cluster, which may replace the CA. */
  note(key: string, ca: ClusterCA, isIdle: boolean): ClusterCA;
}

/** Clusters whose CA is read at the same time. A forgotten one is read twice more. */
const MOST = 1000;

interface Run {
  readonly fingerprint: string;
  readonly since: number;
  readonly lastAt: number;
}

/**
 * Two reads with more than `gap` ms between them do not belong together: another client may have rotated the CA in between, and ARM may
 * still list the old one. The reads begin anew after each operation of any client.
 */
export function createAgreeingCAs(gap: number): AgreeingCAs {
  const runs = new Map<string, Run>();
  return {
    note(key, ca, isIdle) {
      if (!ca.ok) return ca;
      if (!isIdle) {
        runs.delete(key);
        return { ...ca, sameForMs: 0 };
      }
      const { fingerprint, readAt } = ca;
      const before = runs.get(key);
      const sinceLast = before ? readAt - before.lastAt : NaN;
      const goesOn = before?.fingerprint === fingerprint && sinceLast >= 0 && sinceLast <= gap;
      const since = goesOn ? before.since : readAt;
      runs.delete(key);
      runs.set(key, { fingerprint, since, lastAt: readAt });
      dropOldest(runs, MOST);
      return { ...ca, sameForMs: readAt - since };
    },
  };
}
