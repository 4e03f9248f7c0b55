import type { Proposal } from '../../model/hold-check.ts';
import type { TrustIntent } from '../../model/intent.ts';
import { objectOf } from '../../model/record.ts';
import type { Merge } from '../../model/trust.ts';

/** The change for the checks that may hold it; the objects are all of them where a certificate that changes has no owner. */
export function proposalOf({ adds, removes, correction }: Merge, intents: readonly TrustIntent[]): Proposal {
  const concerned = new Set([...adds, ...removes].flatMap(({ namedBy }) => (namedBy ?? []).map(objectOf)));
  const unmanaged = removes.some(({ namedBy }) => !namedBy?.length);
  const changing = intents.filter(({ name }) => unmanaged || concerned.has(name));
  return { intents: changing, settleMs: Math.max(0, ...changing.map(({ settleMs }) => settleMs)), correction };
}
