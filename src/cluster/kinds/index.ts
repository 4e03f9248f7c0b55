import type { ClusterObject } from '../../api/cluster-object.ts';
import type { OperationKind } from '../operation/kind.ts';
import { rotateCertificates } from './rotate-certificates/index.ts';
import { updateTrust } from './update-trust/index.ts';

/** The kinds of operations. Of two changes that are due, the kind that did not do the last operation goes first, then this order counts. */
export const KINDS: readonly OperationKind[] = [updateTrust, rotateCertificates];

/** The kind of operation that an object asks for; undefined where there is none for such objects. */
export function kindOf(
  { kind }: Pick<ClusterObject, 'kind'>,
  kinds: readonly OperationKind[] = KINDS,
): OperationKind | undefined {
  return kinds.find(({ objects }) => objects.kind === kind);
}
