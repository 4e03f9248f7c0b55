import { sentences } from '../api/sentences.ts';
import type { ArmFailure } from '../azure/failures.ts';
import { backoffMs } from './backoff.ts';
import type { Intent } from './intent.ts';
import { objectOf, timestamp, type RecordedOperation, type RecordStatus } from './record.ts';
import { requestsOf } from './intent.ts';
import { SHORTEST_WAIT } from './timing.ts';

/** How a write went. `Lost`: nobody knows. */
export type SendOutcome =
  | { readonly kind: 'Accepted' }
  | { readonly kind: 'Lost'; readonly failure: ArmFailure }
  | { readonly kind: 'Refused'; readonly failure: ArmFailure };

/**
 * The record after a write. Accepted: a correction counts from now on. Lost: as it was, reads will tell. Refused: the attempt
 * never was, so the record is as before it, plus the refusal; `before` is the operation that it had then.
 */
export function recordAfterSend(
  record: RecordStatus,
  before: RecordedOperation | undefined,
  outcome: SendOutcome,
  intents: readonly Intent[],
  now: number,
  until?: number,
): RecordStatus {
  const { operation } = record;
  if (!operation) return record;
  switch (outcome.kind) {
    case 'Accepted': {
      if (!operation.correction || operation.attempts > 1) return record;
      const corrections = [...(record.corrections ?? []), { at: timestamp(now), requests: requestsOf(intents) }];
      return { ...record, corrections, correctionCount: corrections.length };
    }
    case 'Lost':
      return record;
    case 'Refused':
      return withRefusal(record, before, outcome.failure, intents, now, until);
  }
}

function withRefusal(
  record: RecordStatus,
  earlier: RecordedOperation | undefined,
  failure: ArmFailure,
  intents: readonly Intent[],
  now: number,
  until?: number,
): RecordStatus {
  const { operation, refusal: before, ...rest } = record;
  const kept = earlier ? { ...rest, operation: earlier } : rest;
  const message = sentences(failure.message, failure.mend);
  const added = new Set((operation?.adds ?? []).flatMap(({ namedBy }) => (namedBy ?? []).map(objectOf)));
  // A list that is sent again is in ARM already: nobody's certificates are to blame.
  const adds = operation?.attempts === 1 && added.size > 0;
  if (failure.reason === 'CertificateRejected' && adds) {
    const fingerprints = (operation?.adds ?? []).map(({ fingerprintSHA256 }) => fingerprintSHA256);
    const rejections = intents
      .filter(({ name }) => added.has(name))
      .map(({ name, token }) => ({
        object: name,
        heldFor: token,
        fingerprints,
        message: `ARM refused the certificates that were sent (${fingerprints.join(', ')}): ${failure.code}: ${message}`,
        at: timestamp(now),
      }));
    return {
      ...kept,
      rejections: [...(record.rejections ?? []).filter(({ object }) => !added.has(object)), ...rejections],
    };
  }
  const count = before?.reason === failure.reason ? before.count + 1 : 1;
  const wait =
    failure.reason === 'Conflict'
      ? backoffMs({ fromMs: 1000, toMs: failure.backoff.toMs }, Math.max(0, count - 5))
      : backoffMs(failure.backoff, count - 1);
  const pause = failure.retryAfterMs === undefined ? wait : Math.max(SHORTEST_WAIT, failure.retryAfterMs);
  // A window that is said to be open, and is not for ARM, is no reason to ask without a pause.
  const end = until !== undefined && until > now ? until : now + pause;
  return {
    ...kept,
    refusal: {
      reason: failure.reason,
      code: failure.code,
      message,
      at: timestamp(now),
      until: timestamp(end),
      stalled: failure.stalled,
      count,
      heldFor: intents.map(({ token }) => token),
    },
  };
}
