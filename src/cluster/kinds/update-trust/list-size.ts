import type { ListItem } from '../../../azure/replace-list.ts';
import { CERTIFICATE_LIMIT } from '../../../api/names.ts';

/**
 * A list with more characters is warned of. AKS hands its elements to the nodes by environment and customData, which may have
 * 64 KiB in all (github.com/Azure/AKS/issues/2259), and ARM does not check it.
 */
export const LARGE_LIST = 32 * 1024;

/** An element with more characters is what makes a list large: no list has more of them than the limit. */
export const LARGE_ELEMENT = LARGE_LIST / CERTIFICATE_LIMIT;

/** Characters of a list as it is, or as it shall be: the larger of both. `items` make the second from `elements`. */
export function sizeOfList(elements: readonly string[], items: readonly ListItem[]): number {
  const size = (list: readonly string[]) => list.reduce((sum, element) => sum + element.length, 0);
  const wanted = items.map((item) => ('add' in item ? item.add : (elements[item.keep] ?? '')));
  return Math.max(size(elements), size(wanted));
}

/** What a list of this size may lead to, and what to do: a sentence. */
export function largeListMessage(size: number): string {
  return `The cluster's list has ${Math.ceil(size / 1024)} KiB. AKS hands it to the nodes with other data that may have 64 KiB in all, so nodes may fail to start: take out certificates that nodes do not need, or use some with smaller keys.`;
}
