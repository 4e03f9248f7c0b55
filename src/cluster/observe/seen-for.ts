import type { Observation } from '../model/observation.ts';
import { attemptOf, timestamp, type RecordStatus } from '../model/record.ts';

/** How long this process has seen the states in each cluster's record, by a monotonic clock. */
export interface SeenFor {
  /** Called when a read begins, with the record at that time. */
  of(key: string, record: RecordStatus | undefined): NonNullable<Observation['seenFor']>;
  /** The cluster was read at this time, in ms of the clock of the record's times. The record may note an absence since this time. */
  read(key: string, readAt: number): void;
  /** Notes whether an operation runs. @returns how long this process has seen one run, in ms; undefined when none runs */
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
  /** Time of the last read, in the format of the record. */
  readonly readAt?: string;
}

/**
 * `elapsed` is in ms and never decreases. Kept in memory: a new process waits as if every state in the record had begun at its
 * start.
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
      const { notFound } = operation;
      const before = seen.get(key);
      const now = elapsed();
      const attempt = noted(before?.attempt, `${attemptOf(operation)} ${operation.lastAttemptAt}`, now);
      // An absence that this process noted itself counts from the read that showed it.
      const ownSince = before && before.readAt === notFound?.since ? before.begunAt : now;
      const absence = notFound && noted(before?.absence, `${notFound.since} ${notFound.digest}`, ownSince);
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
