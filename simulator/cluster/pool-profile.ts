import { at, itemsOf, member, numberOf, stringOf } from '../json/access.ts';
import type { JsonNode, JsonObject } from '../json/syntax.ts';

/** The profile of a pool in the model. */
export interface PoolProfile {
  readonly name: string;
  readonly osType: 'Linux' | 'Windows';
  readonly osSku: string;
  readonly mode: string;
  readonly count: number;
  readonly orchestratorVersion: string;
  readonly nodeImageVersion: string;
  /** As written: a number, or a percentage. */
  readonly maxSurge: string | undefined;
  readonly maxUnavailable: string | undefined;
  /** Simulated minutes until a drain is given up. */
  readonly drainMinutes: number;
  /** Simulated minutes from a drain to what follows it. */
  readonly soakMinutes: number;
  readonly undrainableNodeBehavior: 'Schedule' | 'Cordon';
  readonly spot: boolean;
}

const DEFAULT_DRAIN_MINUTES = 30; // learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling

export function poolProfiles(model: JsonObject): PoolProfile[] {
  const version = stringOf(at(model, 'properties', 'kubernetesVersion')) ?? '';
  return itemsOf(at(model, 'properties', 'agentPoolProfiles')).map((profile) => ({
    name: stringOf(member(profile, 'name')) ?? '',
    osType: stringOf(member(profile, 'osType')) === 'Windows' ? 'Windows' : 'Linux',
    osSku: stringOf(member(profile, 'osSKU')) ?? '',
    mode: stringOf(member(profile, 'mode')) ?? 'User',
    count: numberOf(member(profile, 'count')) ?? 0,
    orchestratorVersion: stringOf(member(profile, 'orchestratorVersion')) ?? version,
    nodeImageVersion: stringOf(member(profile, 'nodeImageVersion')) ?? '',
    maxSurge: amount(at(profile, 'upgradeSettings', 'maxSurge')),
    maxUnavailable: amount(at(profile, 'upgradeSettings', 'maxUnavailable')),
    drainMinutes: numberOf(at(profile, 'upgradeSettings', 'drainTimeoutInMinutes')) ?? DEFAULT_DRAIN_MINUTES,
    soakMinutes: numberOf(at(profile, 'upgradeSettings', 'nodeSoakDurationInMinutes')) ?? 0,
    undrainableNodeBehavior:
      stringOf(at(profile, 'upgradeSettings', 'undrainableNodeBehavior')) === 'Cordon' ? 'Cordon' : 'Schedule',
    spot: stringOf(member(profile, 'scaleSetPriority')) === 'Spot',
  }));
}

function amount(node: JsonNode | undefined): string | undefined {
  return stringOf(node) ?? numberOf(node)?.toString();
}

/** How a pool's nodes are replaced. */
export interface RollPlan {
  /** Extra nodes while it lasts. */
  readonly surge: number;
  /** Nodes replaced at the same time. */
  readonly atOnce: number;
}

const DEFAULT_SURGE = '10%'; // learn.microsoft.com/azure/aks/upgrade-cluster

/**
 * With surge, as many nodes at once as there are extra ones; without, as many as may be missing. Percentages of the count round up.
 * Spot pools have no surge nodes (learn.microsoft.com/azure/aks/spot-node-pool).
 */
export function rollPlan(
  { maxSurge, maxUnavailable, spot }: Pick<PoolProfile, 'maxSurge' | 'maxUnavailable' | 'spot'>,
  count: number,
): RollPlan {
  if (spot) return { surge: 0, atOnce: Math.max(1, nodesOf(maxUnavailable ?? '1', count)) };
  const surge = nodesOf(maxSurge ?? DEFAULT_SURGE, count);
  if (surge > 0) return { surge, atOnce: surge };
  const unavailable = nodesOf(maxUnavailable ?? '0', count);
  // Both 0 is refused by AKS; a model that has it nonetheless is rolled with one extra node.
  return unavailable > 0 ? { surge: 0, atOnce: unavailable } : { surge: 1, atOnce: 1 };
}

function nodesOf(amountText: string, count: number): number {
  const number = Number.parseInt(amountText, 10);
  if (Number.isNaN(number)) return 0;
  return amountText.endsWith('%') ? Math.ceil((number * count) / 100) : number;
}
