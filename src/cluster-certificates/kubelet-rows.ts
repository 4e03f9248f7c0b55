import { escapeForDisplay } from '../api/display.ts';
import { sentences } from '../api/sentences.ts';
import { spelledOut } from '../api/spelled-out.ts';
import type { Evidence, Finding, NodeFacts } from './evidence.ts';
import type { CertificateRow, Judgement } from './judgement.ts';
import { kubeletPools, NO_POOL, ROW_NAMES, type KubeletPool, type Use } from './kubelet-certificates.ts';
import { ADJECTIVES, adviceFor, agedRow, healthOf } from './kubelet-health.ts';
import type { KubeletReports } from './kubelet-reports.ts';
import { requestTroubles, type RequestTrouble } from './request-troubles.ts';
import { secondsOf } from './times.ts';

const USES: readonly Use[] = ['Client', 'Serving'];

/** Most rows that are returned: the schema allows 200 in all, and a cluster has 100 node pools at most. Healthy ones are dropped first. */
const MOST_ROWS = 190;
/** Nodes that a message names. */
const NAMED = 3;
/** Characters of a cause or a fix that a message repeats. */
const LONGEST_REASON = 512;

/**
 * The rows KubeletClient and KubeletServing, in this order for each node pool, pools by name: the certificate of the pool that expires
 * first, its node, and how many nodes of the pool are known. They replace all rows of these two names in `before`.
 *
 * Without evidence they are the rows of `before`, with health and share of life at `now`. Where no pool is known, one row of each name
 * has no pool, is Unknown, and says what would make it known. Requests that got no certificate are in the messages; those of nodes that
 * do not exist are in rows of the pool {@link NO_POOL}. Self-signed serving certificates are Healthy: AKS makes them for 20 years.
 *
 * @param before the judgement that the last status has: a certificate seen then counts while its node exists
 * @param now in ms
 */
export function kubeletRows(evidence: Evidence | undefined, before: Judgement, now: number): readonly CertificateRow[] {
  const kept = before.certificates.filter(({ name }) => name === ROW_NAMES.Client || name === ROW_NAMES.Serving);
  if (!evidence) return kept.map((row) => agedRow(row, now));
  const pools = kubeletPools(evidence, before);
  if (!pools) {
    const known = kept.filter(({ pool }) => pool !== undefined);
    const { nodes } = evidence;
    // Without access the rows are Unknown, whatever was seen while there was one.
    if (!nodes || nodes.known || known.length === 0) return USES.map((use) => rowWithoutNodes(use, nodes));
    const note = sentences('It could not be read again', reasonOf(nodes));
    return known.map((row) => agedRow(row, now, note));
  }
  const troubles = requestTroubles(evidence.signingRequests?.known ? evidence.signingRequests.value : [], now);
  const rows = [...pools.flatMap((pool) => USES.map((use) => rowOf(use, pool, evidence, troubles, now)))];
  return bounded([...rows, ...rowsOfMissingNodes(pools, troubles)]);
}

function rowOf(
  use: Use,
  { name: pool, nodes, certificates, reports }: KubeletPool,
  evidence: Evidence,
  troubles: readonly RequestTrouble[],
  now: number,
): CertificateRow {
  const known = [...certificates[use].values()].sort((a, b) => a.notAfter - b.notAfter);
  const base = {
    name: ROW_NAMES[use],
    pool,
    nodes: known.length,
    nodesTotal: nodes.length,
    maintainedBy: 'Microsoft',
  } as const;
  const members = new Set(nodes.map(({ name }) => name));
  const own = troubles.filter((one) => one.use === use && members.has(one.node));
  const missing = nodes.filter(({ name }) => !certificates[use].has(name));
  const selfSigned = use === 'Serving' ? missing.filter(({ servingSignedByCluster }) => !servingSignedByCluster) : [];
  const notes = [
    ...own.slice(0, NAMED).map(({ message }) => message),
    ...(own.length > NAMED ? [`${own.length - NAMED} more requests of this pool got no certificate.`] : []),
    ...(use === 'Client' ? [renewErrorsOf(nodes, reports), contradictionsOf(nodes, reports)] : []),
    selfSigned.length > 0 ? selfSignedNote(selfSigned, nodes) : '',
    missing.length > selfSigned.length
      ? unknownNote(use, missing.length - selfSigned.length, nodes, reports, evidence)
      : '',
  ];
  const [first] = known;
  if (!first) {
    const health = selfSigned.length === nodes.length && own.length === 0 ? 'Healthy' : 'Unknown';
    return { ...base, health, message: sentences(...notes) };
  }
  const state = healthOf(first, now);
  const message = sentences(adviceFor(use, pool, first, state.health), ...notes);
  return {
    ...base,
    node: first.node,
    ...first.facts,
    ...(first.notBefore === undefined ? {} : { notBefore: secondsOf(first.notBefore) }),
    notAfter: secondsOf(first.notAfter),
    ...state,
    source: first.source,
    ...(message === '' ? {} : { message }),
  };
}

