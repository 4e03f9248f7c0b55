import { isNativeError } from 'node:util/types';
import { plural } from '../../api/wording.ts';
import { trustedBesides } from '../../azure/tls-options.ts';
import { prometheusTrouble } from '../../cluster-certificates/read/kubelet-metrics.ts';
import { lastSamples } from '../../cluster-certificates/read/prometheus.ts';
import { createPrometheusOpener } from '../../controller/prometheus.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import type { Policy } from '../../policy/policy.ts';
import { isServiceAddress, type PrometheusSource } from '../../policy/prometheus.ts';
import type { Azure } from './azure.ts';
import type { Checking } from './checking.ts';
import { failed, passed, skipped, warning, type Finding } from './finding.ts';
import type { CheckedCluster } from './targets.ts';

/** More entries of the policy file are not asked. */
const MOST_ENTRIES = 20;

/** Every kubelet that is scraped has it, with and without auto-rotation. */
const METRIC = 'kubelet_running_pods';

/** The cluster for which a Prometheus is asked that belongs to none of the checked ones: it has no series. */
const NO_CLUSTER = '-';

/**
 * Asks each Prometheus of the policy file for one metric of the kubelets of one cluster. Nothing is asked that the controller would not
 * ask.
 *
 * @param azure undefined without a sign-in to Azure
 */
export async function checkPrometheus(
  policy: Policy | undefined,
  clusters: readonly Pick<CheckedCluster, 'id'>[],
  azure: Pick<Azure, 'credential'> | undefined,
  checking: Checking,
): Promise<readonly Finding[]> {
  const entries = policy?.prometheus ?? [];
  if (!policy || entries.length === 0) return [];
  const { cloud, caFile } = checking.request.config;
  let trusted: ReturnType<typeof trustedBesides>;
  try {
    trusted = trustedBesides(caFile);
  } catch {
    // The check of the sign-in says so.
    return [];
  }
  const { now } = checking;
  const open = createPrometheusOpener({ cloud, ...(azure ? { credential: azure.credential } : {}), ...trusted, now });
  const findings: Finding[] = [];
  for (const source of entries.slice(0, MOST_ENTRIES)) {
    const cluster = clusters.find(({ id }) => policy.prometheusFor(id.resourceId) === source)?.id.name;
    findings.push(await checkEntry(source, cluster, open, checking));
  }
  const left = entries.length - MOST_ENTRIES;
  return left > 0
    ? [...findings, skipped('Prometheus', `${left} more entries of the policy file are not asked.`)]
    : findings;
}

async function checkEntry(
  source: PrometheusSource,
  cluster: string | undefined,
  open: ReturnType<typeof createPrometheusOpener>,
  { now, limit, signal }: Checking,
): Promise<Finding> {
  const opened = open(source, cluster ?? NO_CLUSTER);
  const { host } = new URL(source.url);
  const check = `Prometheus ${host}`;
  if (!opened.ok) return source.auth === 'azure' ? skipped(check, opened.why) : failed(check, opened.why);
  try {
    const samples = await lastSamples(opened.prometheus, METRIC, now(), limit());
    if (cluster === undefined)
      return passed(check, 'It answers. No cluster that is checked belongs to this entry of the policy file.');
    if (samples.length > 0)
      return passed(
        check,
        `It answers, and has the metrics of ${plural(samples.length, 'kubelet')} of cluster ${cluster}.`,
      );
    return warning(
      check,
      `It answers, and has no series ${METRIC}{${opened.prometheus.matchers}}, so it shows no certificate of a kubelet of cluster ${cluster}.`,
      'Check matchers in the policy file, and that kubelets are scraped and this metric is kept.',
    );
  } catch (error) {
    signal.throwIfAborted();
    const { why, fix } = prometheusTrouble(host, error);
    // A person's machine has neither the names nor the files of the controller's pod.
    return isOfPod(source, error)
      ? warning(check, why, 'Where this is not the pod of the controller, run the command there.')
      : failed(check, why, fix);
  }
}

function isOfPod({ url }: PrometheusSource, error: unknown): boolean {
  if (!(error instanceof KubernetesError)) return false;
  if (error.reason === 'NoCredentials') {
    const { cause } = error;
    return isNativeError(cause) && 'code' in cause && cause.code === 'ENOENT';
  }
  return (error.reason === 'ENOTFOUND' || error.reason === 'EAI_AGAIN') && isServiceAddress(url);
}
