import { isDeepStrictEqual } from 'node:util';
import { sentences } from '../../api/sentences.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import { heldTokens, requestsOf, trustsOf, type Intent } from '../model/intent.ts';
import { inPhase, timestamp, type RecordedOperation, type RecordStatus } from '../model/record.ts';
import { omit } from '../model/omit.ts';
import { putBackAttempts, withAttemptsOf } from '../model/attempts.ts';
import { hasOpened } from './maintenance-window.ts';
import { rejectionsAfter } from './rejections.ts';
import { CONFLICTS_AT_ONCE, SHORTEST_WAIT, type Timing } from '../model/timing.ts';
import { countAccepted, countLost, countRefused, countWrite, pauseAfter } from './unseen-writes.ts';

/** The result of a write. `Lost`: its effect is unknown. `Unsent`: the controller did not send it. */
export type SendOutcome =
  | { readonly kind: 'Accepted' }
  | { readonly kind: 'Lost'; readonly failure: ArmFailure }
  | { readonly kind: 'Refused'; readonly failure: ArmFailure }
  | { readonly kind: 'Unsent'; readonly reason: 'ReadsTooSlow' | 'Conflict'; readonly message: string };

/** The inputs of a write besides the record. */
export interface SendContext {
  readonly intents: readonly Intent[];
  readonly now: number;
  readonly timing: Timing;
}

/** The record right before a write: the operation is in it, and the write is counted. */
export function recordBeforeSend(
  stored: RecordStatus,
  operation: RecordedOperation,
  { intents, now, timing }: SendContext,
): RecordStatus {
  const record = withAttemptsOf(stored, operation.kind);
  // Failures before the window opened do not predict the writes inside it.
  const unseen = hasOpened(record.refusal, now) ? undefined : record.unseenWrites;
  const sent: RecordStatus = {
    ...record,
    operation,
    lastKind: operation.kind,
    unseenWrites: countWrite(unseen, operation, intents, now, timing),
  };
  return putBackAttempts(sent, stored, operation.kind);
}

/**
 * The record after a write; `before` is the decided record, `record` the result of {@link recordBeforeSend}. Accepted: a
 * correction counts from now on. Lost: later reads show the effect. Refused or not sent: the record is as before the attempt, with
 * the reason added. The attempt is counted until a later one is seen in ARM.
 */
export function recordAfterSend(
  record: RecordStatus,
  before: RecordStatus,
  outcome: SendOutcome,
  context: SendContext,
): RecordStatus {
  const { kind } = record.operation ?? {};
  if (kind === undefined) return record;
  const after = afterSend(withAttemptsOf(record, kind), withAttemptsOf(before, kind), outcome, context);
  return putBackAttempts(after, record, kind);
}

function afterSend(
  record: RecordStatus,
  before: RecordStatus,
  outcome: SendOutcome,
  context: SendContext,
): RecordStatus {
  const { operation, unseenWrites } = record;
  if (!operation || !unseenWrites) return record;
  switch (outcome.kind) {
    case 'Accepted':
      return afterAccepted(record, operation, context);
    case 'Lost':
      return { ...record, unseenWrites: countLost(unseenWrites, outcome.failure) };
    case 'Refused':
      return afterRefused(record, before, outcome.failure, context);
    case 'Unsent': {
      const { reason, message } = outcome;
      const { timing } = context;
      const backoff = { fromMs: timing.resume[0], toMs: Math.max(timing.resume[0], timing.drift) };
      const refusal = { reason, code: 'NotSent', message, stalled: false, unsent: true, backoff };
      return withRefusal(withoutAttempt(record, before), before, refusal, context);
    }
  }
}

/**
 * True when the answer only confirms the first write of an operation: the next write of the record brings it along. A process that
 * stops before leaves the write counted as one without an answer, as when it stops before the answer.
 */
export function maySayLater(record: RecordStatus, after: RecordStatus, outcome: SendOutcome): boolean {
  const kind = record.operation?.kind ?? '';
  const [one, other] = [withAttemptsOf(record, kind), withAttemptsOf(after, kind)];
  if (outcome.kind !== 'Accepted' || one.unseenWrites?.count !== 1) return false;
  return isDeepStrictEqual(withoutUnseen(one), withoutUnseen(other));
}

