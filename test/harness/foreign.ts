import { fingerprintsOf } from '../../src/cluster/model/fingerprints.ts';
import { element, listOf, rootOf } from './build.ts';

export type ForeignChange = 'Add' | 'TakeOut' | 'Reverse' | 'Repeat' | 'Bundle' | 'Opaque' | 'Respell' | 'Empty';

/** The list as another client leaves it; undefined where there is nothing to change. */
export function changeList(
  list: readonly string[],
  change: ForeignChange,
  root: number,
): readonly string[] | undefined {
  const position = list.length === 0 ? 0 : root % list.length;
  switch (change) {
    case 'Add':
      return [...list, element(root)];
    case 'TakeOut':
      return list.length === 0 ? undefined : list.filter((_, index) => index !== position);
    case 'Reverse':
      return [...list].reverse();
    case 'Repeat':
      return list.length === 0 ? undefined : [...list, list[position] ?? ''];
    case 'Bundle': {
      const roots = listOf(...list.slice(position, position + 3))
        .flatMap(fingerprintsOf)
        .map(rootOf);
      return [...list.slice(0, position), element(...roots, root), ...list.slice(position + 3)];
    }
    case 'Opaque':
      return [...list, btoa(`opaque ${root}`)];
    case 'Respell':
      return list.map((text, index) => (index === position ? btoa(`# a comment\n${atob(text)}`) : text));
    case 'Empty':
      return [];
  }
}
