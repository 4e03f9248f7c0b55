import type { Evidence } from './evidence.ts';
import type { AutoRotationRow, Judgement } from './judgement.ts';

/**
 * One row for each node pool, by name: whether its kubelets renew their certificates. They replace all rows of `before`. Late comes
 * before Disabled, Enabled and Unknown. A renewal that was seen once stays the evidence while the pool exists: the API server forgets
 * requests after an hour. Empty while no pool is known.
 *
 * @param before the judgement that the last status has
 * @param now in ms
 */
export function autoRotationOf(
  _evidence: Evidence | undefined,
  before: Judgement,
  _now: number,
): readonly AutoRotationRow[] {
  return before.autoRotation;
}
