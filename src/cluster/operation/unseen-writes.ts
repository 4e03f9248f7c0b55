import { sentences } from '../../api/sentences.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import type { Hold } from '../model/decision.ts';
import { heldTokens, stillHeld, type Intent } from '../model/intent.ts';
import { isFarAhead } from '../model/record-times.ts';
import { omit } from '../model/omit.ts';
import { attemptOf, timestamp, momentOf, type RecordedOperation, type RecordStatus } from '../model/record.ts';
import { ACCEPTED_LIMIT, LOST_LIMIT, type Timing } from '../model/timing.ts';

/** The writes since ARM last showed one, and their results. */
export type UnseenWrites = NonNullable<RecordStatus['unseenWrites']>;

/**
 * Counts a write before it is sent, as a write without an answer: it stays counted so if the process stops before the answer.
 * An edit or a reconcile request since the last write begins a new count.
 */
export function countWrite(
  before: UnseenWrites | undefined,
  operation: RecordedOperation,
  intents: readonly Intent[],
  now: number,
  timing: Timing,
): UnseenWrites {
  const previous = before && stillHeld(before.heldFor, intents) ? before : undefined;
  const count = (previous?.count ?? 0) + 1;
  return {
    count,
    attempt: attemptOf(operation),
    at: timestamp(now),
    lost: (previous?.lost ?? 0) + 1,
    ...(previous?.accepted ? { accepted: previous.accepted } : {}),
    error: { code: 'NoAnswer', message: 'the controller stopped before an answer came' },
    until: timestamp(now + pauseAfter(count, timing)),
    heldFor: heldTokens(intents),
  };
}

/** ARM accepted the counted write. A list that ARM has already is not counted, because it can be sent any number of times. */
export function countAccepted(write: UnseenWrites, isNewList: boolean): UnseenWrites {
  const counted = omit(write, ['error', 'lost']);
  return isNewList ? { ...counted, accepted: (counted.accepted ?? 0) + 1 } : counted;
}

/** Notes the error instead of the answer to the counted write. */
export function countLost(counted: UnseenWrites, { code, message }: ArmFailure): UnseenWrites {
  return { ...counted, error: { code, message } };
}

/** ARM refused the counted write; the refusal notes how long that counts. */
export function countRefused(write: UnseenWrites): UnseenWrites {
  return omit(write, ['error', 'lost', 'until']);
}

/** The wait before the next write after `count` writes that ARM does not show, in ms. */
export function pauseAfter(count: number, { resume: [fromMs, toMs] }: Timing): number {
  return backoffMs({ fromMs, toMs }, count - 1);
}

/** The reason and message for writes that are lost repeatedly; undefined while a write may only be slow. */
export function namedTrouble(unseen: UnseenWrites | undefined): Pick<Hold, 'reason' | 'message'> | undefined {
  const { lost = 0, error } = unseen ?? {};
  if (!error || lost < LOST_LIMIT) return undefined;
  const message = `The last ${lost} writes to ARM had no effect: no answer said whether ARM accepted them, and ARM shows none of them. The last error is ${error.code}: ${error.message}`;
  return { reason: 'Unreachable', message: sentences(message) };
}

/** The hold after a write that was lost, or that ARM accepted and does not show. */
export function unseenHold(
  record: RecordStatus,
  intents: readonly Intent[],
  now: number,
  timing: Timing,
  kind?: RecordedOperation['kind'],
) {
  const { unseenWrites: unseen } = record;
  const isRotation = kind === 'RotateCertificates';
  if (!unseen || !stillHeld(unseen.heldFor, intents)) return undefined;
  const { accepted = 0, lost = 0, error, until } = unseen;
  if (accepted >= ACCEPTED_LIMIT) return isRotation ? notRotated(accepted, timing) : notKept(record, accepted, timing);
  const left = timeLeft(unseen, now);
  if (left <= 0 || until === undefined) return undefined;
  const next = `The next write follows at ${momentOf(Date.parse(until))}.`;
  const named = namedTrouble(unseen);
  if (named) return { ...named, message: `${named.message} ${next}`, stalled: false, afterMs: left };
  const cause =
    lost > 0 && error
      ? `No answer said whether ARM accepted the last write (${error.code}: ${error.message}), and ARM does not show it.`
      : `ARM accepted the last write, and does not show it${isRotation ? '' : `: ${difference(record)}`}.`;
  return { reason: 'Updating', message: `${cause} ${next}`, stalled: false, afterMs: left } satisfies Hold;
}

/** The time until a pause is over, in ms. A pause that a clock far ahead of ours noted does not count. */
export function timeLeft({ at, until }: { readonly at: string; readonly until?: string }, now: number): number {
  return until === undefined || isFarAhead(at, now) ? 0 : Date.parse(until) - now;
}

function notKept(record: RecordStatus, accepted: number, timing: Timing): Hold {
  const message = `ARM accepted the list ${accepted} times and does not keep it: ${difference(record)}. Find what reverts the change (a policy that modifies clusters, another tool, the api-version): az monitor activity-log list. Then edit the object, or annotate it with aks-ca-trust.dev/reconcile-requested-at.`;
  return { reason: 'NotKept', message, stalled: true, afterMs: timing.drift };
}

function notRotated(accepted: number, timing: Timing): Hold {
  const message = `ARM accepted the rotation ${accepted} times, and the cluster CA is still the same. Find out why (az monitor activity-log list). Then edit the object, or annotate it with aks-ca-trust.dev/reconcile-requested-at.`;
  return { reason: 'NotKept', message, stalled: true, afterMs: timing.drift };
}

/** The difference between the list that ARM accepted and the list that it shows, for people. */
function difference({ slots = [], pending }: RecordStatus): string {
  const brief = (fingerprints: readonly string[] = []) => fingerprints.map((one) => one.slice(0, 12)).join(', ');
  const { adds = [], removes = [] } = pending ?? {};
  const parts = [
    `the cluster's list has ${slots.length} ${slots.length === 1 ? 'element' : 'elements'}`,
    ...(adds.length > 0 ? [`not in it are the certificates ${brief(adds)}`] : []),
    ...(removes.length > 0 ? [`still in it are the certificates ${brief(removes)}`] : []),
  ];
  return parts.join('; ');
}
