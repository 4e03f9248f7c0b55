import { withNewLeaves, withNewSigningKey, withNewToken, type Pki } from '../certificates/cluster-pki.ts';
import { install, serveNow, setPki, type ClusterCertificates } from './certificates.ts';
import type { Cluster } from './cluster.ts';
import type { Provider } from './provider.ts';

/**
 * What AKS renews in a control plane without a node that notices: what the cluster CA signs, the static tokens of kubeconfigs
 * (andyzhangx/demo, aks/rotate-tokens), or the keys of service account tokens (Azure/AKS#3965).
 */
export type Renewal = 'ReconcileCertificates' | 'RotateTokens' | 'RotateSigningKeys';

export const RENEWING: Readonly<Record<Renewal, string>> = {
  ReconcileCertificates: 'ReconcilingClusterCertificates',
  RotateTokens: 'RotatingClusterStaticTokens',
  RotateSigningKeys: 'RotatingServiceAccountSigningKeysInternal',
};

export function isRenewal(kind: string): kind is Renewal {
  return kind in RENEWING;
}

/** Puts it into effect: the API servers are started again, one after the other. */
export async function renew(cluster: Cluster, { realNow }: Provider, renewal: Renewal): Promise<void> {
  const { certificates, controlPlane } = cluster;
  setPki(certificates, renewed(certificates, renewal, realNow()));
  for (let replica = 0; replica < (controlPlane?.replicas ?? 1); replica++) {
    if (controlPlane !== undefined) await install(certificates, controlPlane, replica);
  }
  serveNow(certificates);
}

function renewed({ settings, now }: ClusterCertificates, renewal: Renewal, realNow: number): Pki {
  switch (renewal) {
    case 'ReconcileCertificates':
      return withNewLeaves(settings, realNow, now);
    case 'RotateTokens':
      return withNewToken(now);
    case 'RotateSigningKeys':
      return withNewSigningKey(now);
  }
}