function withoutUnseen(record: RecordStatus): object {
  return omit({ ...record, rotation: omit(record.rotation ?? {}, ['unseenWrites']) }, ['unseenWrites']);
}

function afterAccepted(record: RecordStatus, sent: RecordedOperation, { intents, now }: SendContext): RecordStatus {
  const { canceled } = sent;
  // The person's release has reached ARM, so it is used up.
  const operation = canceled ? inPhase(sent, { phase: 'Canceled', canceled: omit(canceled, ['heldFor']) }) : sent;
  const unseenWrites = record.unseenWrites && countAccepted(record.unseenWrites, operation.attempts === 1);
  const accepted = { ...record, operation, ...(unseenWrites ? { unseenWrites } : {}) };
  if (!operation.updateTrust?.correction || operation.attempts > 1) return accepted;
  const corrections = [...(record.corrections ?? []), { at: timestamp(now), requests: requestsOf(intents) }];
  return { ...accepted, corrections, correctionCount: corrections.length };
}

function afterRefused(
  record: RecordStatus,
  before: RecordStatus,
  failure: ArmFailure,
  context: SendContext,
): RecordStatus {
  const { unseenWrites } = record;
  const { now, timing } = context;
  const kept = withoutAttempt(record, before);
  const counted = unseenWrites && countRefused(unseenWrites);
  const message = sentences(failure.message, failure.fix);
  const rejections =
    failure.reason === 'CertificateRejected'
      ? rejectionsAfter(record, trustsOf(context.intents), message, failure.code, now)
      : undefined;
  if (rejections) return { ...kept, ...(counted ? { unseenWrites: counted } : {}), rejections };
  const lostRace = failure.reason === 'Conflict';
  const races = record.refusal?.reason === 'Conflict' ? record.refusal.count + 1 : 1;
  const atOnce = lostRace && races < CONFLICTS_AT_ONCE;
  const unseen = counted?.count ?? 1;
  const { reason, code, stalled, retryAfterMs } = failure;
  const refusal = { reason, code, message, stalled, backoff: failure.backoff };
  // The first wait is the one for this kind of answer. From then on the wait doubles, whatever ARM answers.
  const least = lostRace ? (atOnce ? 0 : pauseAfter(unseen, timing)) : unseen > 1 ? pauseAfter(unseen - 1, timing) : 0;
  const asked = retryAfterMs === undefined ? 0 : Math.max(SHORTEST_WAIT, retryAfterMs);
  const noted = withRefusal(kept, record, refusal, context, { least, asked });
  return atOnce || !counted ? noted : { ...noted, unseenWrites: counted };
}

/** The record without the attempt, as it was before. */
function withoutAttempt(record: RecordStatus, { operation, unseenWrites }: RecordStatus): RecordStatus {
  return {
    ...omit(record, ['operation', 'unseenWrites']),
    ...(operation ? { operation } : {}),
    ...(unseenWrites ? { unseenWrites } : {}),
  };
}

interface RefusedWrite {
  readonly reason: ArmFailure['reason'];
  readonly code: string;
  readonly message: string;
  readonly stalled: boolean;
  readonly unsent?: boolean;
  readonly backoff: { readonly fromMs: number; readonly toMs: number };
}

function withRefusal(
  kept: RecordStatus,
  { refusal: previous }: RecordStatus,
  { backoff, ...write }: RefusedWrite,
  { intents, now }: SendContext,
  { least = 0, asked = 0 }: { readonly least?: number; readonly asked?: number } = {},
): RecordStatus {
  const count = previous?.reason === write.reason && !hasOpened(previous, now) ? previous.count + 1 : 1;
  // The wait that ARM asks for is kept to the second. The backoff applies only without one.
  const own = asked > 0 ? asked : backoffMs(backoff, count - 1);
  const { reason, code, message, stalled, unsent } = write;
  return {
    ...kept,
    refusal: {
      reason,
      code,
      message,
      at: timestamp(now),
      until: timestamp(now + Math.max(own, least)),
      stalled,
      ...(unsent ? { unsent } : {}),
      count,
      heldFor: heldTokens(intents),
    },
  };
}
