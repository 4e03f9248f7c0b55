import type { Pki } from '../certificates/cluster-pki.ts';
import type { ClusterCertificates } from './certificates.ts';

/** The real certificates of a cluster's control plane, independent of all reports about them. All PEM. */
export interface CertificatesTruth {
  /** Every cluster CA that there was, oldest first; the last one is in use. */
  readonly authorities: readonly AuthorityTruth[];
  /** Which of them the kubeconfigs of ARM are of. */
  readonly served: number;
  readonly servingPem: string;
  /** The client certificate of kubeconfigs. */
  readonly clientPem: string;
  readonly frontProxyCaPem: string;
}

export interface AuthorityTruth {
  readonly generation: number;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  readonly pem: string;
  /** ISO 8601, real time. */
  readonly madeAt: string;
}

/** Makes those that no client has asked for yet. No private key is among them. */
export async function certificatesTruth({ now, served, history }: ClusterCertificates): Promise<CertificatesTruth> {
  const [serving, client, frontProxy] = await Promise.all([now.serving(), now.client(), now.frontProxy()]);
  return {
    authorities: await Promise.all(history.map(authorityTruth)),
    served: served.generation,
    servingPem: serving.certPem,
    clientPem: client.certPem,
    frontProxyCaPem: frontProxy.certPem,
  };
}

async function authorityTruth({ generation, madeAt, authority }: Pki): Promise<AuthorityTruth> {
  const { fingerprint, certPem } = await authority();
  return { generation, fingerprint, pem: certPem, madeAt: new Date(madeAt).toISOString() };
}
