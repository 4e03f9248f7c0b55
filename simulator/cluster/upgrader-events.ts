import type { NodeEvent } from '../nodes/node-registry.ts';
import { eventMessage } from '../words.ts';
import type { Words } from '../words.ts';

// The wording is AKS': clients match parts of these messages, and AKS keeps them as they are for that
// (kubernetes-sigs/headlamp, UpgradeVisualizationPanel; learn.microsoft.com/azure/aks/tutorial-kubernetes-upgrade-cluster).

export function upgradeStarted(pool: string): NodeEvent {
  return { type: 'Normal', reason: 'Upgrade', message: `Upgrade started for agent pool ${pool}` };
}

export function surgeCreated(node: string, pool: string): NodeEvent {
  return { type: 'Normal', reason: 'Surge', message: `Created a surge node ${node} for agentpool ${pool}` };
}

export function surgeRemoved(node: string): NodeEvent {
  return { type: 'Normal', reason: 'Surge', message: `Removing surge node: ${node}` };
}

export function cordoning(node: string): NodeEvent {
  return { type: 'Normal', reason: 'Cordon', message: `Cordoning node ${node}` };
}

export function draining(node: string): NodeEvent {
  return { type: 'Normal', reason: 'Drain', message: `Draining node: ${node}` };
}

/** The real message, by default without the namespace of the pod, as public logs have it (corpus.json, `events`). */
export function evictionBlocked(namespace: string, pod: string, words: Words): NodeEvent {
  const id = words.pick('eviction');
  const name = words.pick('podName') === 'bare' ? pod : `${namespace}/${pod}`;
  return { type: 'Warning', reason: 'Drain', message: eventMessage(id, EVICTED[id], name) };
}

/** The pods as the real events name them. */
const EVICTED = {
  'eviction-capital-many': 'nginx-7854ff8877-gnltd',
  'eviction-small-many': 'testk8sdev1-dev01-backend-mh-sts-0',
  'eviction-in-brackets': 'mloskot-myapp1-97fb5fd59-mngxr',
} as const;

export function drainFailed(node: string): NodeEvent {
  return { type: 'Warning', reason: 'Drain', message: `Error draining node ${node}` };
}

export function soaking(minutes: number, node: string): NodeEvent {
  return { type: 'Normal', reason: 'Upgrade', message: `Soak duration ${minutes}m0s after draining node: ${node}` };
}

export function reimageFailed(node: string): NodeEvent {
  return { type: 'Warning', reason: 'Upgrade', message: `Failed to reimage node: ${node}` };
}

export function deleting(node: string): NodeEvent {
  return { type: 'Normal', reason: 'Upgrade', message: `Deleting node ${node} from API server` };
}

export function reimaging(node: string): NodeEvent {
  return { type: 'Normal', reason: 'Upgrade', message: `Reimaging node: ${node}` };
}

export function reimaged(node: string): NodeEvent {
  return { type: 'Normal', reason: 'Upgrade', message: `Successfully reimaged node: ${node}` };
}

export function upgraded(node: string): NodeEvent {
  return { type: 'Normal', reason: 'Upgrade', message: `Successfully upgraded node: ${node}` };
}
