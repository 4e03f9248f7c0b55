import { isNull, itemsOf, member, stringOf, withItems, withMember, withoutMember } from '../json/access.ts';
import { printCompact } from '../json/print.ts';
import type { JsonArray, JsonNode, JsonObject } from '../json/syntax.ts';

/** Members a client may send and AKS ignores, by their path; `[]` stands for an element of a list. */
const READ_ONLY: ReadonlySet<string> = new Set([
  'id',
  'name',
  'type',
  'eTag',
  'systemData',
  'identity.principalId',
  'identity.tenantId',
  'properties.provisioningState',
  'properties.powerState',
  'properties.resourceUID',
  'properties.fqdn',
  'properties.privateFQDN',
  'properties.azurePortalFQDN',
  'properties.currentKubernetesVersion',
  'properties.maxAgentPools',
  'properties.status',
  'properties.agentPoolProfiles[].eTag',
  'properties.agentPoolProfiles[].provisioningState',
  'properties.agentPoolProfiles[].powerState',
  'properties.agentPoolProfiles[].currentOrchestratorVersion',
  'properties.agentPoolProfiles[].nodeImageVersion',
  'properties.agentPoolProfiles[].status',
]);

const POOLS = 'properties.agentPoolProfiles';

/**
 * The model after a PUT. Absent, null and `{}` keep what is there, lists are replaced, pools are merged by name and a pool left
 * out stays, read-only members are ignored, unknown ones kept. What differs in blanks only keeps its old text.
 */
export function mergePut(model: JsonObject, body: JsonObject): JsonObject {
  return mergeObject(model, body, '');
}

function mergeObject(old: JsonObject, sent: JsonObject, path: string): JsonObject {
  let merged = old;
  for (const key of new Set(sent.members.map((m) => m.key))) {
    const value = member(sent, key);
    const here = path === '' ? key : `${path}.${key}`;
    if (value === undefined || isNull(value) || isEmptyObject(value) || READ_ONLY.has(here)) continue;
    const present = member(merged, key);
    const next = mergeValue(present, value, here);
    if (next === present) continue;
    merged = present === undefined ? withSentMember(merged, sent, key, next) : withMember(merged, key, next);
  }
  return merged;
}

function mergeValue(old: JsonNode | undefined, sent: JsonNode, path: string): JsonNode {
  if (sent.kind === 'object') {
    return old?.kind === 'object' ? mergeObject(old, sent, path) : settable(sent, path);
  }
  if (sent.kind === 'array' && path === POOLS) return mergePools(old?.kind === 'array' ? old : NO_POOLS, sent);
  return old !== undefined && printCompact(old) === printCompact(sent) ? old : sent;
}

const NO_POOLS: JsonArray = { kind: 'array', items: [], inside: '' };

function mergePools(old: JsonArray, sent: JsonArray): JsonArray {
  const merged = [...itemsOf(old)];
  for (const pool of itemsOf(sent)) {
    if (pool.kind !== 'object') continue;
    const name = stringOf(member(pool, 'name'))?.toLowerCase();
    const index = merged.findIndex((other) => stringOf(member(other, 'name'))?.toLowerCase() === name);
    const present = merged[index];
    if (present?.kind === 'object') merged[index] = mergeObject(present, withoutMember(pool, 'name'), `${POOLS}[]`);
    else merged.push(settable(pool, `${POOLS}[]`));
  }
  const changed = merged.length !== old.items.length || merged.some((pool, index) => pool !== old.items[index]?.value);
  return changed ? withItems(old, merged) : old;
}

/** A new member as it was sent, without the members that a client cannot set. */
function settable(sent: JsonObject, path: string): JsonObject {
  const members = sent.members.flatMap((m) => {
    const here = `${path}.${m.key}`;
    if (READ_ONLY.has(here)) return [];
    return m.value.kind === 'object' ? [{ ...m, value: settable(m.value, here) }] : [m];
  });
  return { ...sent, members };
}

/** Adds a member with its key spelled as it was sent. */
function withSentMember(object: JsonObject, sent: JsonObject, key: string, value: JsonNode): JsonObject {
  const keyText = sent.members.findLast((m) => m.key === key)?.keyText ?? JSON.stringify(key);
  const added = withMember(object, key, value);
  return { ...added, members: added.members.map((m) => (m.key === key ? { ...m, keyText } : m)) };
}

function isEmptyObject(node: JsonNode): boolean {
  return node.kind === 'object' && node.members.length === 0;
}
