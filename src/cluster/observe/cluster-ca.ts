import type { X509Certificate } from 'node:crypto';
import { sentences } from '../../api/sentences.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import { fingerprintOf } from '../../cluster-certificates/row.ts';
import { describeFailure } from '../../cluster-certificates/read/handshake-failure.ts';
import { readKubeconfigFacts, type KubeconfigFacts } from '../../cluster-certificates/read/kubeconfig-facts.ts';
import type { Handshake } from '../../cluster-certificates/read/source.ts';
import { isSignedBy } from '../../cluster-certificates/signature.ts';
import type { ClusterCA, ServerCertificate } from '../model/observation.ts';

/** AKS lets the validity of a CA begin this long before it makes it, in ms. Azure/AKS#2347, MicrosoftDocs/azure-docs#75678 */
const BACKDATED = 10 * 60_000;

/** The wait after an answer of ARM that has no usable CA, in ms. */
const UNUSABLE = 5 * 60_000;

/**
 * Reads the cluster CA from the kubeconfig that ARM returns now, and the certificate of the API server where a handshake is given. No
 * message quotes anything of the kubeconfig.
 */
export async function readClusterCA(
  arm: Pick<ManagedClusters, 'userKubeconfig'>,
  id: ClusterId,
  now: () => number,
  signal: AbortSignal,
  handshake?: Handshake,
): Promise<ClusterCA> {
  const readAt = now();
  const outcome = await arm.userKubeconfig(id, signal);
  if (!outcome.ok) {
    const { reason, code, message, fix, backoff, retryAfterMs } = outcome.failure;
    const why = `The cluster CA could not be read, because ARM returned no kubeconfig (${code}): ${message}`;
    return {
      ok: false,
      reason: reason === 'Conflict' ? 'ClusterBusy' : reason,
      message: sentences(why, fix),
      afterMs: retryAfterMs ?? Math.max(backoff.fromMs, 30_000),
    };
  }
  const reading = readKubeconfigFacts(outcome.value);
  if (!reading.ok) return unusable(reading.message);
  const { clusterCA } = reading.facts;
  if (!clusterCA) return unusable('it has no certificate-authority-data');
  if (!clusterCA.ok) return unusable(clusterCA.message);
  const [first, ...others] = clusterCA.certificates;
  // Which one signs is not known, and a rotation is named by the one that it replaces.
  if (!first || others.length > 0) return unusable('it names more than one CA');
  const fingerprint = fingerprintOf(first);
  const dates = { createdAt: Date.parse(first.validFrom) + BACKDATED, notAfter: Date.parse(first.validTo) };
  const apiServer = handshake && (await readServerCertificate(reading.facts, first, handshake, signal));
  return { ok: true, fingerprint, ...dates, readAt, ...(apiServer ? { apiServer } : {}) };
}

function unusable(why: string): ClusterCA {
  const message = sentences(`The cluster CA could not be read from the kubeconfig that ARM returned: ${why}`);
  return { ok: false, reason: 'Unreachable', message, afterMs: UNUSABLE };
}

/** Reads the certificate that the API server shows now. One that another authority signed says nothing of the cluster. */
async function readServerCertificate(
  { server, tlsServerName }: KubeconfigFacts,
  authority: X509Certificate,
  handshake: Handshake,
  signal: AbortSignal,
): Promise<ServerCertificate> {
  if (server === undefined) return { known: false, why: 'The kubeconfig that ARM returned names no API server.' };
  const address = { server, ...(tlsServerName === undefined ? {} : { tlsServerName }) };
  try {
    const leaf = await handshake(address, signal);
    if (!isSignedBy(leaf, authority))
      return { known: false, why: 'The API server shows a certificate that the cluster CA did not sign.' };
    const [notBefore, notAfter] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
    if (Number.isFinite(notBefore) && Number.isFinite(notAfter)) return { known: true, notBefore, notAfter };
    return { known: false, why: 'The dates of the certificate of the API server cannot be read.' };
  } catch (error) {
    signal.throwIfAborted();
    const failure = describeFailure(address, error);
    return { known: false, why: failure.known ? '' : sentences(failure.why, failure.fix ?? '') };
  }
}
