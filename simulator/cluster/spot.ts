import { count } from './autoscaler.ts';
import { inBackground } from './background.ts';
import { removeNode } from './change.ts';
import type { Cluster } from './cluster.ts';
import { isOf } from './pool-nodes.ts';
import type { Provider } from './provider.ts';
import { profileOf } from './scaling.ts';

/**
 * Takes a machine away, as Azure does with spot machines: at once, whatever is being done to it. The pool's count falls with it.
 * Throws when the pool has no such node.
 * @param name of the node; without, the one of the lowest index
 */
export function evictMachine(cluster: Cluster, provider: Provider, pool: string, name?: string): void {
  const profile = profileOf(cluster, pool);
  const nodes = cluster.nodes.filter((node) => isOf(node, profile) && (name === undefined || node.name === name));
  const node = nodes.toSorted((a, b) => a.index - b.index)[0];
  if (node === undefined) throw new Error(`Pool ${pool} has no node ${name ?? ''}`.trimEnd());
  removeNode(cluster, node.name);
  if (!node.surge) count(cluster, provider, pool, -1);
  inBackground(cluster, () => cluster.registry.remove(node.name));
}