function renewErrorsOf(nodes: readonly NodeFacts[], { byNode }: KubeletReports): string {
  const failing = nodes.filter(({ name }) => (byNode.get(name)?.renewErrors ?? 0) > 0);
  if (failing.length === 0) return '';
  const names = spelledOut(
    failing.map(({ name }) => name),
    NAMED,
  );
  return `Renewals have failed since these kubelets started: ${names}. Their logs say why (journalctl -u kubelet).`;
}

function contradictionsOf(nodes: readonly NodeFacts[], { contradictory }: KubeletReports): string {
  const some = nodes.filter(({ name }) => contradictory.has(name));
  if (some.length === 0) return '';
  const names = spelledOut(
    some.map(({ name }) => name),
    NAMED,
  );
  return `The metrics of these nodes do not count, because they contradict each other, as where several clusters have nodes of the same name: ${names}. Set matchers of the entry in the policy file that select this cluster only.`;
}

function selfSignedNote(some: readonly NodeFacts[], all: readonly NodeFacts[]): string {
  const whose = some.length === all.length ? 'The kubelets of this pool' : `${some.length} of ${all.length} kubelets`;
  return `${whose} sign their serving certificates themselves, for 20 years, so that nothing has to be renewed. Kubelet serving certificate rotation of AKS gives them certificates of the cluster CA.`;
}

function unknownNote(
  use: Use,
  count: number,
  all: readonly NodeFacts[],
  { byNode }: KubeletReports,
  { signingRequests, kubeletMetrics }: Evidence,
): string {
  const which = count === all.length ? 'the nodes' : `${count} of ${all.length} nodes`;
  const what = `The ${ADJECTIVES[use]} certificates of ${which} of this pool are not known`;
  const requests =
    signingRequests && !signingRequests.known
      ? sentences(`${what}, because the requests of kubelets could not be read`, reasonOf(signingRequests))
      : `${what}. The API server keeps the requests of kubelets for an hour: a certificate becomes known when a node is created or renews it.`;
  if (!kubeletMetrics) return `${requests} ${WITH_PROMETHEUS}`;
  if (!kubeletMetrics.known) return sentences(requests, reasonOf(kubeletMetrics));
  return byNode.size > 0 ? requests : sentences(requests, kubeletMetrics.value.length === 0 ? NO_METRICS : NO_NAMES);
}

const WITH_PROMETHEUS =
  'A Prometheus that has the metrics of kubelets shows them at once: the policy file can name one (docs/how-to/kubelet-metrics.md).';
const NO_METRICS =
  'The Prometheus has no metric of a kubelet for it: compare the matchers of the entry in the policy file.';
const NO_NAMES =
  'The Prometheus has metrics of kubelets, but no label has the name of a node of this cluster: compare the matchers of the entry in the policy file, and give the series the label node.';

function reasonOf({ why, fix = '' }: Extract<Finding<unknown>, { readonly known: false }>): string {
  return sentences(escapeForDisplay(why, LONGEST_REASON), escapeForDisplay(fix, LONGEST_REASON));
}

function rowWithoutNodes(use: Use, nodes: Evidence['nodes']): CertificateRow {
  const message =
    nodes && !nodes.known
      ? sentences('The certificates of kubelets are not known', reasonOf(nodes))
      : 'The certificates of kubelets are read over the API server of the cluster. Set spec.target.nodeAccess to have them read.';
  return { name: ROW_NAMES[use], maintainedBy: 'Microsoft', health: 'Unknown', message };
}

/** Requests of nodes that have no Node object: they are gone, or cannot join. */
function rowsOfMissingNodes(pools: readonly KubeletPool[], troubles: readonly RequestTrouble[]): CertificateRow[] {
  const members = new Set(pools.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  const strangers = troubles.filter(({ node }) => !members.has(node));
  return USES.flatMap((use) => {
    const own = strangers.filter((one) => one.use === use);
    if (own.length === 0 || pools.some(({ name }) => name === NO_POOL)) return [];
    const names = spelledOut(
      own.map(({ node }) => node),
      NAMED,
    );
    const message = sentences(
      `No node of these names exists, but requests for them got no certificate: ${names}. A node that cannot join asks again and again; the request of a deleted node is dropped within a day`,
      own[0]?.message ?? '',
    );
    const counts = { nodes: 0, nodesTotal: 0 };
    return [
      {
        name: ROW_NAMES[use],
        pool: NO_POOL,
        ...counts,
        maintainedBy: 'Microsoft',
        health: 'Unknown',
        message,
      } as const,
    ];
  });
}

const URGENCY: readonly CertificateRow['health'][] = [
  'Expired',
  'Late',
  'Expiring',
  'Intercepted',
  'Unknown',
  'Healthy',
];

function bounded(rows: readonly CertificateRow[]): readonly CertificateRow[] {
  if (rows.length <= MOST_ROWS) return rows;
  const urgent = [...rows].sort((a, b) => URGENCY.indexOf(a.health) - URGENCY.indexOf(b.health)).slice(0, MOST_ROWS);
  const chosen = new Set(urgent);
  return rows.filter((row) => chosen.has(row));
}
