import type { UpgraderEvent } from '../model/observation.ts';
import type { PoolInput, Blocker } from './blocker.ts';
import { needsReimage } from './node-state.ts';

/** What to do about hold-ups that only AKS' own words tell. */
export const FIXES = {
  EvictionRefused: 'make room in the PodDisruptionBudget, or add a replica of what it guards',
  DrainFailed: 'see which pods are left on it (kubectl get pods --field-selector spec.nodeName=…), and why they stay',
} as const;

/**
 * What was last recorded, where AKS' words on the nodes that are left are gone and the nodes are as they were: API servers forget
 * events after an hour, and a drain may take a day.
 */
export function rememberedBlocker({
  pool,
  members,
  nodes,
  since: attempt,
  running,
  before,
}: PoolInput): Blocker | undefined {
  const { blockedBy: by, blockedReason: kind, blockedSince } = before ?? {};
  if (by === undefined || blockedSince === undefined) return undefined;
  if (kind !== 'EvictionRefused' && kind !== 'DrainFailed') return undefined;
  const since = Date.parse(blockedSince);
  // What held an earlier attempt up says nothing of one that runs.
  if (running && since < attempt.countedAt) return undefined;
  const concerned = members.filter((member) => needsReimage(member) || member.fate === 'Surge');
  const names = new Set(concerned.map(({ node }) => node.name));
  // What led to it says nothing new, and may be forgotten later than it.
  const isNews = ({ step, at }: UpgraderEvent) => (step === 'EvictionRefused' ? at >= since : at > since);
  const said = nodes.events?.some((event) => names.has(event.node) && isNews(event)) ?? false;
  const moved = members.some(({ node }) => node.createdAt > since);
  // A drain that goes on keeps its node cordoned; one that was given up leaves it as it was.
  const stands = concerned.some(({ node }) => !running || !node.schedulable);
  if (said || moved || !stands) return undefined;
  return { pool: pool.name, kind, by, mend: FIXES[kind], since };
}
