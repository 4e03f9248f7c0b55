import type { Release } from '../../model/decision.ts';
import type { Releasing } from '../../operation/kind.ts';
import type { Intent, TrustIntent } from '../../model/intent.ts';
import { concerns } from '../../model/record-size.ts';
import type { Merge } from '../../model/trust.ts';

/** The release of an object whose certificates are kept: it is released at once, with nothing to wait for. */
export function retainRelease(intent: Intent, stays: Release['stays']): Release | undefined {
  // An object without our finalizer needs no release.
  if (intent.deletion !== 'Retain' || intent.unguarded) return undefined;
  if (intent.frozen === 'NotAllowed') return { intent, stays, why: 'NotAllowedRetained' };
  return { intent, stays, why: intent.object.spec.suspend ? 'SuspendedRetained' : 'Retained' };
}

/**
 * Deleted objects whose deletion policy is done, so that their finalizers can go. `staysOf` finds the certificates of an object that
 * are in the list.
 */
export function releasesOf(
  intents: readonly TrustIntent[],
  { operation, succeeded, leftOld }: Releasing,
  { removes }: Merge,
  staysOf: (intent: TrustIntent) => Release['stays'],
): Release[] {
  return intents.flatMap((intent): Release[] => {
    const kept = retainRelease(intent, staysOf(intent));
    if (kept) return [kept];
    if (intent.deletion !== 'Remove' || (operation && !leftOld) || !succeeded) return [];
    const waits = removes.some((row) => concerns(row, intent));
    return waits ? [] : [{ intent, stays: staysOf(intent), why: 'Removed' }];
  });
}
