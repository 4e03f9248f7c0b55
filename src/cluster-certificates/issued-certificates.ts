import type { X509Certificate } from 'node:crypto';
import { identify } from '../certificates/x509/identify.ts';
import { authoritiesOf, MOST_AUTHORITIES } from './cluster-ca.ts';
import type { Evidence, Finding, IssuedCertificate, NodeFacts, SigningRequest } from './evidence.ts';
import { isSignedBy } from './signature.ts';

const HOUR = 60 * 60 * 1000;

/** One evidence is judged several times, and a signature takes a while. */
const found = new WeakMap<Evidence, readonly IssuedCertificate[]>();

/**
 * The newest certificate that each kubelet got for a request, for each use: from the requests that were read, and from those of
 * earlier reads. What is returned is all that has to be kept for the next read.
 *
 * A certificate is left out once its node is gone or was created anew, and where the cluster CA did not sign it: after a rotation, a
 * certificate of the CA before is worth nothing.
 */
export function issuedCertificates(evidence: Evidence): readonly IssuedCertificate[] {
  const known = found.get(evidence) ?? findIssued(evidence);
  found.set(evidence, known);
  return known;
}

function findIssued(evidence: Evidence): readonly IssuedCertificate[] {
  const authorities = authoritiesFor(evidence);
  const since = authoritySince(evidence);
  const nodes = valueOf(evidence.nodes);
  const byName = nodes && new Map(nodes.map((node) => [node.name, node]));
  const counts = (one: Pick<IssuedCertificate, 'node' | 'requestedAt'>) => !byName || isOf(one, byName.get(one.node));
  const newest = new Map<string, IssuedCertificate>();
  for (const issued of evidence.issuedBefore ?? [])
    if (counts(issued) && issued.notBefore >= since) newest.set(keyOf(issued), issued);
  for (const request of newestOf(valueOf(evidence.signingRequests) ?? [])) {
    const before = newest.get(keyOf(request));
    if (before && !isLater(timed(request), before)) continue;
    if (!counts({ node: request.node, requestedAt: request.createdAt })) continue;
    const issued = factsOf(request, authorities);
    if (issued && issued.notBefore >= since) newest.set(keyOf(request), issued);
  }
  return [...newest.values()];
}

/** When the cluster CA began, in ms: a certificate that is older is of the CA before. Long ago where it is not known. */
export function authoritySince(evidence: Evidence): number {
  const starts = authoritiesFor(evidence).map(({ validFromDate }) => validFromDate.getTime());
  return starts.length === 0 ? -Infinity : Math.min(...starts);
}

/** Where the CA is not known, the ones whose client certificates the API server accepts: the cluster CA is among them. */
function authoritiesFor(evidence: Evidence): readonly X509Certificate[] {
  const authorities = authoritiesOf(evidence);
  return authorities.length > 0 ? authorities : (valueOf(evidence.clientCAs) ?? []).slice(0, MOST_AUTHORITIES);
}

/**
 * True where the node may still have the certificate. The first request of a node comes minutes before its Node object. AKS gives
 * the name of a node to the machine that replaces it.
 */
function isOf({ requestedAt }: Pick<IssuedCertificate, 'requestedAt'>, node: NodeFacts | undefined): boolean {
  return node !== undefined && requestedAt >= node.createdAt - HOUR;
}

/** The newest request of each node and use that was issued a certificate. */
function newestOf(requests: readonly SigningRequest[]): Iterable<SigningRequest> {
  const newest = new Map<string, SigningRequest>();
  for (const request of requests) {
    if (!request.certificate) continue;
    const key = keyOf(request);
    const before = newest.get(key);
    if (!before || isLater(timed(request), timed(before))) newest.set(key, request);
  }
  return newest.values();
}

type Timed = Pick<IssuedCertificate, 'requestor' | 'requestedAt'>;

function timed({ requestor, createdAt }: SigningRequest): Timed {
  return { requestor, requestedAt: createdAt };
}

/** Requests have a time in whole seconds. In the same second, a renewal came after a first certificate: the kubelet asks with it. */
function isLater(one: Timed, than: Timed): boolean {
  if (one.requestedAt !== than.requestedAt) return one.requestedAt > than.requestedAt;
  return one.requestor === 'Renewal' && than.requestor !== 'Renewal';
}

function factsOf(
  { node, use, requestor, name, createdAt, certificate }: SigningRequest,
  authorities: readonly X509Certificate[],
): IssuedCertificate | undefined {
  if (!certificate) return undefined;
  if (authorities.length > 0 && !authorities.some((authority) => isSignedBy(certificate, authority))) return undefined;
  const { raw } = certificate;
  const read = identify(raw, raw.toString('base64'));
  if (read.kind === 'problem') return undefined;
  const { subject, issuer, notBefore, notAfter } = read.certificate.details;
  return {
    node,
    use,
    requestor,
    request: name,
    requestedAt: createdAt,
    notBefore: Date.parse(notBefore),
    notAfter: Date.parse(notAfter),
    subject,
    issuer,
    fingerprintSHA256: read.certificate.fingerprint,
  };
}

function keyOf({ node, use }: Pick<IssuedCertificate, 'node' | 'use'>): string {
  return `${use} ${node}`;
}

function valueOf<T>(finding: Finding<T> | undefined): T | undefined {
  return finding?.known ? finding.value : undefined;
}
