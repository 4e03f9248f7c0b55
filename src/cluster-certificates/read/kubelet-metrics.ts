import { escapeForDisplay } from '../../api/display.ts';
import { sentences } from '../../api/sentences.ts';
import { isDnsName } from '../../kubernetes/untrusted/untyped.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import type { KubeletMetric } from '../evidence.ts';
import { lastSamples, type Prometheus, type Sample } from './prometheus.ts';
import type { EvidenceReader } from './source.ts';

/**
 * Kubernetes, cmd/kubelet/app/server.go and pkg/kubelet/certificate/kubelet.go: a kubelet has the first and the third only with rotation
 * of its client certificate, the second only with a serving certificate of the cluster CA, and the last one always.
 */
const METRICS = {
  kubelet_certificate_manager_client_ttl_seconds: ({ value }) => ({ clientExpiresInMs: leftOf(value) }),
  kubelet_certificate_manager_server_ttl_seconds: ({ value }) => ({ servingExpiresInMs: leftOf(value) }),
  kubelet_certificate_manager_client_expiration_renew_errors: ({ value }) => ({ renewErrors: value }),
  kubelet_running_pods: () => ({}),
} as const satisfies Record<
  string,
  (sample: Sample) => Pick<KubeletMetric, Exclude<keyof KubeletMetric, 'at' | 'node'>>
>;

/**
 * Labels with the name of the node, by the usual configurations of scrapes; the first is that of kube-prometheus. `instance` is the name
 * for Azure Monitor, and an address with a port elsewhere.
 */
const NODE_LABELS = [
  'node',
  'kubernetes_node',
  'kubernetes_node_name',
  'k8s_node_name',
  'node_name',
  'nodename',
  'kubernetes_io_hostname',
  'instance',
] as const;

/** Longest time until an expiry, in ms: 100 years. */
const LONGEST_MS = 100 * 365 * 24 * 60 * 60_000;
const LONGEST_SHOWN = 400;

/** What kubelets report to a Prometheus. It is not asked without access to the API server: nothing would show whose metrics they are. */
export const kubeletMetrics: EvidenceReader = {
  members: ['kubeletMetrics'],
  noun: 'The metrics of kubelets',
  ms: 20_000,
  async read({ sources: { access, prometheus }, now, signal }) {
    if (!prometheus || !access?.ok) return {};
    if (!prometheus.ok) {
      const { why, fix } = prometheus;
      return { kubeletMetrics: { known: false, why, ...(fix === undefined ? {} : { fix }) } };
    }
    const { host } = prometheus.prometheus;
    try {
      const value = await readKubeletMetrics(prometheus.prometheus, now(), signal);
      return { kubeletMetrics: { known: true, value, source: `kubelet metrics of ${host}` } };
    } catch (error) {
      signal.throwIfAborted();
      return { kubeletMetrics: { known: false, ...prometheusTrouble(host, error) } };
    }
  },
};

/**
 * One element for each series, with its one metric. One after another: the answers of a large cluster have megabytes.
 *
 * @throws as {@link lastSamples}
 */
export async function readKubeletMetrics(
  prometheus: Prometheus,
  now: number,
  signal: AbortSignal,
): Promise<readonly KubeletMetric[]> {
  const found: KubeletMetric[] = [];
  for (const [metric, readOne] of Object.entries(METRICS)) {
    for (const sample of await lastSamples(prometheus, metric, now, signal)) {
      const [node, ...otherNames] = namesOf(sample);
      if (node === undefined) continue;
      found.push({ node, at: sample.at, ...(otherNames.length > 0 ? { otherNames } : {}), ...readOne(sample) });
    }
  }
  return found;
}

/** Why a Prometheus did not give the metrics of kubelets, and what to do where that is known, in sentences. */
export function prometheusTrouble(host: string, error: unknown): { readonly why: string; readonly fix?: string } {
  const why = sentences(`The metrics of kubelets could not be read from ${host}: ${causeOf(error)}`);
  return { why, ...fixFor(error) };
}

/** The names that the labels may give to the node, each once. */
function namesOf({ labels }: Sample): string[] {
  const names = NODE_LABELS.flatMap((label) => {
    const name = (labels[label] ?? '').toLowerCase().replace(/:\d+$/, '');
    return isDnsName(name) ? [name] : [];
  });
  return [...new Set(names)];
}

/** A kubelet without a certificate reports an infinite time. */
function leftOf(seconds: number): number | 'None' {
  if (seconds === Infinity) return 'None';
  return Math.max(-LONGEST_MS, Math.min(LONGEST_MS, seconds * 1000));
}

/** A refusal of a Prometheus is no Status of Kubernetes, so that only its code is known. */
function causeOf(error: unknown): string {
  if (error instanceof KubernetesError && error.status >= 300) return `it answers ${error.status}`;
  return escapeForDisplay(error instanceof Error ? error.message : String(error), LONGEST_SHOWN);
}

function fixFor(error: unknown): { fix?: string } {
  const { status } = error instanceof KubernetesError ? error : {};
  if (status !== 401 && status !== 403) return {};
  return {
    fix: 'An Azure Monitor workspace needs the role Monitoring Data Reader for the identity that asks; another Prometheus needs a token that it takes.',
  };
}
