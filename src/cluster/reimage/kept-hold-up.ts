import type { UpgraderEvent } from '../observation.ts';
import type { HoldUp, PoolInput } from './hold-ups.ts';
import { isLeft } from './members.ts';

/** Parts of what is said of hold-ups that only AKS' own words tell. */
export const NO_EVICTION = ' allows no eviction of';
export const DRAIN_FAILED = ' could not be drained within';

export const REFUSED_MEND = 'make room in the PodDisruptionBudget, or add a replica of what it guards';
export const UNDRAINED_MEND =
  'see which pods are left on it (kubectl get pods --field-selector spec.nodeName=…), and why they stay';

/**
 * What was last recorded, where AKS' words on the nodes that are left are gone and the nodes are as they were: API servers forget
 * events after an hour, and a drain may take a day.
 */
export function keptHoldUp({ pool, members, nodes, running, before }: PoolInput): HoldUp | undefined {
  const { blockedBy: by, blockedSince } = before ?? {};
  if (by === undefined || blockedSince === undefined) return undefined;
  const isRefused = by.includes(NO_EVICTION);
  if (!isRefused && !by.includes(DRAIN_FAILED)) return undefined;
  const since = Date.parse(blockedSince);
  const concerned = members.filter((member) => isLeft(member) || member.fate === 'Surge');
  const names = new Set(concerned.map(({ node }) => node.name));
  // What led to it says nothing new, and may be forgotten later than it.
  const isNews = ({ step, at }: UpgraderEvent) => (step === 'EvictionRefused' ? at >= since : at > since);
  const said = nodes.events?.some((event) => names.has(event.node) && isNews(event)) ?? false;
  const moved = members.some(({ node }) => node.createdAt > since);
  // A drain that goes on keeps its node cordoned; one that was given up leaves it as it was.
  const stands = concerned.some(({ node }) => !running || !node.schedulable);
  if (said || moved || !stands) return undefined;
  const kind = isRefused ? 'EvictionRefused' : 'DrainFailed';
  return { pool: pool.name, kind, by, mend: isRefused ? REFUSED_MEND : UNDRAINED_MEND, since };
}
