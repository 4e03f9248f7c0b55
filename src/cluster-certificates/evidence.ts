import type { X509Certificate } from 'node:crypto';

/** What a source showed; or why it showed nothing, and what would make it known. No text has secrets. */
export type Finding<T> =
  | {
      readonly known: true;
      readonly value: T;
      /** The source in a few words, for people: `kubeconfig from ARM`. */
      readonly source: string;
      /** What else people have to know of it, in whole sentences, such as that another source says something else. */
      readonly note?: string;
    }
  /** Both in whole sentences, of some hundred characters. */
  | { readonly known: false; readonly why: string; readonly fix?: string };

/** What all sources showed of a cluster's own certificates at one time. A source that was not asked is missing. */
export interface Evidence {
  /** When it was read, in ms. */
  readonly readAt: number;
  /** The CA that the kubeconfig from ARM has, or else the one in ConfigMap kube-root-ca.crt. More than one where a bundle was found. */
  readonly clusterCA?: Finding<readonly X509Certificate[]>;
  /** The client certificate of the kubeconfig from ARM; undefined where it has none, because people sign in with Microsoft Entra ID. */
  readonly kubeconfigClient?: Finding<X509Certificate | undefined>;
  /** True where the kubeconfig is a copy that a person has, and not the one that ARM returns now. */
  readonly kubeconfigIsCopy?: true;
  /** The certificate that the API server showed in a TLS handshake in which nothing was verified. */
  readonly apiServer?: Finding<X509Certificate>;
  /** `requestheader-client-ca-file` of ConfigMap extension-apiserver-authentication. */
  readonly frontProxyCA?: Finding<readonly X509Certificate[]>;
  /** `client-ca-file` of the same ConfigMap: the CAs whose client certificates the API server accepts. */
  readonly clientCAs?: Finding<readonly X509Certificate[]>;
  /** The ids of the keys that sign service account tokens, sorted. */
  readonly signingKeys?: Finding<readonly string[]>;
  /** Every Node object. */
  readonly nodes?: Finding<readonly NodeFacts[]>;
  /** The certificate signing requests of kubelets that the API server still has; it keeps them for an hour. */
  readonly signingRequests?: Finding<readonly SigningRequest[]>;
  /** The certificates that earlier reads saw being issued to kubelets; absent where there was no earlier read. */
  readonly issuedBefore?: readonly IssuedCertificate[];
  /** What kubelets report of their certificates to a Prometheus. */
  readonly kubeletMetrics?: Finding<readonly KubeletMetric[]>;
}

/** A Node object, as far as its certificates matter. */
export interface NodeFacts {
  readonly name: string;
  /** Node pool by its label; empty where there is none. */
  readonly pool: string;
  /** ms. */
  readonly createdAt: number;
  readonly ready: boolean;
  /** True where its kubelet has a serving certificate that the cluster CA signed (label kubernetes.azure.com/kubelet-serving-ca=cluster). */
  readonly servingSignedByCluster: boolean;
}

/** A certificate signing request of a kubelet. */
export interface SigningRequest {
  readonly name: string;
  /** The node that asked, or that the certificate is for; there may be no such node any more, or not yet. */
  readonly node: string;
  /** `Client`: signer kubernetes.io/kube-apiserver-client-kubelet. `Serving`: signer kubernetes.io/kubelet-serving. */
  readonly use: 'Client' | 'Serving';
  /** Who asked. Only `Renewal` (by the node itself) shows that the kubelet renews its certificate. `Bootstrap` and `SecureBootstrap` are first certificates. */
  readonly requestor: 'Renewal' | 'Bootstrap' | 'SecureBootstrap' | 'Other';
  /** ms. */
  readonly createdAt: number;
  readonly state: 'Pending' | 'Approved' | 'Issued' | 'Denied' | 'Failed';
  /** Why it was denied or has failed, in the words of the API server, safe to show; absent where it says nothing. */
  readonly refusal?: string;
  /** The issued certificate; absent in other states, where it cannot be read, and where it is for another node. */
  readonly certificate?: X509Certificate;
}

/** The certificate of a kubelet, as far as it is remembered: the API server forgets a request after an hour. Times in ms. */
export interface IssuedCertificate extends Pick<SigningRequest, 'node' | 'use' | 'requestor'> {
  /** Name of the request. */
  readonly request: string;
  readonly requestedAt: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Safe to show, as the next ones. */
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the DER, in lower-case hexadecimal digits. */
  readonly fingerprintSHA256: string;
}

/** What one kubelet reports, or a part of it. A member is missing where its metric is; one without any shows that there are others. */
export interface KubeletMetric {
  /** The node, by the label that usually has its name. */
  readonly node: string;
  /** Names in other labels that may be the node's. */
  readonly otherNames?: readonly string[];
  /** When the kubelet was asked, in ms. */
  readonly at: number;
  /** Time until its client certificate expires, in ms; negative once it has. `None`: the kubelet has no certificate (+Inf). */
  readonly clientExpiresInMs?: number | 'None';
  /** The same of its serving certificate. */
  readonly servingExpiresInMs?: number | 'None';
  /** Failed renewals since the kubelet started. */
  readonly renewErrors?: number;
}
