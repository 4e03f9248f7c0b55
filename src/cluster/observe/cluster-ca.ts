import { sentences } from '../../api/sentences.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import { fingerprintOf } from '../../cluster-certificates/row.ts';
import { readKubeconfigFacts } from '../../cluster-certificates/read/kubeconfig-facts.ts';
import type { ClusterCA } from '../model/observation.ts';

/** AKS lets the validity of a CA begin this long before it makes it, in ms. Azure/AKS#2347, MicrosoftDocs/azure-docs#75678 */
const BACKDATED = 10 * 60_000;

/** The wait after an answer of ARM that has no usable CA, in ms. */
const UNUSABLE = 5 * 60_000;

/** Reads the cluster CA from the kubeconfig that ARM returns now. No message quotes anything of it. */
export async function readClusterCA(
  arm: Pick<ManagedClusters, 'userKubeconfig'>,
  id: ClusterId,
  now: () => number,
  signal: AbortSignal,
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
  return { ok: true, fingerprint, createdAt: Date.parse(first.validFrom) + BACKDATED, readAt };
}

function unusable(why: string): ClusterCA {
  const message = sentences(`The cluster CA could not be read from the kubeconfig that ARM returned: ${why}`);
  return { ok: false, reason: 'Unreachable', message, afterMs: UNUSABLE };
}
