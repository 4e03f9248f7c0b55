import type { ErrorBody } from './error-body.ts';

/** An answer of ARM other than success, or none at all. */
export interface ArmAnswer extends ErrorBody {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Wait that ARM asked for in Retry-After; at most an hour. */
  readonly retryAfterMs?: number;
}
