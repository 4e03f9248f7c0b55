import { at, itemsOf, member, stringOf, withItems, withPath, withPlain } from '../json/access.ts';
import type { JsonObject } from '../json/syntax.ts';
import type { Cluster } from './cluster.ts';
import { poolProfiles } from './pool-profile.ts';
import type { Provider } from './provider.ts';
import { scalePool } from './roll.ts';
import { startOperation } from './run-operation.ts';

/** Starts an operation of a pool that brings it to another count of nodes. Throws when there is no such pool. */
export function startScaling(cluster: Cluster, provider: Provider, pool: string, count: number): void {
  cluster.model = withPoolMember(cluster.model, pool, 'count', count);
  startOperation(cluster, provider, {
    doing: 'Scaling',
    pools: [pool],
    poolsOnly: true,
    async work(work) {
      await work.takes(provider.overheadSeconds);
      const profile = poolProfiles(cluster.model).find(({ name }) => name.toLowerCase() === pool.toLowerCase());
      if (profile !== undefined) await scalePool(work, profile);
    },
  });
}

/** The model with a member of one pool's profile set. Throws when there is no such pool. */
export function withPoolMember(model: JsonObject, pool: string, key: string, value: unknown): JsonObject {
  const profiles = at(model, 'properties', 'agentPoolProfiles');
  const items = itemsOf(profiles);
  const index = items.findIndex((item) => stringOf(member(item, 'name'))?.toLowerCase() === pool.toLowerCase());
  const profile = items[index];
  if (profiles?.kind !== 'array' || profile?.kind !== 'object') throw new Error(`There is no pool ${pool}`);
  return withPath(
    model,
    ['properties', 'agentPoolProfiles'],
    withItems(profiles, items.with(index, withPlain(profile, [key], value))),
  );
}
