import type { X509Certificate } from 'node:crypto';
import type {
  Evidence,
  Finding,
  IssuedCertificate,
  KubeletMetric,
  NodeFacts,
  SigningRequest,
} from '../../src/cluster-certificates/evidence.ts';
import { START } from '../harness/build.ts';
import { DAY } from './authority.ts';

export const known = <T>(value: T, source = 'Node objects'): Finding<T> => ({ known: true, value, source });
export const failed = (why: string, fix?: string): Finding<never> => ({
  known: false,
  why,
  ...(fix === undefined ? {} : { fix }),
});

/** A node of pool np1, a year old, ready, that signs its serving certificate itself. */
export function node(name: string, facts: Partial<NodeFacts> = {}): NodeFacts {
  return { name, pool: 'np1', createdAt: START - 365 * DAY, ready: true, servingSignedByCluster: false, ...facts };
}

/** A certificate of a year, asked for by the kubelet itself; `used` is the share of its life that is over. */
export function issued(name: string, used: number, facts: Partial<IssuedCertificate> = {}): IssuedCertificate {
  const notBefore = START - used * 365 * DAY;
  return {
    ...{ node: name, use: 'Client', requestor: 'Renewal', request: `csr-${name}`, requestedAt: notBefore, notBefore },
    notAfter: notBefore + 365 * DAY,
    subject: `CN=system:node:${name}, O=system:nodes`,
    issuer: 'CN=ca',
    fingerprintSHA256: 'ab'.repeat(32),
    ...facts,
  };
}

/** A renewal of a client certificate, a minute old and pending, unless said otherwise. */
export function request(name: string, facts: Partial<SigningRequest> = {}): SigningRequest {
  return {
    ...{ name: `csr-${name}`, node: name, use: 'Client', requestor: 'Renewal', state: 'Pending' },
    createdAt: START - 60_000,
    ...facts,
  };
}

/** What a kubelet reported a minute ago. */
export function metric(name: string, facts: Partial<KubeletMetric> = {}): KubeletMetric {
  return { node: name, at: START - 60_000, ...facts };
}

interface Shown extends Partial<Omit<Evidence, 'nodes' | 'signingRequests' | 'kubeletMetrics' | 'clusterCA'>> {
  readonly nodes?: readonly NodeFacts[];
  readonly signingRequests?: readonly SigningRequest[];
  readonly kubeletMetrics?: readonly KubeletMetric[];
  readonly clusterCA?: X509Certificate;
}

/** Evidence that was read at {@link START}. */
export function evidenceOf({ nodes, signingRequests = [], kubeletMetrics, clusterCA, ...rest }: Shown): Evidence {
  return {
    readAt: START,
    signingRequests: known(signingRequests, 'certificate signing requests'),
    ...(nodes ? { nodes: known(nodes) } : {}),
    ...(kubeletMetrics ? { kubeletMetrics: known(kubeletMetrics, 'kubelet metrics') } : {}),
    ...(clusterCA ? { clusterCA: known([clusterCA]) } : {}),
    ...rest,
  };
}
