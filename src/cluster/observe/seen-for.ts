import type { Observation } from '../model/observation.ts';
import { attemptOf, timestamp, type RecordStatus } from '../model/record.ts';

/** How long this process has seen what the record of each cluster notes, by a clock that is never set. */
export interface SeenFor {
  /** Asked when a look begins, with the record that it begins with. */
  of(key: string, record: RecordStatus | undefined): NonNullable<Observation['seenFor']>;
  /** The look read the cluster at this time, in ms of the clock that records are written by: it may note an absence so. */
  read(key: string, readAt: number): void;
  /** What a read shows of the cluster. @returns for how long this process has seen an operation run, in ms; undefined where none runs */
  running(key: string, isRunning: boolean): number | undefined;
  forget(key: string): void;
}

interface Note {
  readonly text: string;
  readonly since: number;
}

interface Seen {
  readonly attempt: Note;
  readonly absence: Note | undefined;
  readonly begunAt: number;
  /** Time of the last read, as a record would say it. */
  readonly readAt?: string;
}

/**
 * `elapsed` is in ms, and only ever grows. Kept in memory: a process that starts has seen nothing, and waits as if everything
 * that it finds had been noted right then.
 */
export function createSeenFor(elapsed: () => number): SeenFor {
  const seen = new Map<string, Seen>();
  const busySince = new Map<string, number>();
  const noted = (before: Note | undefined, text: string, since: number): Note =>
    before?.text === text ? before : { text, since };
  return {
    of(key, record) {
      const operation = record?.operation;
      if (!operation) {
        seen.delete(key);
        return {};
      }
      const { absentSince, absentDigest } = operation;
      const before = seen.get(key);
      const now = elapsed();
      const attempt = noted(before?.attempt, `${attemptOf(operation)} ${operation.lastAttemptAt}`, now);
      // What this process noted itself it has seen since the read that it was noted for.
      const ownSince = before && before.readAt === absentSince ? before.begunAt : now;
      const absence =
        absentSince === undefined
          ? undefined
          : noted(before?.absence, `${absentSince} ${absentDigest ?? ''}`, ownSince);
      seen.set(key, { attempt, absence, begunAt: now });
      return { attemptMs: now - attempt.since, ...(absence ? { absenceMs: now - absence.since } : {}) };
    },
    read(key, readAt) {
      const noted = seen.get(key);
      if (noted) seen.set(key, { ...noted, readAt: timestamp(readAt) });
    },
    running(key, isRunning) {
      if (!isRunning) {
        busySince.delete(key);
        return undefined;
      }
      const since = busySince.get(key) ?? elapsed();
      busySince.set(key, since);
      return elapsed() - since;
    },
    forget(key) {
      seen.delete(key);
      busySince.delete(key);
    },
  };
}
