import type { Decision } from '../../model/decision.ts';
import type { TrustIntent } from '../../model/intent.ts';
import type { Observation } from '../../model/observation.ts';
import type { RecordStatus } from '../../model/record.ts';
import type { VerificationReports } from '../../verify/types.ts';

export interface StatusInput {
  readonly intent: TrustIntent;
  readonly observation: Observation;
  readonly decision: Decision;
  /** The record as written in this reconcile. */
  readonly record: RecordStatus;
  /** Results of the verification steps of this reconcile. */
  readonly verification?: VerificationReports;
  readonly now: number;
  /** `--stalled-after` in ms. Absent: the default. */
  readonly stalledAfter?: number;
}
