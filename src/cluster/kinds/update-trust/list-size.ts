import type { ListItem } from '../../../azure/replace-list.ts';
import { CERTIFICATE_LIMIT } from '../../../api/names.ts';

/**
 * A list with more characters causes a warning. AKS passes its elements to the nodes by environment and customData, which are
 * limited to 64 KiB in all (github.com/Azure/AKS/issues/2259), and ARM does not check it.
 */
export const LARGE_LIST = 32 * 1024;

/** An element with more characters counts as a cause of a large list. A list has no more elements than the certificate limit. */
export const LARGE_ELEMENT = LARGE_LIST / CERTIFICATE_LIMIT;

/** Characters of the current list or of the desired list, whichever is larger. `items` make the desired list from `elements`. */
export function sizeOfList(elements: readonly string[], items: readonly ListItem[]): number {
  const size = (list: readonly string[]) => list.reduce((sum, element) => sum + element.length, 0);
  const wanted = items.map((item) => item.add ?? elements[item.keep] ?? '');
  return Math.max(size(elements), size(wanted));
}

/** Warns of the consequence of a list of this size, and says what to do. */
export function largeListMessage(size: number): string {
  return `The cluster's list has ${Math.ceil(size / 1024)} KiB. AKS passes it to the nodes together with other data, limited to 64 KiB in all, so nodes may fail to start. Remove certificates that nodes do not need, or use certificates with smaller keys.`;
}
