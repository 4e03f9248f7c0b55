import type { BudgetScope } from './budgets.ts';
import type { ArmFailure } from './failures.ts';
import { LONGEST_RETRY_AFTER_MS } from './retry-after.ts';

/** Pauses that ARM asked for: one 429 pauses every call that draws from the same bucket. */
export interface QuietPeriods {
  start(scope: BudgetScope, failure: ArmFailure, now: number): void;
  /** Remaining pause of calls of this scope, in ms; 0 without a pause. */
  remaining(scope: BudgetScope, now: number): number;
}

export function createQuietPeriods(): QuietPeriods {
  const until = new Map<string, number>();
  const left = (bucket: string, now: number) => {
    const end = until.get(bucket);
    if (end !== undefined && end <= now) until.delete(bucket);
    return Math.max(0, (end ?? 0) - now);
  };
  return {
    start({ subscription, resource = subscription }, failure, now) {
      const bucket = failure.quiet === 'Subscription' ? subscription : resource;
      const end = now + Math.min(LONGEST_RETRY_AFTER_MS, failure.retryAfterMs ?? failure.backoff.fromMs);
      until.set(bucket, Math.max(end, until.get(bucket) ?? 0));
    },
    remaining: ({ subscription, resource = subscription }, now) =>
      Math.max(left(resource, now), left(subscription, now)),
  };
}
