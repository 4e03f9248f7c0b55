import type { NodePod } from '../nodes/node-pods.ts';
import { isThere } from './nodes.ts';
import * as says from './upgrader-events.ts';
import type { ClusterWork } from './work.ts';

/** A pod that was still on its node when the time for the drain was over. */
export interface UndrainedPod {
  readonly namespace: string;
  readonly name: string;
  /** Why its last eviction was refused; undefined for one that was evicted and does not end. */
  readonly refusal: string | undefined;
  /** The PodDisruptionBudget that forbids its eviction. */
  readonly budget: string | undefined;
}

/** A node that could not be drained. */
export interface UndrainedNode {
  readonly node: string;
  readonly pods: readonly UndrainedPod[];
}

/** Simulated seconds between two attempts, as `kubectl drain` waits. */
const RETRY_SECONDS = 5;

export interface DrainSettings {
  /** Simulated minutes; Infinity tries for good. */
  readonly minutes: number;
  /** Whether the upgrader reports refused evictions as events. */
  readonly reported: boolean;
}

/**
 * Evicts the pods of a cordoned node until none is left or the time is over. Resolves to those that are left: none when it is drained,
 * and none where no pods run. Throws OperationCanceled when its operation is to end.
 */
export async function drain(
  work: ClusterWork,
  node: string,
  settings: DrainSettings,
): Promise<readonly UndrainedPod[]> {
  const { cluster, provider } = work;
  const { pods } = cluster.registry;
  if (pods === undefined) return [];
  const deadline = provider.clock.now() + settings.minutes * 60_000;
  const eventIds = new Map<string, string>();
  for (;;) {
    const left = isThere(cluster, { name: node }) ? await pods.on(node) : [];
    if (left.length === 0) return [];
    const undrained: UndrainedPod[] = [];
    for (const pod of left) {
      const { namespace, name } = pod;
      const eviction = pod.terminating ? undefined : await pods.evict(pod);
      if (eviction?.kind === 'Gone') continue;
      if (eviction?.kind !== 'Refused') {
        undrained.push({ namespace, name, refusal: undefined, budget: undefined });
        continue;
      }
      undrained.push({ namespace, name, refusal: eviction.message, budget: eviction.budget });
      if (settings.reported) await reportRefusal(work, node, pod, eventIds);
    }
    if (provider.clock.now() >= deadline) return undrained;
    work.goOn();
    await Promise.all([work.takes(RETRY_SECONDS), pods.pause()]);
  }
}

/** An event that is said again is counted, as event recorders do. */
async function reportRefusal(
  { cluster, provider }: ClusterWork,
  node: string,
  { uid, namespace, name }: NodePod,
  eventIds: Map<string, string>,
): Promise<void> {
  const id = eventIds.get(uid);
  if (id !== undefined && (await cluster.registry.eventAgain(id))) return;
  eventIds.set(uid, await cluster.registry.event(node, says.evictionBlocked(namespace, name, provider.words)));
}

/** The error message of AKS about nodes that could not be drained (aka.ms/aks/debugdrainfailures). */
export function drainFailureMessage(undrained: readonly UndrainedNode[], minutes: number): string {
  return undrained
    .flatMap(({ node, pods }) =>
      pods.map(({ namespace, name, refusal, budget }) =>
        refusal === undefined
          ? `Drain node ${node} failed: pod ${namespace}/${name} had not ended after ${minutes} minutes.`
          : `Drain node ${node} failed when evicting pod ${name} failed with Too Many Requests error. This is often caused by a ` +
            `restrictive Pod Disruption Budget (PDB) policy. See http://aka.ms/aks/debugdrainfailures. Original error: ${refusal}. ` +
            `PDB debug info: ${namespace}/${name} blocked by pdb ${budget ?? 'unknown'}.`,
      ),
    )
    .join(' ');
}
