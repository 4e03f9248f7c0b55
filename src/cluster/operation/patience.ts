import type { Condition, ConditionValue } from '../../api/conditions.ts';
import { reasonPolicy } from '../../api/reasons.ts';
import type { Hold } from '../model/decision.ts';
import { timestamp, type RecordStatus } from '../model/record.ts';
import { notFarAhead } from '../model/record-times.ts';
import { DEFAULT_TIMING } from '../model/timing.ts';
import type { ReportInput } from './kind.ts';

/**
 * The time since which holds that can stall have held back the cluster, across changing reasons; undefined where none does. The
 * record keeps it, so that a restart does not begin the count again.
 */
export function heldBackSince(
  hold: Hold | undefined,
  { heldBackSince: before }: RecordStatus,
  now: number,
): string | undefined {
  if (!hold || reasonPolicy(hold.reason).stalls === 'Never') return undefined;
  return notFarAhead(before ?? timestamp(now), now);
}

/** True once `since` is at least `--stalled-after` ago; false without a time. */
export function isPatienceOver(since: string | undefined, stalledAfterMs: number, now: number): boolean {
  return since !== undefined && now - Date.parse(since) >= stalledAfterMs;
}

/** The time until the object becomes Stalled, in ms; undefined where it is Stalled already, or no hold can stall. */
export function untilStalled(record: RecordStatus, stalledAfterMs: number, now: number): number | undefined {
  const { heldBackSince: since } = record;
  if (since === undefined) return undefined;
  const left = Date.parse(since) + stalledAfterMs - now;
  return left > 0 ? left : undefined;
}

/**
 * True for a finding with which an object is Stalled, by the table of reasons. A hold of the cluster may know more, such as the number of
 * attempts. `before` are the conditions of the object's last status.
 */
export function isStalled(
  { reason }: ConditionValue,
  before: readonly Condition[] | undefined,
  { decision, record, now, stalledAfter }: Pick<ReportInput, 'decision' | 'record' | 'now' | 'stalledAfter'>,
): boolean {
  const { hold } = decision.outlook;
  const { stalls } = reasonPolicy(reason);
  if (stalls === 'AtOnce' || (hold?.stalled && hold.reason === reason)) return true;
  if (stalls === 'Never') return false;
  const ready = before?.find(({ type }) => type === 'Ready');
  const ofObject = ready?.status !== 'True' && ready?.reason === reason ? ready.lastTransitionTime : undefined;
  const since = hold?.reason === reason ? record.heldBackSince : ofObject;
  return isPatienceOver(since, stalledAfter ?? DEFAULT_TIMING.stalledAfter, now);
}
