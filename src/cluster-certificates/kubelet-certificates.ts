import type { Evidence, IssuedCertificate, KubeletMetric, NodeFacts, SigningRequest } from './evidence.ts';
import { RENEWED_AT_PERCENT } from './health.ts';
import { authoritySince, issuedCertificates } from './issued-certificates.ts';
import type { CertificateRow, Judgement } from './judgement.ts';
import { kubeletReports, SAME_MS, type KubeletReports } from './kubelet-reports.ts';

export type Use = SigningRequest['use'];

/** A certificate that the kubelet of a node has, as far as it is known. Times in ms. */
export interface KubeletCertificate {
  readonly node: string;
  readonly notAfter: number;
  readonly notBefore?: number;
  /** When the kubelet has renewed it at the latest: at 90 percent of its life. Absent where nothing shows how long its life is. */
  readonly lateAt?: number;
  /** In a few words, for people. */
  readonly source: string;
  /** Safe to show. */
  readonly facts: Pick<CertificateRow, 'subject' | 'issuer' | 'fingerprintSHA256'>;
}

/** What is known of the kubelets of one node pool. */
export interface KubeletPool {
  /** {@link NO_POOL} for nodes without a label of a pool. */
  readonly name: string;
  readonly nodes: readonly NodeFacts[];
  /** The newest that its kubelets got for a request. */
  readonly issued: readonly IssuedCertificate[];
  /** Of all pools. */
  readonly reports: KubeletReports;
  /** By the name of the node. */
  readonly certificates: Readonly<Record<Use, ReadonlyMap<string, KubeletCertificate>>>;
}

/** The pool of nodes whose label names none. No label has parentheses. */
export const NO_POOL = '(no pool)';

const DAY = 24 * 60 * 60 * 1000;
/** The shortest life of a client certificate of a kubelet of AKS, in ms: one year; others have two. */
const SHORTEST_CLIENT_LIFE = 365 * DAY;

/** AKS allows 100 node pools to a cluster (learn.microsoft.com/azure/aks/quotas-skus-regions). A server that has more is another one. */
const MOST_POOLS = 100;

/** The node pools by name; undefined where the nodes are not known. */
export function kubeletPools(evidence: Evidence, before: Judgement): readonly KubeletPool[] | undefined {
  const { nodes, kubeletMetrics } = evidence;
  if (!nodes?.known) return undefined;
  const since = authoritySince(evidence);
  const issued = issuedCertificates(evidence);
  const own = { Client: byNodeOf(issued, 'Client'), Serving: byNodeOf(issued, 'Serving') };
  const lives = { Client: longestOf(own.Client.values()), Serving: longestOf(own.Serving.values()) };
  const reports = kubeletReports(kubeletMetrics?.known ? kubeletMetrics.value : [], nodes.value);
  const certificatesOf = (use: Use, pool: string, members: readonly NodeFacts[]) => {
    const row = before.certificates.find((one) => one.name === ROW_NAMES[use] && one.pool === pool);
    const known = members.flatMap((node) => {
      const reported = reportOf(reports.byNode.get(node.name), use);
      const was = row?.node === node.name ? ofRow(row, node, since) : undefined;
      const one = newest({ node: node.name, issued: own[use].get(node.name), reported, was, metrics: kubeletMetrics });
      return one ? [[node.name, { ...one, ...lateness(one, use, lives[use]) }] as const] : [];
    });
    return new Map(known);
  };
  const byPool = Map.groupBy(nodes.value, ({ pool }) => pool || NO_POOL);
  const names = [...byPool.keys()].sort().slice(0, MOST_POOLS);
  return names.map((name) => {
    const members = byPool.get(name) ?? [];
    const [Client, Serving] = [certificatesOf('Client', name, members), certificatesOf('Serving', name, members)];
    const issued = members.flatMap((node) =>
      [own.Client.get(node.name) ?? [], own.Serving.get(node.name) ?? []].flat(),
    );
    return { name, nodes: members, issued, reports, certificates: { Client, Serving } };
  });
}

function byNodeOf(issued: readonly IssuedCertificate[], use: Use): ReadonlyMap<string, IssuedCertificate> {
  return new Map(issued.filter((one) => one.use === use).map((one) => [one.node, one]));
}

