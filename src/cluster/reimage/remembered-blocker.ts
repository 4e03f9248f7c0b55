import type { UpgraderEvent } from '../model/observation.ts';
import type { PoolInput, Blocker } from './blocker.ts';
import { needsReimage } from './node-state.ts';

/** How to remove the blockers that only AKS' events show. */
export const FIXES = {
  EvictionRefused: 'Make room in the PodDisruptionBudget, or add a replica of the pods that it guards',
  DrainFailed:
    'Find which pods are left on it (kubectl get pods -A --field-selector spec.nodeName=…), and why they stay',
} as const;

/**
 * The recorded blocker, where the events about the remaining nodes are gone and the nodes are unchanged: API servers drop events
 * after an hour, and a drain may take a day.
 */
export function rememberedBlocker({
  pool,
  members,
  nodes,
  baseline: attempt,
  running,
  recorded: before,
}: PoolInput): Blocker | undefined {
  const { blockedBy: by, blockedReason: kind, blockedSince } = before ?? {};
  if (by === undefined || blockedSince === undefined) return undefined;
  if (kind !== 'EvictionRefused' && kind !== 'DrainFailed') return undefined;
  const since = Date.parse(blockedSince);
  // A blocker of an earlier attempt says nothing about one that runs.
  if (running && since < attempt.countedAt) return undefined;
  const concerned = members.filter((member) => needsReimage(member) || member.state === 'Surge');
  const names = new Set(concerned.map(({ node }) => node.name));
  // The event that showed the blocker is no news, and the API server may keep it for longer than the others.
  const isNews = ({ step, at }: UpgraderEvent) => (step === 'EvictionRefused' ? at >= since : at > since);
  const hasNews = nodes.events?.some((event) => names.has(event.node) && isNews(event)) ?? false;
  const moved = members.some(({ node }) => node.createdAt > since);
  // A drain that goes on keeps its node cordoned; after a drain that was given up, the node may be schedulable.
  const stands = concerned.some(({ node }) => !running || !node.schedulable);
  if (hasNews || moved || !stands) return undefined;
  return { pool: pool.name, kind, by, fix: FIXES[kind], since };
}
