import { Counter, Gauge, type Registry } from 'prom-client';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { OPERATION_KINDS } from './arm.ts';

export const SLOT_STATES = ['managed', 'unmanaged', 'free'] as const;
export const NODE_STATES = ['reimaged', 'reimaging', 'waiting', 'excluded'] as const;

/**
 * Exposes the sums of slots and nodes over all clusters, and counts attempts that have failed. They follow the changes of records, so a
 * scrape reads no record; eight numbers and one short text are kept for each.
 *
 * @returns takes each record in its present state, by name, and undefined once it is deleted
 */
export function exposeRecords(registry: Registry): (name: string, record: TargetCluster | undefined) => void {
  const registers = [registry];
  const slots = new Gauge({
    name: 'aks_ca_trust_certificate_slots',
    help: 'Slots in the lists of all clusters: managed (an object names or brought it), unmanaged, or free.',
    labelNames: ['state'],
    registers,
  });
  const nodes = new Gauge({
    name: 'aks_ca_trust_nodes',
    help: 'Nodes of all clusters, as last counted: reimaged since the last change, being drained or reimaged now, waiting for it, or excluded from the feature.',
    labelNames: ['state'],
    registers,
  });
  const blocked = new Gauge({
    name: 'aks_ca_trust_node_pools_blocked',
    help: 'Node pools of all clusters in which the replacement of a node is blocked.',
    registers,
  });
  const failed = new Counter({
    name: 'aks_ca_trust_failed_attempts_total',
    help: 'Attempts of changes of the list and of rotations that ended Failed or Canceled in Azure, by their kind.',
    labelNames: ['kind'],
    registers,
  });
  for (const kind of OPERATION_KINDS) failed.inc({ kind }, 0);
  const known = new Map<string, Known>();

  function count(numbers: readonly number[], by: 1 | -1): void {
    SLOT_STATES.forEach((state, index) => slots.inc({ state }, by * (numbers[index] ?? 0)));
    NODE_STATES.forEach((state, index) => nodes.inc({ state }, by * (numbers[SLOT_STATES.length + index] ?? 0)));
    blocked.inc(by * (numbers[SLOT_STATES.length + NODE_STATES.length] ?? 0));
  }
  count([], 1);

  return (name, record) => {
    const before = known.get(name);
    if (before !== undefined) count(before.numbers, -1);
    known.delete(name);
    if (record === undefined) return;
    const now: Known = { numbers: numbersOf(record), failedAttempt: failedAttempt(record) };
    known.set(name, now);
    count(now.numbers, 1);
    const { kind } = record.status?.operation ?? {};
    // Attempts that had failed before this process started are not counted again.
    const isNew = before !== undefined && now.failedAttempt !== before.failedAttempt;
    if (isNew && now.failedAttempt !== undefined && kind !== undefined) failed.inc({ kind });
  };
}

interface Known {
  readonly numbers: readonly number[];
  readonly failedAttempt: string | undefined;
}

/** Names the attempt of the recorded operation where it has ended Failed or Canceled. */
function failedAttempt({ status }: TargetCluster): string | undefined {
  const { id, attempts, phase } = status?.operation ?? {};
  return phase === 'Failed' || phase === 'Canceled' ? `${id}/${attempts}` : undefined;
}

/** Numbers of slots and nodes in the order of the states above, then the number of blocked node pools. */
function numbersOf(record: TargetCluster): number[] {
  return [...slotsByState(record), ...nodesByState(record), blockedPools(record)];
}

/** How many node pools of the cluster have a node that cannot be replaced at present. */
export function blockedPools({ status }: TargetCluster): number {
  return (status?.nodePools ?? []).filter(({ blockedBy }) => blockedBy !== undefined).length;
}

/** How many slots of the cluster's list are in each of {@link SLOT_STATES}. */
export function slotsByState({ status }: TargetCluster): number[] {
  const { used = 0, free = 0 } = status?.certificateSlots ?? {};
  const managed = (status?.slots ?? []).filter(
    (slot) => slot.managed === true || slot.contains?.some((certificate) => certificate.managed),
  ).length;
  return [managed, Math.max(0, used - managed), free];
}

/** How many nodes of the cluster are in each of {@link NODE_STATES}. */
export function nodesByState({ status }: TargetCluster): number[] {
  const { total = 0, reimaged = 0, reimaging = 0, excluded = 0 } = status?.nodes ?? {};
  return [reimaged, reimaging, Math.max(0, total - reimaged - reimaging), excluded];
}
