import type { Proposal } from '../model/hold-check.ts';
import type { Intent } from '../model/intent.ts';
import {
  objectOf,
  timestamp,
  type RecordedOperation,
  type RecordStatus,
  type SupersededOperation,
} from '../model/record.ts';
import { digestOf } from '../model/fingerprints.ts';
import { omit } from '../model/omit.ts';
import { newSlot } from './slot.ts';
import type { Timing } from '../model/timing.ts';
import { isChange, type Merge } from '../model/trust.ts';

/** Notes the pending change in the record: the time since which it waits, and the time since which it is the same. */
export function notePending(record: RecordStatus, merge: Merge, now: number): void {
  const { adds, removes } = merge;
  if (!isChange(merge)) {
    delete record.pending;
    return;
  }
  const added = adds.map(({ fingerprintSHA256 }) => fingerprintSHA256);
  const removed = removes.map(({ fingerprintSHA256 }) => fingerprintSHA256);
  const digest = digestOf([...added.map((one) => `+${one}`), ...removed.map((one) => `-${one}`)]);
  // A note by a clock that is ahead of ours would delay the change by the difference.
  const pending = record.pending && Date.parse(record.pending.changedAt) <= now ? record.pending : undefined;
  record.pending = {
    since: pending?.since ?? timestamp(now),
    changedAt: pending?.digest === digest ? pending.changedAt : timestamp(now),
    digest,
    adds: added,
    removes: removed,
    waitsFor: pending?.waitsFor ?? 'Nothing',
  };
}

/** The change for the checks that may hold it; the objects are all of them where a certificate that changes has no owner. */
export function proposalOf({ adds, removes, correction }: Merge, intents: readonly Intent[]): Proposal {
  const concerned = new Set([...adds, ...removes].flatMap(({ namedBy }) => (namedBy ?? []).map(objectOf)));
  const unmanaged = removes.some(({ namedBy }) => !namedBy?.length);
  const changing = intents.filter(({ name }) => unmanaged || concerned.has(name));
  return { intents: changing, settleMs: Math.max(0, ...changing.map(({ settleMs }) => settleMs)), correction };
}

/** The operation for a change, before anything is sent; `unfinished` is the operation that it supersedes. */
export function startOperation(
  { listDigest, adds, removes, correction }: Merge,
  unfinished: RecordedOperation | undefined,
  now: number,
  id: string,
  timing: Timing,
): RecordedOperation {
  const at = timestamp(now);
  return {
    id,
    kind: 'UpdateTrust',
    updateTrust: {
      listDigest,
      ...(adds.length > 0 ? { adds: [...adds] } : {}),
      ...(removes.length > 0 ? { removes: [...removes] } : {}),
      ...(correction ? { correction } : {}),
    },
    startedAt: at,
    attempts: 1,
    lastAttemptAt: at,
    slot: newSlot(now, timing),
    phase: 'Sent',
    ...(unfinished ? { supersedes: superseded(unfinished) } : {}),
  };
}

/** A superseded operation without its certificate rows, which are in the slots, and without its own wait. */
function superseded(operation: RecordedOperation): SupersededOperation {
  const { updateTrust } = operation;
  const kept = omit(operation, ['updateTrust', 'notFound', 'supersedes', 'slot']);
  return { ...kept, ...(updateTrust ? { updateTrust: { listDigest: updateTrust.listDigest } } : {}) };
}
