import type { CustomCATrustSpec } from '../api/generated/customcatrusts.ts';

export type Entry = NonNullable<CustomCATrustSpec['certificates']>[number];

/** One kind of `spec.certificates[]`: the origin of the text of an entry. */
export interface Source {
  /** The member of an entry that this source reads, such as `pem`. An entry has exactly one. */
  readonly field: string;
  /**
   * The objects from which an entry is read. A change of one of them wakes the cluster. Empty when the entry itself has the text.
   */
  refsOf(entry: Entry, namespace: string): readonly SourceRef[];
  /** The text as a cache has it now. It is read again right before a write, so it must not wait, and it must not throw. */
  read(entry: Entry, namespace: string): SourceText;
}

/** A thing outside of the object, in the object's own namespace. */
export interface SourceRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export type SourceText =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: SourceProblem };

/** Why a source cannot be read. `message` has whole sentences for the object's status: the cause and the fix, never a secret. */
export interface SourceProblem {
  readonly kind: 'SourceNotFound' | 'SourceUnreadable';
  readonly message: string;
}
