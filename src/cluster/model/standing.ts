import type { Hold } from './decision.ts';
import type { RecordedOperation } from './record.ts';

/** The state of a recorded operation. `operation` is the form in which the record keeps it. */
export type Assessment =
  /** ARM shows its list and reports Succeeded, and no old node remains. */
  | { readonly kind: 'Done' }
  /** It never arrived. */
  | { readonly kind: 'NeverArrived' }
  /** It is still running, or a person has to release it. */
  | { readonly kind: 'Wait'; readonly operation: RecordedOperation; readonly hold: Hold }
  /** It ended early; the same list may be sent again. Another list may be sent instead. */
  | { readonly kind: 'Resume'; readonly operation: RecordedOperation; readonly hold: Hold | undefined }
  /**
   * ARM is done with it, and old nodes remain or the nodes cannot be read; another list may be sent. `leftOld`: ARM has
   * reported Succeeded for so long that AKS will not replace those nodes.
   */
  | {
      readonly kind: 'OldNodesRemain';
      readonly operation: RecordedOperation;
      readonly hold: Hold;
      readonly leftOld?: boolean;
    };
