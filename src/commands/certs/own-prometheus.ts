import { trustedBesides } from '../../azure/tls-options.ts';
import type { EvidenceSources } from '../../cluster-certificates/read/read-evidence.ts';
import { createPrometheusOpener } from '../../controller/prometheus.ts';
import { signInAs } from './own-arm.ts';
import type { AskedPrometheus } from './request.ts';

/**
 * The Prometheus of the flags, for one cluster. Nothing is asked yet.
 *
 * @param cluster name of the AKS cluster, for `{cluster}` in the matchers; empty where it is not known
 * @throws Error where the file of --ca-file cannot be read
 */
export async function openOwnPrometheus(
  { source, azure, caFile }: AskedPrometheus,
  cluster: string,
  now: () => number,
): Promise<NonNullable<EvidenceSources['prometheus']>> {
  const open = createPrometheusOpener({
    cloud: azure?.cloud ?? {},
    ...(azure ? { credential: await signInAs(azure) } : {}),
    ...trustedBesides(caFile),
    now,
  });
  return open(source, cluster);
}
