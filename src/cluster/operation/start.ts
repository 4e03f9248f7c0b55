import { timestamp, type RecordedOperation, type SupersededOperation } from '../model/record.ts';
import { omit } from '../model/omit.ts';
import { newSlot } from './slot.ts';
import type { Timing } from '../model/timing.ts';

/** The operation for a change, before anything is sent; `members` are those of its kind, `unfinished` is the operation that it supersedes. */
export function startOperation(
  members: Pick<RecordedOperation, 'kind' | 'updateTrust' | 'rotateCertificates'>,
  unfinished: RecordedOperation | undefined,
  now: number,
  id: string,
  timing: Timing,
): RecordedOperation {
  const at = timestamp(now);
  return {
    id,
    ...members,
    startedAt: at,
    attempts: 1,
    lastAttemptAt: at,
    slot: newSlot(now, timing, members.kind),
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
