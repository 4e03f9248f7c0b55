import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import type { Entry, Source, SourceRef, SourceText } from './source.ts';

/** The text of one entry. */
export type EntryText = SourceText & {
  /** Name of the entry. */
  readonly entry: string;
  /** True when the object itself has the text, so that every change of it is a new generation of the object. */
  readonly inline: boolean;
};

/** The texts of an object's entries as they are now, in the order of the object. */
export function textsOf({ metadata, spec }: CustomCATrust, sources: readonly Source[]): EntryText[] {
  const { namespace = '' } = metadata;
  return (spec.certificates ?? []).map((entry) => {
    const source = sourceOf(entry, sources);
    const inline = refsOfEntry(entry, namespace, source).length === 0;
    return { entry: entry.name, inline, ...(source?.read(entry, namespace) ?? unknownSource(sources)) };
  });
}

/** The references of an object's certificates: the index by which a change of one of them finds the clusters to reconcile. */
export function refsOf({ metadata, spec }: CustomCATrust, sources: readonly Source[]): SourceRef[] {
  const { namespace = '' } = metadata;
  return (spec.certificates ?? []).flatMap((entry) => refsOfEntry(entry, namespace, sourceOf(entry, sources)));
}

function sourceOf(entry: Entry, sources: readonly Source[]): Source | undefined {
  return sources.find(({ field }) => Object.hasOwn(entry, field));
}

function refsOfEntry(entry: Entry, namespace: string, source: Source | undefined): readonly SourceRef[] {
  return source?.refsOf(entry, namespace) ?? [];
}

/** The schema may be newer than this process. */
function unknownSource(sources: readonly Source[]): SourceText {
  const fields = sources.map(({ field }) => field).join(', ');
  const message = `This version of the controller cannot read the source of the entry. It can read: ${fields}. Update the controller, or use another source.`;
  return { problem: { kind: 'SourceUnreadable', message } };
}
