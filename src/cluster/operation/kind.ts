import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import type { SourceItem } from '../../certificates/certificate.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { ClusterObject } from '../../api/cluster-object.ts';
import type { Grants } from '../../policy/policy.ts';
import type { EntryText } from '../../sources/resolve.ts';
import type { Assessment } from '../model/assessment.ts';
import type { ArmWrite, Decision, Hold, Release, RetainedCertificate } from '../model/decision.ts';
import type { FollowUpReports } from '../model/follow-up.ts';
import type { HoldCheck, Proposal } from '../model/hold-check.ts';
import type { Intent } from '../model/intent.ts';
import type { ArmObservation, Observation } from '../model/observation.ts';
import type { RecordedOperation, RecordStatus } from '../model/record.ts';
import type { Timing } from '../model/timing.ts';
import type { AssessmentInput } from './assess.ts';
import type { TrustEvent } from '../model/trust-event.ts';
import type { TrustView } from '../model/trust.ts';

/** A kind of operation on a cluster. Each is a folder of `kinds/` and a line of its list. All of it is pure. */
export interface OperationKind {
  /** `kind` of a recorded operation. */
  readonly name: RecordedOperation['kind'];
  /** The objects that ask for operations of this kind. */
  readonly objects: ObjectKind;
  /** True when ARM shows the cluster as the operation wants it. */
  readonly isShown: (operation: RecordedOperation, seen: ReadCluster, observation: Observation) => boolean;
  /** Assesses a recorded operation of this kind. Default: as a write of the model, which ARM shows back. */
  readonly assess?: (input: AssessmentInput) => Assessment;
  /** Whether the operation replaces the nodes of a pool. Default: of the pools whose nodes get custom CAs. */
  readonly replaces?: (pool: PoolModel) => boolean;
  /**
   * True where nodes are not counted for each namespace's own way: such an operation leaves the list as it is, so that an old node has
   * the certificates all the same. The counts of the last change of the list go on.
   */
  readonly keepsList?: true;
  /** True where a change of this kind goes before those of other kinds. */
  readonly goesFirst?: true;
  /** Computes what the objects want now. */
  readonly propose: (view: ClusterView) => KindProposal;
  /** Sends the same again, over the cluster as it is read. */
  readonly resend: (operation: RecordedOperation, seen: ReadCluster) => ArmWrite;
  /** Checks that can hold back a change of this kind, after those of every kind. */
  readonly holds: readonly HoldCheck[];
  /** The objects whose change the operation was. */
  readonly concerned: (operation: RecordedOperation, intents: readonly Intent[]) => readonly Intent[];
}

export type ReadCluster = Extract<ArmObservation, { ok: true }>;

/** A cluster that was read, its record, and what both say of the recorded operation. */
export interface ClusterView {
  readonly observation: Observation;
  readonly seen: ReadCluster;
  readonly model: ClusterModel;
  /** The present record, without objects that are gone. */
  readonly before: RecordStatus;
  /** The stored record; undefined where it is of a cluster that was deleted and created again. */
  readonly stored: RecordStatus | undefined;
  readonly assessment: Assessment | undefined;
  readonly now: number;
  readonly timing: Timing;
}

/** What the objects of one kind want of a cluster now. */
export interface KindProposal {
  /** The change that is due; undefined where the cluster is as the objects want it, or the recorded operation is that change. */
  readonly change?: Change;
  /** Holds of single objects, by name. The change is made without them. */
  readonly shares: ReadonlyMap<string, Hold>;
  /** The next record with the members that this kind keeps; `next` has those of every kind. */
  readonly remember: (next: RecordStatus, seen: Remembering) => RecordStatus;
  /** The record with what the change, or the share of an object, waits for. */
  readonly noteHold: (next: RecordStatus, hold: Hold | undefined) => RecordStatus;
  /** Deleted objects that need their finalizer no more. */
  readonly releases: (seen: Releasing) => readonly Release[];
  readonly retained?: readonly RetainedCertificate[];
  /** The list, for the statuses of CustomCATrust objects and the record's conditions. */
  readonly view?: TrustView;
}

/** A change that may be sent. */
export interface Change {
  /** The members that an operation of this kind has besides those of every kind. */
  readonly members: Pick<RecordedOperation, 'kind' | 'updateTrust' | 'rotateCertificates'>;
  readonly write: ArmWrite;
  readonly proposal: Proposal;
}

export interface Remembering {
  /** True when the read shows that the recorded attempt reached ARM. */
  readonly arrived: boolean;
  /** True while the recorded operation lets no other change go. */
  readonly waits: boolean;
}

export interface Releasing {
  /** The recorded operation that deletions wait for. */
  readonly operation: RecordedOperation | undefined;
  /** True when that operation waits only for nodes that AKS does not replace. */
  readonly leftOld: boolean;
  /** True when ARM reports Succeeded. */
  readonly succeeded: boolean;
}

/** A kind of object that names a cluster. */
export interface ObjectKind {
  readonly kind: string;
  readonly read: (object: ClusterObject, by: ObjectReading) => Intent;
  /** The intent of an object as the record lets it count. */
  readonly admit?: (intent: Intent, record: RecordStatus | undefined) => Intent;
  /** The whole status of an object. */
  readonly status: (input: ReportInput) => object;
  /** The status of an object that the policy does not allow. It shows nothing of the cluster. */
  readonly notAllowedStatus: (intent: Intent, now: number) => object;
  /** Events for a status that follows another one. */
  readonly events: (before: object | undefined, after: object) => readonly TrustEvent[];
  readonly releaseEvent: (release: Release) => TrustEvent;
  /** Events for a change that ARM accepted; `record` is the record as written for it. */
  readonly sentEvents?: (
    intents: readonly Intent[],
    decision: Decision,
    record: RecordStatus,
  ) => readonly (readonly [Intent, TrustEvent])[];
  /** The next time, in ms, at which a status or the record changes by itself; undefined where there is none. */
  readonly nextTime?: (intents: readonly Intent[], record: RecordStatus, now: number) => number | undefined;
}

/** What an object is read with. */
export interface ObjectReading {
  readonly grants: Grants;
  /** The length of a day in the durations of objects, in ms. Default: 24 hours. */
  readonly dayMs?: number;
  /** The texts of its certificate entries. */
  readonly texts: (object: CustomCATrust) => readonly EntryText[];
  readonly readSource: (text: string) => { items: readonly SourceItem[] };
}

export interface ReportInput {
  readonly intent: Intent;
  readonly observation: Observation;
  readonly decision: Decision;
  /** The record as written in this reconcile. */
  readonly record: RecordStatus;
  /** Results of the follow-ups of this reconcile, by name of the object. */
  readonly followUps?: FollowUpReports;
  readonly now: number;
  /** `--stalled-after` in ms. */
  readonly stalledAfter?: number;
}
