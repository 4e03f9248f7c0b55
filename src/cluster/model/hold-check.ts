import type { ClusterModel } from '../../azure/cluster-model.ts';
import type { Hold } from './decision.ts';
import type { Intent } from './intent.ts';
import type { Observation } from './observation.ts';
import type { RecordedOperation, RecordStatus } from './record.ts';
import type { Timing } from './timing.ts';

/** One reason to wait. */
export interface HoldCheck {
  readonly name: string;
  /** Why the change waits now; undefined where this check lets it go. */
  readonly check: (input: HoldInput) => Hold | undefined;
}

/** The input of every check: everything that was read, the memory, and the change that is due. */
export interface HoldInput {
  readonly observation: Observation;
  /** The cluster of the observation. */
  readonly model: ClusterModel;
  /** The next record, with the results of earlier writes and the pending change. */
  readonly record: RecordStatus;
  readonly proposal: Proposal;
  /** The kind of the change; absent: the first one. */
  readonly kind?: RecordedOperation['kind'];
  readonly now: number;
  readonly timing: Timing;
}

/** A change that is due, as far as it concerns any kind of change. */
export interface Proposal {
  /** The objects that the change is for. Empty when an operation is sent again: it was let go before. */
  readonly intents: readonly Intent[];
  /** The largest settle time among the objects that changed, in ms. */
  readonly settleMs: number;
  /** True when the change reverts another client's change. */
  readonly correction: boolean;
  /** Set for a rotation that only a policy asks for: no person waits for it. */
  readonly automatic?: true;
}
