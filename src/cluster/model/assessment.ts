import type { Hold } from './decision.ts';
import type { RecordedOperation } from './record.ts';

/** The assessment of a recorded operation by what ARM and the nodes show. */
export type Assessment =
  /** ARM shows its list and reports Succeeded, and no old node remains. */
  | { readonly kind: 'Done' }
  /** It never arrived. */
  | { readonly kind: 'NeverArrived' }
  | OpenOperation;

/** An operation that stays recorded, in the phase that it has now. */
export interface OpenOperation {
  readonly kind: 'Open';
  readonly operation: RecordedOperation;
  /**
   * What may be sent meanwhile. `Nothing`: it is still running, or a person has to release it. `OtherChange`: ARM is done with it,
   * and old nodes remain or the nodes cannot be read. `Retry`: it ended early; the same change or another one.
   */
  readonly allows: 'Nothing' | 'OtherChange' | 'Retry';
  /** Why it is not done, and when it is read again; absent where it may be retried at once. */
  readonly hold?: Hold;
  /** True when a change of another kind may be sent in its place: ARM is done with it, and waiting has no effect. */
  readonly yields?: boolean;
  /** True when ARM has reported Succeeded for so long that AKS will not replace the old nodes. */
  readonly leftOld?: boolean;
}
