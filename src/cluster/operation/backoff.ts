/** The wait before attempt number `attempt` (from 0) of a doubling backoff, in ms. */
export function backoffMs(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  attempt: number,
): number {
  return Math.min(toMs, fromMs * 2 ** Math.min(attempt, 30));
}
