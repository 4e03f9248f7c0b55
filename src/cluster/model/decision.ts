import type { AppliedReason, ConditionValue } from '../../api/conditions.ts';
import type { ListItem } from '../../azure/replace-list.ts';
import type { Intent } from './intent.ts';
import type { RecordedOperation, RecordStatus } from './record.ts';
import type { OwnCount } from './own-count.ts';
import { omit } from './omit.ts';
import type { TrustView, StayingCertificate } from './trust.ts';

/** The result of planning one reconcile. */
export interface Decision {
  /** Next status of the record. Undefined: the record is deleted, because nothing is left to remember. */
  readonly record: RecordStatus | undefined;
  readonly step: Step;
  /** Deleted objects whose finalizer is removed once the record is written. */
  readonly releases: readonly Release[];
  /** Certificates that objects dropped, and that stay in the cluster. */
  readonly retained?: readonly RetainedCertificate[];
  /** Time until the next reconcile, in ms. Jitter spreads reconciles that would otherwise all come at the same time. */
  readonly again: { readonly afterMs: number; readonly jitter: boolean };
  readonly outlook: Outlook;
}

export type Step =
  /** Nothing is sent. */
  | { readonly kind: 'Observe' }
  /** The write is sent, after the operation was recorded. A first attempt takes its baseline right before. */
  | {
      readonly kind: 'Send';
      readonly operation: RecordedOperation;
      readonly write: ArmWrite;
      readonly takeBaseline: boolean;
    };

/** A request to ARM that changes the cluster. */
export type ArmWrite =
  /** A PUT of the model with another list. Everything else in its text stays as it is. */
  | { readonly kind: 'PutList'; readonly items: readonly ListItem[] }
  /** A rotation of the cluster's own certificates, while the cluster CA is the one with this SHA-256. */
  | { readonly kind: 'Rotate'; readonly oldCA: string };

export interface Release {
  readonly intent: Intent;
  /** Its certificates that are in the list at the release. Undefined when the list was never read. */
  readonly stays: readonly StayingCertificate[] | undefined;
  readonly why: 'Retained' | 'SuspendedRetained' | 'NotAllowedRetained' | 'Removed' | 'ClusterGone';
}

/** Certificates that an object dropped and that stay in the cluster. */
export interface RetainedCertificate {
  readonly intent: Intent;
  readonly certificates: readonly StayingCertificate[];
}

/** Why a change is held, and what releases it. */
export interface Hold {
  readonly reason: AppliedReason;
  readonly message: string;
  readonly stalled: boolean;
  /** Time until the next reconcile, in ms. */
  readonly afterMs: number;
  /** While a change settles: the longest settle time among its objects, in ms. */
  readonly settleMs?: number;
  /** When the wait ends, in ms, where that is known. */
  readonly untilMs?: number;
}

/** Input of the statuses. */
export interface Outlook {
  /** True: the reconcile learnt nothing certain, so every status stays as it is. */
  readonly silent?: boolean;
  /** The first hold of the cluster: of a change that is due, else of the whole cluster. */
  readonly hold?: Hold;
  /** The hold of the whole cluster: by its operation, its state, or our access to it. */
  readonly clusterHold?: Hold;
  /** Holds of the changes that are due, by kind of operation. */
  readonly changeHolds?: ReadonlyMap<string, Hold>;
  /** Holds of single objects, by namespace/name: their share of the list stays as it is, and the other objects go on. */
  readonly shares?: ReadonlyMap<string, Hold>;
  /** True when ARM reports Succeeded. */
  readonly settled: boolean;
  readonly view?: TrustView;
  readonly nodesReimaged: ConditionValue;
  /** By namespace: the node count of its own way, which its objects show instead of the cluster's. */
  readonly own?: ReadonlyMap<string, OwnCount>;
  readonly fullyCovered: ConditionValue;
  /** Objects whose change was completed in this reconcile. */
  readonly seenThrough: ReadonlySet<string>;
}

/** The outlook with a hold of one kind's change, and without what that kind had. */
export function withChangeHold(outlook: Outlook, kind: string, hold: Hold): Outlook {
  return { ...outlook, hold, changeHolds: new Map([...(outlook.changeHolds ?? []), [kind, hold]]) };
}

/** The outlook as the objects of one kind see it: another kind's held change holds nothing of theirs. */
export function outlookOf(outlook: Outlook, kind: string): Outlook {
  if (!outlook.changeHolds || outlook.changeHolds.has(kind)) {
    const hold = outlook.changeHolds?.get(kind);
    return hold ? { ...outlook, hold } : outlook;
  }
  const { clusterHold } = outlook;
  return { ...omit(outlook, ['hold']), ...(clusterHold ? { hold: clusterHold } : {}) };
}
