import type { RecordStatus } from '../../src/cluster/model/record.ts';
import type { Aks, Operation } from './aks.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

/** A list that left a process of ours. */
export interface Put {
  readonly aks: Aks;
  readonly by: Process;
  readonly sentAt: number;
  /** The recorded operation that it belongs to, as the record said when it was sent. */
  readonly operation: string | undefined;
  readonly list: readonly string[];
  /** `Gone`: it was refused or lost, and never will be. */
  fate: 'Travels' | 'Landed' | 'Gone';
  landedAt?: number;
  started?: Operation;
}

const puts = new WeakMap<World, Put[]>();

/** Everything that was ever sent to a cluster. */
export function putsOf(world: World, aks: Aks): readonly Put[] {
  return (puts.get(world) ?? []).filter((put) => put.aks === aks);
}

export function notePut(world: World, by: Process, aks: Aks, list: readonly string[]): Put {
  const operation = recordOf(world, aks)?.operation?.id;
  const put: Put = { aks, by, sentAt: world.scheduler.now, operation, list, fate: 'Travels' };
  const all = puts.get(world) ?? [];
  all.push(put);
  puts.set(world, all);
  world.changedAt = world.scheduler.now;
  return put;
}

/** The record of a cluster as the API server has it. */
export function recordOf(world: World, aks: Aks): RecordStatus | undefined {
  const record = world.api
    .list('targetclusters')
    .find(({ spec }) => String(spec?.['resourceId']).toLowerCase() === aks.key);
  return record && (record.status ?? {});
}