/** The longest life, in ms; undefined where there is none. */
function longestOf(issued: Iterable<IssuedCertificate>): number | undefined {
  let longest: number | undefined;
  for (const { notBefore, notAfter } of issued) longest = Math.max(longest ?? 0, notAfter - notBefore);
  return longest;
}

export const ROW_NAMES = { Client: 'KubeletClient', Serving: 'KubeletServing' } as const satisfies Record<
  Use,
  CertificateRow['name']
>;

/** True for a certificate that its kubelet should have renewed. */
export function isLate({ lateAt }: Pick<KubeletCertificate, 'lateAt'>, now: number): boolean {
  return lateAt !== undefined && now > lateAt;
}

interface Reported {
  /** When it was reported. */
  readonly at: number;
  readonly notAfter: number;
}

/** As it was seen, before it is judged. */
type Known = Omit<KubeletCertificate, 'lateAt'>;

interface Seen {
  readonly node: string;
  readonly issued: IssuedCertificate | undefined;
  readonly reported: Reported | undefined;
  /** By the row of before. */
  readonly was: Known | undefined;
  readonly metrics: Evidence['kubeletMetrics'];
}

/**
 * What counts of one node's certificate: what was seen last; its exact dates come from where they are known. A row of before that had
 * metrics only counts while these cannot be read: nothing shows whether the node is still the same.
 */
function newest({ node, issued, reported, was, metrics }: Seen): Known | undefined {
  const exact = issued && ofIssued(issued);
  if (!reported) return exact ?? (was?.notBefore !== undefined || metrics?.known === false ? was : undefined);
  const same = [exact, was].find((one) => one && Math.abs(one.notAfter - reported.notAfter) <= SAME_MS);
  if (same) return same;
  if (exact && issued.requestedAt >= reported.at) return exact;
  return { node, notAfter: reported.notAfter, source: metrics?.known ? metrics.source : '', facts: {} };
}

function reportOf(metric: KubeletMetric | undefined, use: Use): Reported | undefined {
  const left = use === 'Client' ? metric?.clientExpiresInMs : metric?.servingExpiresInMs;
  return metric && typeof left === 'number' ? { at: metric.at, notAfter: metric.at + left } : undefined;
}

function ofIssued({
  node,
  notBefore,
  notAfter,
  request,
  subject,
  issuer,
  fingerprintSHA256,
}: IssuedCertificate): Known {
  const source = `certificate signing request ${request}`;
  return { node, notBefore, notAfter, source, facts: { subject, issuer, fingerprintSHA256 } };
}

/** The certificate of a row of before, while its node is the same. */
function ofRow(row: CertificateRow, node: NodeFacts, since: number): Known | undefined {
  const notAfter = Date.parse(row.notAfter ?? '');
  const notBefore = row.notBefore === undefined ? undefined : Date.parse(row.notBefore);
  if (Number.isNaN(notAfter) || Number.isNaN(notBefore)) return undefined;
  if (notBefore !== undefined && notBefore < Math.max(since, node.createdAt - 2 * HOUR)) return undefined;
  const { source = '', subject, issuer, fingerprintSHA256 } = row;
  return {
    node: node.name,
    notAfter,
    ...(notBefore === undefined ? {} : { notBefore }),
    source,
    facts: {
      ...(subject === undefined ? {} : { subject }),
      ...(issuer === undefined ? {} : { issuer }),
      ...(fingerprintSHA256 === undefined ? {} : { fingerprintSHA256 }),
    },
  };
}

const HOUR = 60 * 60 * 1000;

/**
 * When the kubelet has renewed the certificate at the latest.
 *
 * @param life of the certificates that were issued for this use, in ms: one signer signs all of a cluster
 */
export function lateness(
  { notBefore, notAfter }: Pick<KubeletCertificate, 'notBefore' | 'notAfter'>,
  use: Use,
  life?: number,
): Pick<KubeletCertificate, 'lateAt'> {
  const shortest = use === 'Client' ? SHORTEST_CLIENT_LIFE : undefined;
  const whole = notBefore === undefined ? (life ?? shortest) : notAfter - notBefore;
  return whole === undefined ? {} : { lateAt: notAfter - (1 - RENEWED_AT_PERCENT / 100) * whole };
}
