import type { Hold } from '../model/decision.ts';
import type { Change, KindProposal, OperationKind } from '../operation/kind.ts';

/** What one kind of operation wants, and why it has to wait. */
export interface Offer {
  readonly kind: OperationKind;
  readonly proposal: KindProposal;
  /** Why its change is not sent now. */
  readonly hold?: Hold;
}

/**
 * The offer whose change is sent next, among those that nothing holds. The kind of the last operation, `last`, comes after the
 * others, so that no kind starves. Else a kind that goes first does, and then the order of the list counts.
 */
export function choose(
  offers: readonly Offer[],
  last: string | undefined,
): { readonly kind: OperationKind; readonly change: Change } | undefined {
  const due = offers.flatMap(({ kind, proposal: { change }, hold }) => (change && !hold ? [{ kind, change }] : []));
  const inOrder = [...due.filter(({ kind }) => kind.goesFirst), ...due.filter(({ kind }) => !kind.goesFirst)];
  return inOrder.find(({ kind }) => kind.name !== last) ?? inOrder[0];
}
