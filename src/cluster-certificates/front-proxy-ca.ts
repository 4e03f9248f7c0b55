import { chooseAuthority, MOST_AUTHORITIES, UPGRADE_OR_ROTATE } from './cluster-ca.ts';
import type { Evidence } from './evidence.ts';
import type { CertificateRow } from './judgement.ts';
import { distinct, fingerprintOf, keptRow, knownRow, unknownRow, type RowKind } from './row.ts';

const FRONT_PROXY_CA: RowKind = {
  name: 'FrontProxyCA',
  maintainedBy: 'Microsoft',
  notAsked: {
    why: 'The front proxy CA was not read, because only the API server of the cluster shows it',
    fix: 'Set spec.target.nodeAccess.',
  },
  advice({ notAfter, sameAsClusterCA }, health) {
    if (sameAsClusterCA) return 'It is the cluster CA: see the row ClusterCA.';
    const when = health === 'Expired' ? `expired at ${notAfter}` : `expires at ${notAfter}`;
    return `The CA of the aggregator ${when}, and aggregated APIs such as metrics.k8s.io fail without it. ${UPGRADE_OR_ROTATE}`;
  },
};

/** The row of the CA that signs the certificate with which the API server calls aggregated APIs. `clusterCA`: the row of the cluster CA. */
export function frontProxyCARow(
  evidence: Evidence | undefined,
  before: CertificateRow | undefined,
  clusterCA: CertificateRow,
  now: number,
): CertificateRow {
  const finding = evidence?.frontProxyCA;
  if (!finding) return before ? keptRow(FRONT_PROXY_CA, before, now) : unknownRow(FRONT_PROXY_CA);
  const authorities = finding.known ? distinct(finding.value.slice(0, MOST_AUTHORITIES)) : [];
  const shown =
    authorities.find((one) => fingerprintOf(one) === clusterCA.fingerprintSHA256) ??
    chooseAuthority(authorities, before);
  if (!finding.known || !shown) {
    const failed = finding.known ? { why: `The ${finding.source} has no front proxy CA` } : finding;
    return before ? keptRow(FRONT_PROXY_CA, before, now, failed) : unknownRow(FRONT_PROXY_CA, failed);
  }
  const isClusterCA = fingerprintOf(shown) === clusterCA.fingerprintSHA256;
  return knownRow(FRONT_PROXY_CA, shown, finding, now, {
    ...(clusterCA.fingerprintSHA256 === undefined ? {} : { sameAsClusterCA: isClusterCA }),
    // The cluster CA is the one certificate that AKS does not renew.
    ...(isClusterCA ? { maintainedBy: 'You' } : {}),
  });
}
