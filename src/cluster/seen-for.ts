import type { Observation } from './observation.ts';
import { attemptOf, type RecordStatus } from './record.ts';

/** How long this process has seen what the record of each cluster notes, by a clock that is never set. */
export interface SeenFor {
  /** Asked at each look, with the record that the look begins with. */
  of(key: string, record: RecordStatus | undefined): NonNullable<Observation['seenFor']>;
  forget(key: string): void;
}

interface Note {
  readonly text: string;
  readonly since: number;
}

/**
 * `elapsed` is in ms, and only ever grows. Kept in memory: a process that starts has seen nothing, and waits as if everything
 * that it finds had been noted right then.
 */
export function createSeenFor(elapsed: () => number): SeenFor {
  const seen = new Map<string, { readonly attempt: Note; readonly absence: Note | undefined }>();
  const noted = (before: Note | undefined, text: string): Note =>
    before?.text === text ? before : { text, since: elapsed() };
  return {
    of(key, record) {
      const operation = record?.operation;
      if (!operation) {
        seen.delete(key);
        return {};
      }
      const { absentSince, absentDigest } = operation;
      const before = seen.get(key);
      const attempt = noted(before?.attempt, `${attemptOf(operation)} ${operation.lastAttemptAt}`);
      const absence =
        absentSince === undefined ? undefined : noted(before?.absence, `${absentSince} ${absentDigest ?? ''}`);
      seen.set(key, { attempt, absence });
      return {
        attemptMs: elapsed() - attempt.since,
        ...(absence ? { absenceMs: elapsed() - absence.since } : {}),
      };
    },
    forget: (key) => void seen.delete(key),
  };
}
