import { requestedSince, requestsOf, type TrustIntent } from '../../model/intent.ts';
import { isSeen, timestamp, type RecordStatus } from '../../model/record.ts';
import type { Assessment } from '../../model/assessment.ts';
import { CORRECTION_LIMIT, type Timing } from '../../model/timing.ts';

type Corrections = NonNullable<RecordStatus['corrections']>;

/** Recent drift corrections that ARM accepted. One whose answer was lost counts from the first read that shows its list. */
export function correctionsOf(
  { corrections = [], operation }: RecordStatus,
  assessment: Assessment | undefined,
  intents: readonly TrustIntent[],
  now: number,
  timing: Timing,
): Corrections {
  const recent = corrections.filter(({ at }) => Date.parse(at) > now - timing.corrections);
  if (!operation?.updateTrust?.correction || isSeen(operation) || !isNowSeen(assessment)) return recent;
  const counted = recent.some(({ at }) => at >= operation.startedAt);
  return counted ? recent : [...recent, { at: timestamp(now), requests: requestsOf(intents) }];
}

/** True once other clients have undone so many corrections that the next one is sent only when a person asks for it. */
export function isContended(corrections: Corrections, intents: readonly TrustIntent[]): boolean {
  return corrections.filter(({ requests }) => !requestedSince(requests, intents)).length >= CORRECTION_LIMIT;
}

function isNowSeen(assessment: Assessment | undefined): boolean {
  return assessment?.kind === 'Done' || (assessment?.kind === 'Open' && isSeen(assessment.operation));
}
