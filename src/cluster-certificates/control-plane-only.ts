import { authoritiesOf } from './cluster-ca.ts';
import type { Evidence } from './evidence.ts';
import type { Judgement } from './judgement.ts';
import { NO_POOL, type KubeletCertificate, type KubeletPool } from './kubelet-certificates.ts';
import { isSignedBy } from './signature.ts';
import { secondsOf } from './times.ts';

/**
 * What there is to say where AKS renewed the certificates of the control plane and not those of the pool, as it does while a cluster is
 * stopped (learn.microsoft.com/azure/aks/certificate-rotation); empty where nothing shows that.
 *
 * @param overdue the client certificates of the pool that should have been renewed, or are expired
 */
export function controlPlaneOnly(
  { name, nodes, certificates }: KubeletPool,
  overdue: readonly KubeletCertificate[],
  evidence: Evidence,
  before: Judgement,
): string {
  const renewedAt = apiServerSince(evidence, before);
  if (renewedAt === undefined) return '';
  const recreate =
    name === NO_POOL
      ? 'recreate these nodes'
      : `recreate node pool ${name} (az aks nodepool add, then az aks nodepool delete)`;
  const newer = `The certificate of the API server is newer: it is valid from ${secondsOf(renewedAt)}`;
  if (overdue.some(({ notBefore = -Infinity }) => notBefore < renewedAt))
    return `${newer}. Where the cluster was stopped while AKS renewed certificates, only those of the control plane are new: then ${recreate}.`;
  const isDown = nodes.length > 0 && nodes.every(({ ready, createdAt }) => !ready && createdAt < renewedAt);
  if (isDown && certificates.Client.size === 0)
    return `${newer}, no node of this pool is ready, and all of them are older. Where the cluster was stopped while AKS renewed certificates, those of the nodes may have expired: then ${recreate}.`;
  return '';
}

/** The start of the certificate of the API server, in ms; one that another authority signed says nothing of the cluster. */
function apiServerSince(evidence: Evidence, { certificates }: Judgement): number | undefined {
  const leaf = evidence.apiServer?.known ? evidence.apiServer.value : undefined;
  const authorities = authoritiesOf(evidence);
  if (leaf && authorities.some((authority) => isSignedBy(leaf, authority)))
    return numberOf(leaf.validFromDate.getTime());
  const row = certificates.find(({ name, health }) => name === 'APIServer' && health !== 'Intercepted');
  return numberOf(Date.parse(row?.notBefore ?? ''));
}

function numberOf(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : ms;
}
