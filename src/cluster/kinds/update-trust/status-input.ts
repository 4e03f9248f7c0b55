import type { Decision } from '../../model/decision.ts';
import type { Intent } from '../../model/intent.ts';
import type { Observation } from '../../model/observation.ts';
import type { RecordStatus } from '../../model/record.ts';
import type { VerificationReports } from '../../verify/types.ts';

export interface StatusInput {
  readonly intent: Intent;
  readonly observation: Observation;
  readonly decision: Decision;
  /** The record as it was written. */
  readonly record: RecordStatus;
  /** What the nodes were asked in this pass. */
  readonly verification?: VerificationReports;
  readonly now: number;
  /** `--stalled-after` in ms; its default otherwise. */
  readonly stalledAfter?: number;
}
