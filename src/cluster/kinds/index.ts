import type { Intent } from '../model/intent.ts';
import type { ObjectKind, OperationKind } from '../operation/kind.ts';
import { updateTrust } from './update-trust/index.ts';

/** The kinds of operations. Of two changes that are due, the kind that did not do the last operation goes first, then this order counts. */
export const KINDS: readonly OperationKind[] = [updateTrust];

/** The kind of an intent's object; undefined where no kind of operation has such objects. */
export function objectKindOf({ object }: Intent, kinds: readonly OperationKind[] = KINDS): ObjectKind | undefined {
  return kinds.find(({ objects }) => objects.kind === object.kind)?.objects;
}
