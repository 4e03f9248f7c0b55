import type { Aks, Node } from './aks.ts';
import { Lines } from './lines.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** A node as the row of a table. */
export function rowOf({ name, uid, createdAt }: Node) {
  const labels = { 'kubernetes.azure.com/agentpool': 'system' };
  const metadata = { name, uid, creationTimestamp: new Date(createdAt).toISOString(), labels };
  return { cells: [name, 'Ready'], object: { metadata } };
}

/** How many nodes really have the cluster's list. */
export function nodesHaving({ list, nodes }: Aks): number {
  return nodes.filter((node) => node.list.join() === (list ?? []).join()).length;
}

/**
 * A watch of the nodes of a cluster, from what a list of them had: changes come late, or no more. Bookmarks come once a minute
 * while it lives.
 */
export function openNodeStream(
  world: World,
  process: Process,
  aks: Aks,
  before: readonly Node[],
  signal: AbortSignal | undefined,
): AsyncIterable<string> {
  const { scheduler, random, subject, weather } = world;
  const lines = new Lines();
  let last = scheduler.now;
  let seen = before;
  let silent = false;
  let over = false;

  const deliver = (act: () => void) => {
    last = Math.max(last, scheduler.now + random.between(1, weather.watch.lag));
    scheduler.after(last - scheduler.now, () => void (over || act()), process);
  };
  const end = (error?: Error) => {
    if (over) return;
    over = true;
    aks.watchers.delete(changed);
    process.streams.delete(end);
    cancelBookmark();
    signal?.removeEventListener('abort', abort);
    lines.end(error);
  };
  const changed = () => {
    if (silent) return;
    if (!aks.exists) return deliver(() => end(new subject.KubernetesError(0, 'ECONNRESET', 'the watch broke')));
    const [gone, come] = [minus(seen, aks.nodes), minus(aks.nodes, seen)];
    seen = aks.nodes;
    if (gone.length + come.length === 0) return undefined;
    const having = nodesHaving(aks);
    deliver(() => {
      for (const node of gone) lines.push(eventOf('DELETED', node));
      for (const node of come) lines.push(eventOf('ADDED', node));
      process.noteNodes(aks.key, having);
    });
    silent = random.chance(weather.watch.silent);
    if (!silent && random.chance(weather.watch.cut)) deliver(() => end());
    return undefined;
  };
  const bookmark = () => {
    if (!silent) deliver(() => lines.push('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}'));
    cancelBookmark = scheduler.after(60_000, bookmark, process);
  };
  let cancelBookmark = scheduler.after(60_000, bookmark, process);
  const abort = () => end(signal?.reason as Error);
  signal?.addEventListener('abort', abort);
  process.streams.add(end);
  aks.watchers.add(changed);
  changed();
  return lines;
}

function eventOf(type: 'ADDED' | 'DELETED', node: Node): string {
  return JSON.stringify({ type, object: { metadata: { resourceVersion: '1' }, rows: [rowOf(node)] } });
}

function minus(nodes: readonly Node[], others: readonly Node[]): readonly Node[] {
  return nodes.filter((node) => !others.includes(node));
}
