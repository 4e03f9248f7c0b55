import { reasonPolicy } from '../../api/reasons.ts';
import type { Hold } from '../model/decision.ts';
import { timestamp, type RecordStatus } from '../model/record.ts';

/**
 * Since when something holds the cluster back that stalls, across changing reasons; undefined where nothing does. Kept in the
 * record, so that a restart does not begin the count again.
 */
export function heldBackSince(
  hold: Hold | undefined,
  { heldBackSince: before }: RecordStatus,
  now: number,
): string | undefined {
  if (!hold || reasonPolicy(hold.reason).stalls === 'Never') return undefined;
  return before ?? timestamp(now);
}

/** True once `since` is as long ago as `--stalled-after` says; an unknown time is now. */
export function isPatienceOver(since: string | undefined, stalledAfterMs: number, now: number): boolean {
  return since !== undefined && now - Date.parse(since) >= stalledAfterMs;
}

/** How long until the object becomes Stalled, in ms; undefined where it is, or never will be. */
export function untilStalled(record: RecordStatus, stalledAfterMs: number, now: number): number | undefined {
  const { heldBackSince: since } = record;
  if (since === undefined) return undefined;
  const left = Date.parse(since) + stalledAfterMs - now;
  return left > 0 ? left : undefined;
}
