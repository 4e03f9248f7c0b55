import type { Mutant } from './mutants.ts';

/** A bug that shows only where something does not stop, and the condition under which it does. */
export interface LastingMutant extends Mutant {
  readonly condition: string;
}

/** Each of them was once in the controller, or is what keeps one of them out. */
export const LASTING_MUTANTS: readonly LastingMutant[] = [
  {
    name: 'a refusal is forgotten once an operation is seen',
    condition: 'an operation has failed, and every further write is refused: policy',
    edits: [
      {
        file: 'cluster/decide/next-record.ts',
        find: `...(refusal && (wanted`,
        replace: `...(refusal && (operation?.phase ?? 'Sent') === 'Sent' && (wanted`,
      },
    ],
  },
  {
    name: 'lost writes are sent again every minute',
    condition: 'every write is lost',
    edits: [
      {
        file: 'cluster/operation/unseen-writes.ts',
        find: `return backoffMs({ fromMs, toMs }, count - 1);`,
        replace: `return backoffMs({ fromMs, toMs }, 0 * count);`,
      },
    ],
  },
  {
    name: 'a list that is not kept is sent for ever',
    condition: 'every write is accepted and forgotten',
    edits: [
      {
        file: 'cluster/operation/unseen-writes.ts',
        find: `if (accepted >= ACCEPTED_LIMIT)`,
        replace: `if (accepted > 1e9)`,
      },
    ],
  },
  {
    name: 'what came in place of answers is not said',
    condition: 'every write is lost',
    edits: [
      {
        file: 'cluster/operation/unseen-writes.ts',
        find: `if (!error || lost < LOST_LIMIT) return undefined;`,
        replace: `if (!error || lost < 1e9) return undefined;`,
      },
    ],
  },
  {
    name: "one object's refused finaliser stops the others",
    condition: "a webhook refuses one object's finaliser with 403",
    edits: [
      {
        file: 'cluster/act/object-writes.ts',
        find: `if (!isOfOneObject(error)) throw error;`,
        replace: `throw error;`,
      },
    ],
  },
  {
    name: 'a LIST that fails hides drift',
    condition: 'LISTs are answered 500',
    edits: [
      {
        file: 'controller/idle-clusters.ts',
        find: `if (reason !== 'Throttled') return`,
        replace: `if (reason === 'AccessDenied') return`,
      },
    ],
  },
  {
    name: 'words change with every look',
    condition: 'the target says that every node is born in a hundred years',
    edits: [
      {
        file: 'cluster/node-access/times.ts',
        find: `', which is in the future'`,
        replace: '`, and the API server says that it is ${shown(now)}`',
      },
    ],
  },
  {
    name: 'Retry-After is believed whatever it says',
    condition: 'every write is throttled, Retry-After: 31536000',
    edits: [
      {
        file: 'azure/retry-after.ts',
        find: `export const LONGEST_RETRY_AFTER_MS = 3_600_000;`,
        replace: `export const LONGEST_RETRY_AFTER_MS = Infinity;`,
      },
    ],
  },
  {
    name: 'nobody is ever out of patience',
    condition: 'every write is lost',
    edits: [
      {
        file: 'cluster/operation/patience.ts',
        find: `return since !== undefined && now - Date.parse(since) >= stalledAfterMs;`,
        replace: `return since !== undefined && now - Date.parse(since) >= 1e9 * stalledAfterMs;`,
      },
    ],
  },
  {
    name: 'clusters that hang keep their slots for ever',
    condition: 'six of eight clusters hang',
    edits: [
      {
        file: 'cluster/operation/slot.ts',
        find: `...(holdsUntil === undefined || Number.isNaN(holdsUntil) ? {} : { holdsUntil }),`,
        replace: `...(holdsUntil === undefined ? {} : { holdsUntil: Infinity }),`,
      },
    ],
  },
  {
    name: 'a pause that ARM asks of one cluster is said of all',
    condition: 'GETs of the cluster are throttled for the whole subscription',
    edits: [
      {
        file: 'cluster/reconcile.ts',
        find: `return failedInARow < UNREACHABLE_AFTER && (failure.retryAfterMs ?? 0) <= SHORT_PAUSE;`,
        replace: `return failedInARow < 0;`,
      },
    ],
  },
  {
    name: 'a refused record is said to nobody',
    condition: 'a webhook refuses the record of a cluster with 403',
    edits: [
      {
        file: 'cluster/act/unrecorded.ts',
        find: `if (!refusesRecord(error)) return`,
        replace: `if (!refusesRecord(error) || error) return`,
      },
    ],
  },
  {
    name: 'a refused record is written again every few minutes',
    condition: 'a webhook refuses the record of a cluster with 403',
    edits: [
      {
        file: 'cluster/act/record-store.ts',
        find: `Math.max(backoffMs(REFUSED, before), error.retryAfterMs ?? 0)`,
        replace: `0 * backoffMs(REFUSED, before)`,
      },
    ],
  },
  {
    name: 'an operation that hangs is read every 15 s for ever',
    condition: 'no operation ends',
    edits: [
      {
        file: 'cluster/operation/assess.ts',
        find: `Math.max(poll, Math.min(overdue, seen))`,
        replace: `Math.max(poll, Math.min(0 * overdue, seen))`,
      },
    ],
  },
];
