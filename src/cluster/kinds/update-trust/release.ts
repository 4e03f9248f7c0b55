import type { Release } from '../../model/decision.ts';
import type { Intent } from '../../model/intent.ts';
import type { RecordStatus } from '../../model/record.ts';
import { concerns } from '../../model/record-size.ts';
import type { Merge } from '../../model/trust.ts';

/** The release of an object whose certificates are kept: it is released at once, with nothing to wait for. */
export function retainRelease(intent: Intent, stays: Release['stays']): Release | undefined {
  if (intent.deletion !== 'Retain') return undefined;
  if (intent.frozen === 'NotAllowed') return { intent, stays, why: 'NotAllowedRetained' };
  return { intent, stays, why: intent.object.spec.suspend ? 'SuspendedRetained' : 'Retained' };
}

/**
 * Deleted objects whose deletion policy is done, so that their finalizers can go. `succeeded` is true when ARM reports Succeeded.
 * `record` has the operation that the objects wait for. `leftOld` is true when that operation waits only for nodes that AKS does
 * not replace. `staysOf` finds the certificates of an object that are in the list.
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
