import type { KubernetesObject } from '../object.ts';

/** The part of each object that is fetched: all of it, or `apiVersion`, `kind` and `metadata` only. */
export type View = 'whole' | 'metadata';

/** kubernetes.io/docs/reference/using-api/api-concepts, Metadata-only fetches. */
const PARTIAL = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;

/** Media types to request; undefined: those of every request. */
export function acceptedFor(view: View): { readonly list: string | undefined; readonly watch: string | undefined } {
  return view === 'whole'
    ? { list: undefined, watch: undefined }
    : { list: PARTIAL('PartialObjectMetadataList'), watch: PARTIAL('PartialObjectMetadata') };
}

/** The part of an object that the view shows. A server without partial objects sends whole ones, which are not kept. */
export function seenIn<T extends KubernetesObject>(view: View, object: T): T {
  if (view === 'whole') return object;
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, metadata } as T;
}
