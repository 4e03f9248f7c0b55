import type { ClusterId } from '../api/resource-id.ts';
import type { ArmFailure } from './failures.ts';

/** Pauses that ARM asked for: one 429 quiets its bucket for everybody who would draw from it. */
export interface QuietPeriods {
  start(id: ClusterId, failure: ArmFailure, now: number): void;
  /** How long calls for this cluster shall still pause, in ms; 0 when they need not. */
  remaining(id: ClusterId, now: number): number;
}

export function createQuietPeriods(): QuietPeriods {
  const until = new Map<string, number>();
  const left = (bucket: string, now: number) => {
    const end = until.get(bucket);
    if (end !== undefined && end <= now) until.delete(bucket);
    return Math.max(0, (end ?? 0) - now);
  };
  const subscription = (id: ClusterId) => `/subscriptions/${id.subscriptionId.toLowerCase()}`;
  return {
    start(id, failure, now) {
      const bucket = failure.quiet === 'Subscription' ? subscription(id) : id.key;
      const end = now + (failure.retryAfterMs ?? failure.backoff.fromMs);
      until.set(bucket, Math.max(end, until.get(bucket) ?? 0));
    },
    remaining: (id, now) => Math.max(left(id.key, now), left(subscription(id), now)),
  };
}
