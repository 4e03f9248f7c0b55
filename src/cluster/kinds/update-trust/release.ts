import type { Release } from '../../model/decision.ts';
import type { Intent } from '../../model/intent.ts';
import type { RecordStatus } from '../../model/record.ts';
import { concerns } from '../../model/record-size.ts';
import type { Merge } from '../../model/trust.ts';

/** Nobody waits for what is only kept. */
export function retainRelease(intent: Intent, stays: Release['stays']): Release | undefined {
  if (intent.deletion !== 'Retain') return undefined;
  if (intent.frozen === 'NotAllowed') return { intent, stays, why: 'NotAllowedRetained' };
  return { intent, stays, why: intent.object.spec.suspend ? 'SuspendedRetained' : 'Retained' };
}

/**
 * Finalisers go when what the deletion policy says is done. `succeeded` is what ARM says of the cluster; `record` has the
 * operation that they wait for, and `leftOld` is true where that waits for nothing but nodes which AKS leaves as they are. `staysOf`
 * finds the certificates of an object that are in the list.
 */
export function releasesOf(
  intents: readonly Intent[],
  record: Pick<RecordStatus, 'operation'>,
  { removes }: Merge,
  succeeded: boolean,
  leftOld: boolean,
  staysOf: (intent: Intent) => Release['stays'],
): Release[] {
  return intents.flatMap((intent): Release[] => {
    const kept = retainRelease(intent, staysOf(intent));
    if (kept) return [kept];
    if (intent.deletion !== 'Remove' || (record.operation && !leftOld) || !succeeded) return [];
    const waits = removes.some((row) => concerns(row, intent));
    return waits ? [] : [{ intent, stays: staysOf(intent), why: 'Removed' }];
  });
}
