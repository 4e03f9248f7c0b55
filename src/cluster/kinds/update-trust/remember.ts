import type { ClusterView, Remembering } from '../../operation/kind.ts';
import { isState } from '../../model/provisioning-state.ts';
import { isSeen, timestamp, withRows, type RecordStatus } from '../../model/record.ts';
import { omit } from '../../model/omit.ts';
import { digestOf } from '../../model/fingerprints.ts';
import type { Hold } from '../../model/decision.ts';
import { isChange, type Merge } from '../../model/trust.ts';
import { isOfWindows } from '../../operation/window.ts';
import { renameRow } from './owners.ts';
import type { TrustProposal } from './propose.ts';
import { slotsOf, slotsTakenBy } from './slots.ts';

/** The members that each read of the cluster determines again. */
const RENEWED = ['discarded', 'missing', 'rejections', 'corrections'] as const;

/** The next record with the list as read, the owners of its certificates, and the pending change: the one that may be sent, else `wanted`, the change without any hold. */
export function rememberTrust(
  next: RecordStatus,
  { model, before, assessment, now }: ClusterView,
  trust: TrustProposal,
  wanted: Merge,
  { arrived, waits }: Remembering,
): RecordStatus {
  const isAtRest = !next.operation && isState(model.provisioningState, 'Succeeded');
  const slots = slotsOf(trust.list, trust.claims, before, isAtRest);
  const { operation } = before;
  const discards = [
    ...(assessment?.kind === 'Done' ? [] : (before.discarded ?? [])),
    ...(assessment?.kind === 'NeverArrived' ? (operation?.updateTrust?.adds ?? []) : []),
  ];
  const stillOut = discards.map((row) => renameRow(row, trust.claims)).filter(({ namedBy }) => namedBy?.length);
  const record: RecordStatus = {
    ...omit(next, RENEWED),
    slots,
    certificateSlots: slotsTakenBy(slots.length),
    ...(trust.missing.length > 0 ? { missing: [...trust.missing] } : {}),
    ...(next.operation ? { operation: withRows(next.operation, (row) => renameRow(row, trust.claims)) } : {}),
    ...(stillOut.length > 0 ? { discarded: stillOut } : {}),
    ...(trust.rejections.length > 0 ? { rejections: trust.rejections } : {}),
    ...(trust.corrections.length > 0 ? { corrections: trust.corrections } : {}),
    correctionCount: trust.corrections.length,
  };
  // A change that was sent is not pending any more, so the next change settles anew.
  const settled =
    arrived && operation?.kind === 'UpdateTrust' && operation.phase === 'Sent' ? omit(record, ['pending']) : record;
  // A sent list that ARM does not show yet is not pending. A held change is pending, so that it does not settle twice.
  const notes = !waits || (record.operation !== undefined && isSeen(record.operation));
  return notes ? withPending(settled, isChange(trust.merge) ? trust.merge : wanted, now) : settled;
}

/** Notes the pending change: the time since which it waits, and the time since which it is the same. */
function withPending(record: RecordStatus, merge: Merge, now: number): RecordStatus {
  if (!isChange(merge)) return omit(record, ['pending']);
  const added = merge.adds.map(({ fingerprintSHA256 }) => fingerprintSHA256);
  const removed = merge.removes.map(({ fingerprintSHA256 }) => fingerprintSHA256);
  const digest = digestOf([...added.map((one) => `+${one}`), ...removed.map((one) => `-${one}`)]);
  // A note by a clock that is ahead of ours would delay the change by the difference.
  const noted = record.pending && Date.parse(record.pending.changedAt) <= now ? record.pending : undefined;
  // Another change than the one that waited for its window has not waited yet.
  const pending = noted && isOfWindows(noted.waitsFor) && noted.digest !== digest ? undefined : noted;
  return {
    ...record,
    pending: {
      since: pending?.since ?? timestamp(now),
      changedAt: pending?.digest === digest ? pending.changedAt : timestamp(now),
      digest,
      adds: added,
      removes: removed,
      waitsFor: pending?.waitsFor ?? 'Nothing',
    },
  };
}

/** The record with the hold that the pending change waits for. */
export function noteHold(record: RecordStatus, hold: Hold | undefined, now: number): RecordStatus {
  if (!record.pending) return record;
  const untilMs = hold?.reason === 'Settling' ? now + hold.afterMs : hold?.untilMs;
  const until = untilMs === undefined ? undefined : timestamp(untilMs);
  const pending = { ...omit(record.pending, ['until']), waitsFor: hold?.reason ?? 'Nothing' };
  return { ...record, pending: { ...pending, ...(until === undefined ? {} : { until }) } };
}
