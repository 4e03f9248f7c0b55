import { authoritiesOf, ROTATE, UPGRADE_OR_ROTATE } from './cluster-ca.ts';
import type { Evidence } from './evidence.ts';
import type { CertificateRow } from './judgement.ts';
import { fingerprintOf, keptRow, knownRow, unknownRow, type RowKind } from './row.ts';
import { isSignedBy } from './signature.ts';

const API_SERVER: RowKind = {
  name: 'APIServer',
  maintainedBy: 'Microsoft',
  notAsked: {
    why: 'The certificate of the API server was not read',
    fix: 'The controller reads it in a TLS handshake, for which it needs a network path to the API server.',
  },
  advice({ notAfter }, health) {
    // Azure/AKS#2184: ARM takes a rotation of such a cluster, and no upgrade.
    if (health === 'Expired')
      return `The certificate of the API server expired at ${notAfter}, and AKS refuses to upgrade a cluster whose certificates have expired. ${ROTATE}`;
    return `The certificate of the API server expires at ${notAfter}, and AKS has not renewed it. ${UPGRADE_OR_ROTATE}`;
  },
  intercepted: ({ issuer = '' }) =>
    `The API server showed a certificate that the cluster CA did not sign; its issuer is "${issuer}". A firewall or a proxy that inspects TLS does that: exempt the address of the API server from the inspection. After a rotation, ARM may also return the old CA for a while.`,
};

/**
 * The row of the certificate that the API server shows. It counts only where the cluster CA signed it; any other one is `Intercepted`,
 * never taken for the result of a rotation.
 */
export function apiServerRow(
  evidence: Evidence | undefined,
  before: CertificateRow | undefined,
  now: number,
): CertificateRow {
  const finding = evidence?.apiServer;
  if (!evidence || !finding) return before ? keptRow(API_SERVER, before, now) : unknownRow(API_SERVER);
  if (!finding.known) return before ? keptRow(API_SERVER, before, now, finding) : unknownRow(API_SERVER, finding);
  const { value: leaf } = finding;
  const authorities = authoritiesOf(evidence);
  if (authorities.length === 0) {
    const same = before?.fingerprintSHA256 === fingerprintOf(leaf) ? before : undefined;
    if (same?.health === 'Intercepted') return knownRow(API_SERVER, leaf, finding, now, { health: 'Intercepted' });
    const wasCompared = same && !same.message?.includes(NOT_COMPARED);
    if (!wasCompared) return knownRow(API_SERVER, leaf, finding, now, { note: NOT_COMPARED });
    const { signedBySHA256 } = same;
    return knownRow(API_SERVER, leaf, finding, now, signedBySHA256 === undefined ? {} : { signedBySHA256 });
  }
  const signer = authorities.find((authority) => isSignedBy(leaf, authority));
  const more: Partial<CertificateRow> = signer ? { signedBySHA256: fingerprintOf(signer) } : { health: 'Intercepted' };
  return knownRow(API_SERVER, leaf, finding, now, more);
}

const NOT_COMPARED =
  'The cluster CA is not known (see the row ClusterCA), so it is not known whether it signed this one.';
