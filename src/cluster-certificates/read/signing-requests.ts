import { X509Certificate } from 'node:crypto';
import { escapeForDisplay } from '../../api/display.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { listCollection, type Collection, type Seen } from '../../kubernetes/untrusted/collection.ts';
import { isDnsName, listAt, member, textAt, timeOf } from '../../kubernetes/untrusted/untyped.ts';
import type { SigningRequest } from '../evidence.ts';
import { overAccess } from './over-access.ts';
import { requestedCommonName } from './requested-subject.ts';
import type { EvidenceReader } from './source.ts';

/** kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests */
const SIGNERS = {
  Client: 'kubernetes.io/kube-apiserver-client-kubelet',
  Serving: 'kubernetes.io/kubelet-serving',
} as const;

/** Most requests of one signer. They are kept for an hour, and a cluster has 5,000 nodes at most. */
const MOST_REQUESTS = 12_000;

/** The certificate signing requests of kubelets. */
export const signingRequests: EvidenceReader = {
  members: ['signingRequests'],
  noun: 'The certificate signing requests',
  async read(reading) {
    const found = await overAccess(reading, {
      noun: 'certificate signing requests',
      right: 'list certificatesigningrequests.certificates.k8s.io',
      read: readSigningRequests,
    });
    return found ? { signingRequests: found } : {};
  },
};

/**
 * The certificate signing requests of all kubelets, for both of their signers. A request that does not say for which node it is, is left
 * out. Needs `list` on certificatesigningrequests.certificates.k8s.io.
 *
 * @throws KubernetesError when a list fails, and Error for an answer that no API server gives
 */
export async function readSigningRequests(
  connection: Pick<Connection, 'request'>,
  signal: AbortSignal,
): Promise<readonly SigningRequest[]> {
  const uses = Object.keys(SIGNERS) as SigningRequest['use'][];
  const lists = await Promise.all(uses.map((use) => listCollection(connection, collectionFor(use), signal)));
  return lists.flatMap(({ objects }) => [...objects.values()]);
}

function collectionFor(use: SigningRequest['use']): Collection<SigningRequest> {
  return {
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    query: { fieldSelector: `spec.signerName=${SIGNERS[use]}` },
    accept: 'application/json',
    noun: 'certificate signing requests',
    limit: MOST_REQUESTS,
    reader: () => (body) => listAt(body, 'items').map((item) => readItem(item, use)),
  };
}

function readItem(item: unknown, use: SigningRequest['use']): Seen<SigningRequest> {
  const metadata = member(item, 'metadata');
  const name = textAt(metadata, 'name');
  const createdAt = timeOf(member(metadata, 'creationTimestamp'));
  if (name === undefined || !isDnsName(name) || createdAt === undefined)
    throw new Error('a certificate signing request has no valid name, or no time of its creation');
  const [spec, status] = [member(item, 'spec'), member(item, 'status')];
  const username = textAt(spec, 'username') ?? '';
  const requestor = requestorOf(username);
  const asked = nodeOf(requestedCommonName(textAt(spec, 'request') ?? ''));
  const node = requestor === 'Renewal' ? nodeOf(username) : asked;
  if (node === undefined || textAt(spec, 'signerName') !== SIGNERS[use]) return { name, value: undefined };
  const certificate = readCertificate(textAt(status, 'certificate'));
  const isOfNode = certificate !== undefined && isFor(certificate, node);
  const value: SigningRequest = {
    name,
    node,
    use,
    // A certificate for another node than the one that asked shows nothing of either.
    requestor: asked !== node || (certificate && !isOfNode) ? 'Other' : requestor,
    createdAt,
    ...outcomeOf(status),
    ...(isOfNode ? { certificate } : {}),
  };
  return { name, value };
}

/**
 * learn.microsoft.com/azure/aks/kubelet-serving-certificate-rotation for the node itself; the user aksService is that of AKS' secure TLS
 * bootstrapping, which asks for nodes that are new.
 */
function requestorOf(username: string): SigningRequest['requestor'] {
  if (nodeOf(username) !== undefined) return 'Renewal';
  if (username.startsWith('system:bootstrap:')) return 'Bootstrap';
  return username === 'aksService' ? 'SecureBootstrap' : 'Other';
}

const NODE_USER = 'system:node:';

/** The name of the node whose kubelet has this user name; undefined for other names. */
function nodeOf(user: string | undefined): string | undefined {
  const name = user?.startsWith(NODE_USER) ? user.slice(NODE_USER.length) : '';
  return isDnsName(name) ? name : undefined;
}

type Outcome = Pick<SigningRequest, 'state' | 'refusal'>;

function outcomeOf(status: unknown): Outcome {
  const certificate = textAt(status, 'certificate') ?? '';
  if (certificate !== '') return { state: 'Issued' };
  const conditions = listAt(status, 'conditions').slice(0, MOST_CONDITIONS);
  const has = (type: string) =>
    conditions.find((one) => textAt(one, 'type') === type && (textAt(one, 'status') ?? 'True') === 'True');
  for (const state of ['Failed', 'Denied'] as const) {
    const condition = has(state);
    if (condition !== undefined) return { state, ...refusalOf(condition) };
  }
  return { state: has('Approved') === undefined ? 'Pending' : 'Approved' };
}

const MOST_CONDITIONS = 16;
/** Characters of a refusal that are shown. */
const REFUSAL_SHOWN = 160;

function refusalOf(condition: unknown): Pick<SigningRequest, 'refusal'> {
  const words = (textAt(condition, 'message') ?? '').trim() || (textAt(condition, 'reason') ?? '').trim();
  return words === '' ? {} : { refusal: escapeForDisplay(words, REFUSAL_SHOWN) };
}

/** A chain of three certificates with large keys has some 10 KiB. */
const LONGEST_CERTIFICATE = 64 * 1024;

/** The first certificate of `status.certificate`, which may be a chain: PEM in base64. */
function readCertificate(base64: string | undefined): X509Certificate | undefined {
  if (base64 === undefined || base64 === '' || base64.length > LONGEST_CERTIFICATE) return undefined;
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

/** True for a certificate with the user name of the node's kubelet as its only common name. Node.js writes one attribute a line. */
function isFor({ subject }: X509Certificate, node: string): boolean {
  const names = (subject ?? '').split('\n').filter((line) => line.startsWith('CN='));
  return names.length === 1 && names[0] === `CN=${NODE_USER}${node}`;
}
