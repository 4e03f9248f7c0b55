import type { Hold } from './decision.ts';
import type { RecordedOperation } from './record.ts';

/** Where a recorded operation stands. `operation` is how the record shall keep it. */
export type Assessment =
  /** Its list is in ARM, ARM says Succeeded, and no node is left. */
  | { readonly kind: 'Done' }
  /** It never arrived. */
  | { readonly kind: 'NeverArrived' }
  /** It goes on, or a person has to release it. */
  | { readonly kind: 'Wait'; readonly operation: RecordedOperation; readonly hold: Hold }
  /** It ended early; the same list may be sent again. Another list may be sent instead. */
  | { readonly kind: 'Resume'; readonly operation: RecordedOperation; readonly hold: Hold | undefined }
  /**
   * ARM is done with it, and old nodes are left or the nodes cannot be seen; another list may be sent. `leftOld`: ARM has
   * said Succeeded for so long that AKS leaves those nodes as they are.
   */
  | {
      readonly kind: 'OldNodesRemain';
      readonly operation: RecordedOperation;
      readonly hold: Hold;
      readonly leftOld?: boolean;
    };
