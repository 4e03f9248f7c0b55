import type { Cluster } from './cluster.ts';

/** Lets something happen besides operations. Waiting for the cluster to be idle includes it, and rejects when it fails. */
export function inBackground(cluster: Cluster, task: () => Promise<void>): void {
  const running = untilItsEnd(cluster, task);
  cluster.background.add(running);
  const over = () => void cluster.background.delete(running);
  running.then(over, () => {}); // a failure stays, for those that wait
}

/** Does it; that the cluster is gone meanwhile is no failure. */
export async function untilItsEnd(cluster: Cluster, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!cluster.end.signal.aborted) throw error;
  }
}
