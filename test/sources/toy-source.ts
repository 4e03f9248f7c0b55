import type { Entry, Source } from '../../src/sources/source.ts';

/** Certificates from a shelf in memory, by namespace/name. An entry says `toyRef: { name }`. */
export function toySource(shelf: ReadonlyMap<string, string>): Source {
  const nameOf = (entry: Entry & { toyRef?: { name: string } }) => entry.toyRef?.name ?? '';
  return {
    field: 'toyRef',
    refsOf: (entry, namespace) => [{ kind: 'Toy', namespace, name: nameOf(entry) }],
    read(entry, namespace) {
      const text = shelf.get(`${namespace}/${nameOf(entry)}`);
      if (text !== undefined) return { text };
      const message = `The toy ${nameOf(entry)} was not found. Put it on the shelf, or remove the entry.`;
      return { problem: { kind: 'SourceNotFound', message } };
    },
  };
}
