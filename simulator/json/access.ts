import { parseJson } from './parse.ts';
import { printCompact } from './print.ts';
import type { JsonArray, JsonNode, JsonObject } from './syntax.ts';

/** The value of a key, compared with its case; of a key written twice, the last one, as JSON parsers do. */
export function member(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.kind === 'object' ? node.members.findLast((m) => m.key === key)?.value : undefined;
}

/** The value at a path of keys. */
export function at(node: JsonNode | undefined, ...path: string[]): JsonNode | undefined {
  return path.reduce(member, node);
}

/** The items of an array; none when the node is absent or something else. */
export function itemsOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.kind === 'array' ? node.items.map((item) => item.value) : [];
}

/** A string's decoded value; undefined for anything else. */
export function stringOf(node: JsonNode | undefined): string | undefined {
  if (node?.kind !== 'scalar' || !node.text.startsWith('"')) return undefined;
  return JSON.parse(node.text) as string;
}

/** A number's value as JavaScript rounds it; undefined for anything else. */
export function numberOf(node: JsonNode | undefined): number | undefined {
  return node?.kind === 'scalar' && /^[-\d]/.test(node.text) ? Number(node.text) : undefined;
}

export function isNull(node: JsonNode | undefined): boolean {
  return node?.kind === 'scalar' && node.text === 'null';
}

/** The plain value; numbers are rounded and key order is JavaScript's. */
export function plain(node: JsonNode): unknown {
  return JSON.parse(printCompact(node));
}

/** A tree for a plain value, without blanks. */
export function fromPlain(value: unknown): JsonNode {
  return parseJson(JSON.stringify(value));
}

/** The object with one key set: in place where the key stands, else at the end, in the manner its neighbours are written. */
export function withMember(object: JsonObject, key: string, value: JsonNode): JsonObject {
  const index = object.members.findLastIndex((m) => m.key === key);
  const found = object.members[index];
  if (found === undefined) {
    const last = object.members.at(-1);
    const added = {
      before: last?.before ?? object.inside,
      keyText: JSON.stringify(key),
      key,
      colon: last?.colon ?? ':',
      value,
      after: last?.after ?? '',
    };
    // The blanks before the closing brace belong to whichever member is last.
    const members = last === undefined ? [added] : [...object.members.slice(0, -1), { ...last, after: '' }, added];
    return { ...object, members, inside: '' };
  }
  return found.value === value ? object : { ...object, members: object.members.with(index, { ...found, value }) };
}

/** The object with the value at a path set; objects missing on the way are made. */
export function withPath(object: JsonObject, path: readonly string[], value: JsonNode): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  if (rest.length === 0) return withMember(object, key, value);
  const child = member(object, key);
  return withMember(object, key, withPath(child?.kind === 'object' ? child : emptyObject, rest, value));
}

/** The object without a key. */
export function withoutMember(object: JsonObject, key: string): JsonObject {
  if (!object.members.some((m) => m.key === key)) return object;
  const members = object.members.filter((m) => m.key !== key);
  const end = object.members.at(-1)?.after ?? '';
  const last = members.at(-1);
  return last === undefined
    ? { ...object, members, inside: end }
    : { ...object, members: members.with(-1, { ...last, after: end }) };
}

/** Sets a plain value only where the present one means something else, so that its spelling survives. */
export function withPlain(object: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const present = at(object, ...path);
  const wanted = JSON.stringify(value);
  if (present !== undefined && (printCompact(present) === wanted || JSON.stringify(plain(present)) === wanted)) {
    return object;
  }
  return withPath(object, path, parseJson(wanted));
}

/** Puts another list of values into an array, each in the place of the one before it. */
export function withItems(array: JsonArray, values: readonly JsonNode[]): JsonArray {
  const items = values.map((value, index) => ({ before: '', after: '', ...array.items[index], value }));
  return { kind: 'array', items, inside: items.length === 0 ? array.inside : '' };
}

export const emptyObject: JsonObject = { kind: 'object', members: [], inside: '' };
