import { at, itemsOf, member, stringOf, withItems, withPath, withPlain } from '../json/access.ts';
import type { JsonObject } from '../json/syntax.ts';

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
