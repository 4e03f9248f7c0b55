import type { Evidence, IssuedCertificate, KubeletMetric } from './evidence.ts';
import type { AutoRotationRow } from './judgement.ts';
import type { KubeletPool } from './kubelet-certificates.ts';
import { secondsOf } from './times.ts';

/** What shows whether the kubelets of a pool renew their client certificates. */
export interface RotationEvidence {
  readonly kind: 'On' | 'Off' | 'Nothing';
  /** In a few words, for people; absent where there is none. */
  readonly text?: string;
  /** When that was the case, in ms. */
  readonly seenAt?: number;
  /** The nodes whose kubelets do not renew, where `kind` is Off. */
  readonly silent: readonly string[];
  /** What a first certificate shows, a whole sentence; absent where none was seen. */
  readonly firstUse?: string;
}

const DAY = 24 * 60 * 60 * 1000;
const METRIC = 'kubelet_certificate_manager_client_ttl_seconds';
/** Evidence of earlier reads is recognized by its first words. */
const [RENEWAL, PRESENT, ABSENT] = ['Renewal by', `Metric ${METRIC} of`, `Metrics without ${METRIC} of`] as const;

/**
 * The strongest evidence comes first: a metric that is absent, a renewal that was seen, a metric that is present, the same of earlier
 * reads, a first certificate.
 *
 * @param previous the pool's row of the last status
 */
export function rotationEvidence(
  pool: KubeletPool,
  evidence: Evidence,
  previous: AutoRotationRow | undefined,
): RotationEvidence {
  const issued = pool.issued.filter(({ use }) => use === 'Client');
  const renewals = issued.filter(({ requestor }) => requestor === 'Renewal');
  const renewal = latest(renewals);
  const own = pool.nodes.flatMap(({ name }) => pool.reports.byNode.get(name) ?? []);
  const renewed = new Set(renewals.map(({ node }) => node));
  const silent = silentOf(own, pool.reports.hasClient).filter((node) => !renewed.has(node));
  const firstUse = firstUseOf(latest(issued));
  const rest = { silent, ...(firstUse === undefined ? {} : { firstUse }) };
  const total = pool.nodes.length;
  if (silent.length > 0)
    return { kind: 'Off', ...sticky(`${ABSENT} ${silent.length} of ${total} nodes`, timeOf(own), previous), ...rest };
  if (renewal)
    return {
      kind: 'On',
      text: `${RENEWAL} node ${renewal.node} (request ${renewal.request})`,
      seenAt: renewal.requestedAt,
      ...rest,
    };
  const kept = keptOf(previous);
  if (kept?.text.startsWith(RENEWAL)) return { kind: 'On', ...kept, ...rest };
  const reporting = own.filter(({ clientExpiresInMs }) => clientExpiresInMs !== undefined);
  if (reporting.length > 0)
    return {
      kind: 'On',
      ...sticky(`${PRESENT} ${reporting.length} of ${total} nodes`, timeOf(reporting), previous),
      ...rest,
    };
  // Nodes that were made since then may have auto-rotation.
  const canBeKept = kept && evidence.kubeletMetrics?.known === false;
  if (canBeKept && kept.text.startsWith(PRESENT)) return { kind: 'On', ...kept, ...rest };
  const old = pool.nodes.filter(({ createdAt }) => kept && createdAt <= kept.seenAt).map(({ name }) => name);
  if (canBeKept && kept.text.startsWith(ABSENT) && old.length > 0)
    return { kind: 'Off', ...kept, ...rest, silent: old };
  return { kind: 'Nothing', ...firstOf(latest(issued)), ...rest };
}

/**
 * Nodes that report other metrics and not the one that a kubelet has only with rotation of its client certificate (Kubernetes,
 * cmd/kubelet/app/server.go). A Prometheus may not keep that metric at all: it counts as absent only where another node has it, or the
 * node has the metric of its serving certificate.
 */
function silentOf(own: readonly KubeletMetric[], isKept: boolean): string[] {
  return own.flatMap(({ node, clientExpiresInMs, servingExpiresInMs }) =>
    clientExpiresInMs === undefined && (isKept || servingExpiresInMs !== undefined) ? [node] : [],
  );
}

function latest(issued: readonly IssuedCertificate[]): IssuedCertificate | undefined {
  return issued.toSorted((a, b) => b.requestedAt - a.requestedAt)[0];
}

function timeOf(reports: readonly KubeletMetric[]): number {
  return Math.max(...reports.map(({ at }) => at));
}

/** Evidence that is there at every read has a new time once a day: the status changes only with what it says. */
function sticky(
  text: string,
  seenAt: number,
  previous: AutoRotationRow | undefined,
): { readonly text: string; readonly seenAt: number } {
  const kept = keptOf(previous);
  return kept?.text === text && seenAt - kept.seenAt < DAY && seenAt >= kept.seenAt ? kept : { text, seenAt };
}

function keptOf(row: AutoRotationRow | undefined): { readonly text: string; readonly seenAt: number } | undefined {
  const seenAt = Date.parse(row?.seenAt ?? '');
  return row?.evidence === undefined || Number.isNaN(seenAt) ? undefined : { text: row.evidence, seenAt };
}

const KINDS = { Bootstrap: 'TLS bootstrapping', SecureBootstrap: 'secure TLS bootstrapping' } as const;

function firstOf(issued: IssuedCertificate | undefined): Pick<RotationEvidence, 'text' | 'seenAt'> {
  if (issued?.requestor !== 'Bootstrap' && issued?.requestor !== 'SecureBootstrap') return {};
  const { requestor, node, request, requestedAt } = issued;
  return { text: `First certificate of node ${node} by ${KINDS[requestor]} (request ${request})`, seenAt: requestedAt };
}

function firstUseOf(issued: IssuedCertificate | undefined): string | undefined {
  if (issued?.requestor !== 'Bootstrap' && issued?.requestor !== 'SecureBootstrap') return undefined;
  const { requestor, notBefore, notAfter } = issued;
  const at = (share: number) => secondsOf(notBefore + share * (notAfter - notBefore));
  return `New nodes of this pool get their first certificate by ${KINDS[requestor]}, which auto-rotation needs; it does not show that they renew it. A renewal is due from ${at(0.7)} to ${at(0.9)}`;
}
