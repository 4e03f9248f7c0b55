import type { X509Certificate } from 'node:crypto';
import type { Evidence } from './evidence.ts';
import type { CertificateRow } from './judgement.ts';
import { distinct, fingerprintOf, keptRow, knownRow, unknownRow, type RowKind } from './row.ts';
import { isSignedBy } from './signature.ts';

/** The command that replaces the cluster CA, and its price. learn.microsoft.com/azure/aks/certificate-rotation */
export const ROTATE =
  'Rotate the certificates of the cluster (az aks rotate-certs): it recreates all nodes, with up to 30 minutes of downtime.';

/** Two alternatives for a certificate that AKS maintains and has not renewed. */
export const UPGRADE_OR_ROTATE =
  'Either upgrade the control plane of the cluster (az aks upgrade), which renews it, or rotate the certificates of the cluster (az aks rotate-certs), which recreates all nodes, with up to 30 minutes of downtime.';

/** The most certificates of a bundle that are considered. AKS has one. */
export const MOST_AUTHORITIES = 16;

const CLUSTER_CA: RowKind = {
  name: 'ClusterCA',
  maintainedBy: 'You',
  notAsked: {
    why: 'The cluster CA was not read',
    fix: 'The kubeconfig that ARM returns shows it: give the identity of the controller the role Azure Kubernetes Service Cluster User Role on the cluster.',
  },
  advice: ({ notAfter }, health) =>
    health === 'Expired'
      ? `The cluster CA expired at ${notAfter}, and with it every certificate that it signed. AKS does not renew it. ${ROTATE}`
      : `The cluster CA expires at ${notAfter}, and with it every certificate that it signed. AKS does not renew it. ${ROTATE}`,
};

/** The CAs of the cluster as they were read, each once; none where they are not known. */
export function authoritiesOf({ clusterCA }: Evidence): readonly X509Certificate[] {
  return clusterCA?.known ? distinct(clusterCA.value.slice(0, MOST_AUTHORITIES)) : [];
}

/** The row of the CA that signs the other certificates. */
export function clusterCARow(
  evidence: Evidence | undefined,
  before: CertificateRow | undefined,
  now: number,
): CertificateRow {
  const finding = evidence?.clusterCA;
  if (!evidence || !finding) return before ? keptRow(CLUSTER_CA, before, now) : unknownRow(CLUSTER_CA);
  const authorities = authoritiesOf(evidence);
  const shown = chooseAuthority(authorities, before, evidence.apiServer?.known ? evidence.apiServer.value : undefined);
  if (!finding.known || !shown) {
    const failed = finding.known ? { why: `The ${finding.source} has no certificate` } : finding;
    return before ? keptRow(CLUSTER_CA, before, now, failed) : unknownRow(CLUSTER_CA, failed);
  }
  const note =
    authorities.length > 1
      ? `The bundle has ${authorities.length} certificates. This row shows the one that signed the certificate of the API server, where that is known.`
      : '';
  return knownRow(CLUSTER_CA, shown, finding, now, { note });
}

/**
 * The certificate of a bundle that its row shows: the one that signed the API server's certificate, else the one that the row showed
 * before, else the youngest.
 */
export function chooseAuthority(
  authorities: readonly X509Certificate[],
  before: CertificateRow | undefined,
  leaf?: X509Certificate,
): X509Certificate | undefined {
  return (
    (leaf && authorities.find((authority) => isSignedBy(leaf, authority))) ??
    authorities.find((authority) => fingerprintOf(authority) === before?.fingerprintSHA256) ??
    authorities.toSorted((a, b) => startOf(b) - startOf(a) || (fingerprintOf(a) < fingerprintOf(b) ? -1 : 1))[0]
  );
}

function startOf({ validFromDate }: X509Certificate): number {
  return validFromDate.getTime() || 0;
}
