import { escapeForDisplay } from '../../api/display.ts';
import { startDeadline } from '../../waiting/deadline.ts';
import { unlessAborted } from '../../waiting/unless-aborted.ts';
import type { Evidence, Finding } from '../evidence.ts';
import { apiServerCertificate } from './api-server-certificate.ts';
import { authenticationConfigMap } from './authentication-config-map.ts';
import { clusterCA } from './cluster-ca.ts';
import { kubeconfigClient } from './kubeconfig-client.ts';
import { requestKubeconfig } from './kubeconfig.ts';
import { kubeletMetrics } from './kubelet-metrics.ts';
import { nodes } from './nodes.ts';
import { signingKeys } from './signing-keys.ts';
import { signingRequests } from './signing-requests.ts';
import type { EvidenceReader, EvidenceSources, Reading } from './source.ts';

export type { EvidenceSources } from './source.ts';

/** Every source, each a file of this folder. */
const READERS: readonly EvidenceReader[] = [
  clusterCA,
  kubeconfigClient,
  apiServerCertificate,
  authenticationConfigMap,
  signingKeys,
  nodes,
  signingRequests,
  kubeletMetrics,
];

/** Longest time of a source that has no other, in ms. */
const SOURCE_MS = 10_000;

/**
 * Asks every source, all at the same time, each for 10 s at most, or for 20 s where it asks more than once. One that fails is
 * a finding. Rejects only with the signal's reason, when that aborts.
 */
export async function readEvidence(
  sources: EvidenceSources,
  now: () => number,
  signal: AbortSignal,
  readers: readonly EvidenceReader[] = READERS,
): Promise<Evidence> {
  let kubeconfig: ReturnType<Reading['kubeconfig']> | undefined;
  const reading: Reading = {
    sources,
    now,
    kubeconfig: () => (kubeconfig ??= requestKubeconfig(sources, signal)),
    signal,
  };
  const parts = await Promise.all(readers.map((reader) => readOne(reader, reading)));
  signal.throwIfAborted();
  const copy = sources.kubeconfigIsCopy ? { kubeconfigIsCopy: true } : {};
  return Object.assign({ readAt: now(), ...copy }, ...parts) as Evidence;
}

/** Never rejects: a source that takes too long, or throws, is a finding of each of its members. */
async function readOne(reader: EvidenceReader, reading: Reading): Promise<Partial<Evidence>> {
  const { noun, ms = SOURCE_MS } = reader;
  const deadline = startDeadline(ms, reading.signal);
  const { signal } = deadline;
  try {
    return await unlessAborted(reader.read({ ...reading, signal }), signal);
  } catch (error) {
    const why = deadline.expired()
      ? `${noun} could not be read within ${ms / 1000} s.`
      : `${noun} could not be read: ${escapeForDisplay(error instanceof Error ? error.message : String(error), 512)}`;
    const finding: Finding<never> = { known: false, why };
    return Object.fromEntries(reader.members.map((member) => [member, finding]));
  } finally {
    deadline.release();
  }
}
