import type { KubeletMetric, NodeFacts } from './evidence.ts';

/** What the kubelets of a cluster report, by the name of the node. */
export interface KubeletReports {
  /** One for each node: at the time of its newest metric. */
  readonly byNode: ReadonlyMap<string, KubeletMetric>;
  /** Nodes whose metrics contradict each other. They are in `byNode` without what is contradictory, and not otherwise. */
  readonly contradictory: ReadonlySet<string>;
  /** True where at least one node has the metric of its client certificate, so that its absence shows something. */
  readonly hasClient: boolean;
}

/** Two readings of one date: a kubelet reports the time that is left, some seconds before it is asked. */
export const SAME_MS = 10 * 60 * 1000;

/**
 * Gives each metric to the one node that its labels name. Two programs that scrape the same kubelet agree; where metrics of one node
 * differ, nodes of several clusters have that name, and neither counts. A metric from before the Node object is that of the machine
 * before, which had the same name.
 */
export function kubeletReports(metrics: readonly KubeletMetric[], nodes: readonly NodeFacts[]): KubeletReports {
  const created = new Map(nodes.map(({ name, createdAt }) => [name, createdAt]));
  const byNode = new Map<string, KubeletMetric>();
  const contradictory = new Set<string>();
  for (const metric of metrics) {
    const [node, another] = [metric.node, ...(metric.otherNames ?? [])].filter((name) => created.has(name));
    if (node === undefined || another !== undefined || metric.at < (created.get(node) ?? Infinity)) continue;
    const before = byNode.get(node);
    if (before && (differ(before, metric, 'clientExpiresInMs') || differ(before, metric, 'servingExpiresInMs')))
      contradictory.add(node);
    byNode.set(node, before ? merged(before, metric) : withoutNames(metric, node));
  }
  for (const node of contradictory) byNode.delete(node);
  const hasClient = [...byNode.values()].some(({ clientExpiresInMs }) => clientExpiresInMs !== undefined);
  return { byNode, contradictory, hasClient };
}

type Left = 'clientExpiresInMs' | 'servingExpiresInMs';

function differ(one: KubeletMetric, other: KubeletMetric, member: Left): boolean {
  const [a, b] = [one[member], other[member]];
  if (a === undefined || b === undefined) return false;
  if (typeof a !== 'number' || typeof b !== 'number') return a !== b;
  return Math.abs(one.at + a - (other.at + b)) > SAME_MS;
}

/** Both at the time of the newer one. */
function merged(one: KubeletMetric, other: KubeletMetric): KubeletMetric {
  const at = Math.max(one.at, other.at);
  const moved = ({ at: from, clientExpiresInMs: client, servingExpiresInMs: serving }: KubeletMetric) => ({
    ...(client === undefined ? {} : { clientExpiresInMs: typeof client === 'number' ? client + from - at : client }),
    ...(serving === undefined
      ? {}
      : { servingExpiresInMs: typeof serving === 'number' ? serving + from - at : serving }),
  });
  const errors = [one.renewErrors, other.renewErrors].filter((count) => count !== undefined);
  return {
    node: one.node,
    at,
    ...moved(one),
    ...moved(other),
    ...(errors.length === 0 ? {} : { renewErrors: Math.max(...errors) }),
  };
}

function withoutNames({ otherNames: _, ...metric }: KubeletMetric, node: string): KubeletMetric {
  return { ...metric, node };
}
