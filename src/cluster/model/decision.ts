import type { AppliedReason, ConditionValue } from '../../api/conditions.ts';
import type { ListItem } from '../../azure/replace-list.ts';
import type { Intent } from './intent.ts';
import type { RecordedOperation, RecordStatus } from './record.ts';
import type { OwnCount } from './own-count.ts';
import type { TrustView, StayingCertificate } from './trust.ts';

/** What one pass does. */
export interface Decision {
  /** Next status of the record; undefined takes the record away, because nothing is left to remember. */
  readonly record: RecordStatus | undefined;
  readonly step: Step;
  /** Deleted objects whose finaliser goes, once the record is written. */
  readonly releases: readonly Release[];
  /** Certificates that objects dropped, and that stay in the cluster. */
  readonly retained?: readonly RetainedCertificate[];
  /** When to look again, in ms. Jitter is added where many clusters would look at once. */
  readonly again: { readonly afterMs: number; readonly jitter: boolean };
  readonly outlook: Outlook;
}

export type Step =
  /** Nothing is sent. */
  | { readonly kind: 'Observe' }
  /** The list is sent, after the operation was recorded. A first attempt takes its baseline right before. */
  | {
      readonly kind: 'Send';
      readonly operation: RecordedOperation;
      readonly items: readonly ListItem[];
      readonly takeBaseline: boolean;
    };

export interface Release {
  readonly intent: Intent;
  /** Its certificates that are in the list as it goes; undefined where the list was never read. */
  readonly stays: readonly StayingCertificate[] | undefined;
  readonly why: 'Retained' | 'SuspendedRetained' | 'NotAllowedRetained' | 'Removed' | 'ClusterGone';
}

/** Certificates that an object dropped and that stay in the cluster. */
export interface RetainedCertificate {
  readonly intent: Intent;
  readonly certificates: readonly StayingCertificate[];
}

/** Why something does not go on, what would release it, and until when it is certain to stay so. */
export interface Hold {
  readonly reason: AppliedReason;
  readonly message: string;
  readonly stalled: boolean;
  /** How long to wait before looking again, in ms. */
  readonly afterMs: number;
  /** Of a change that settles: the longest time that one of its objects asks for, in ms. */
  readonly settleMs?: number;
}

/** What the statuses are made from. */
export interface Outlook {
  /** True: nothing certain was learnt, every status stays as it is. */
  readonly silent?: boolean;
  /** What holds the cluster back: its operation, its state, or our access to it. */
  readonly hold?: Hold;
  /** Objects whose own share of the list stays as it is, by namespace/name, and why; the others go on. */
  readonly shares?: ReadonlyMap<string, Hold>;
  /** False while ARM does not say Succeeded. */
  readonly settled: boolean;
  readonly view?: TrustView;
  readonly nodesReimaged: ConditionValue;
  /** What the objects of a namespace are shown of the nodes instead, by namespace: what its own way shows. */
  readonly own?: ReadonlyMap<string, OwnCount>;
  readonly fullyCovered: ConditionValue;
  /** Objects whose change was seen through in this pass. */
  readonly seenThrough: ReadonlySet<string>;
}
