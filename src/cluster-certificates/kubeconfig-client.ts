import { authoritiesOf, MOST_AUTHORITIES } from './cluster-ca.ts';
import type { Evidence } from './evidence.ts';
import type { CertificateRow } from './judgement.ts';
import { distinct, keptRow, knownRow, unknownRow, type RowKind } from './row.ts';
import { isSignedBy } from './signature.ts';

/** The command that replaces copies of the kubeconfig. */
export const GET_CREDENTIALS = 'az aks get-credentials --overwrite-existing';

const KUBECONFIG_CLIENT: RowKind = {
  name: 'KubeconfigClient',
  maintainedBy: 'Microsoft',
  notAsked: {
    why: 'The client certificate of the kubeconfig was not read',
    fix: 'ARM returns it to an identity with the role Azure Kubernetes Service Cluster User Role on the cluster.',
  },
  advice({ notAfter, maintainedBy }, health) {
    const when = health === 'Expired' ? `expired at ${notAfter}` : `expires at ${notAfter}`;
    if (maintainedBy === 'You')
      return `The client certificate of this kubeconfig ${when}. A copy is not renewed: replace it (${GET_CREDENTIALS}).`;
    return `The client certificate in the kubeconfig that ARM returns ${when}, and AKS has not renewed it. Upgrade the control plane of the cluster, which renews it; then replace every copy of the kubeconfig (${GET_CREDENTIALS}).`;
  },
};

/** The row of the client certificate in the kubeconfig that ARM returns, or that a person has given. */
export function kubeconfigClientRow(
  evidence: Evidence | undefined,
  before: CertificateRow | undefined,
  now: number,
): CertificateRow {
  const finding = evidence?.kubeconfigClient;
  if (!evidence || !finding) return before ? keptRow(KUBECONFIG_CLIENT, before, now) : unknownRow(KUBECONFIG_CLIENT);
  if (!finding.known)
    return before ? keptRow(KUBECONFIG_CLIENT, before, now, finding) : unknownRow(KUBECONFIG_CLIENT, finding);
  const { value: certificate, source } = finding;
  const maintainedBy = evidence.kubeconfigIsCopy ? 'You' : KUBECONFIG_CLIENT.maintainedBy;
  if (!certificate) return { name: 'KubeconfigClient', maintainedBy, health: 'Healthy', source, message: NONE };
  const authorities = distinct([
    ...authoritiesOf(evidence),
    ...(evidence.clientCAs?.known ? evidence.clientCAs.value.slice(0, MOST_AUTHORITIES) : []),
  ]);
  const isForeign = authorities.length > 0 && !authorities.some((authority) => isSignedBy(certificate, authority));
  return knownRow(KUBECONFIG_CLIENT, certificate, finding, now, { maintainedBy, note: isForeign ? FOREIGN : '' });
}

const NONE =
  'The kubeconfig has no client certificate, as on clusters where people sign in with Microsoft Entra ID. Nothing can expire.';
const FOREIGN =
  'No CA of the cluster signed it, so the API server refuses it unless it knows the CA by other means. Read the kubeconfig again after a rotation.';
