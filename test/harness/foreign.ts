import { fingerprintsOf } from '../../src/cluster/model/fingerprints.ts';
import { element, listOf, rootOf } from './build.ts';

export type ForeignChange = 'Add' | 'TakeOut' | 'Reverse' | 'Repeat' | 'Bundle' | 'Opaque' | 'Respell' | 'Empty';

/** The list as another client leaves it; undefined where there is nothing to change. */
export function changeList(
  list: readonly string[],
  change: ForeignChange,
  root: number,
): readonly string[] | undefined {
  const place = list.length === 0 ? 0 : root % list.length;
  switch (change) {
    case 'Add':
      return [...list, element(root)];
    case 'TakeOut':
      return list.length === 0 ? undefined : list.filter((_, index) => index !== place);
    case 'Reverse':
      return [...list].reverse();
    case 'Repeat':
      return list.length === 0 ? undefined : [...list, list[place] ?? ''];
    case 'Bundle': {
      const roots = listOf(...list.slice(place, place + 3))
        .flatMap(fingerprintsOf)
        .map(rootOf);
      return [...list.slice(0, place), element(...roots, root), ...list.slice(place + 3)];
    }
    case 'Opaque':
      return [...list, btoa(`opaque ${root}`)];
    case 'Respell':
      return list.map((text, index) => (index === place ? btoa(`# a comment\n${atob(text)}`) : text));
    case 'Empty':
      return [];
  }
}
