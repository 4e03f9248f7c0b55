import type { ClusterModel } from '../../../../azure/cluster-model.ts';
import type { ArmBeforeRotation, NodesObservation, NotedBefore } from '../../../model/observation.ts';
import type { RecordStatus } from '../../../model/record.ts';
import type { Way } from '../../../model/way.ts';
import type { MaintenanceReadings } from '../../../operation/window.ts';

/** The most time that a rotation is expected to take, in ms: AKS names 30 minutes, and half of that is a margin. */
export const ESTIMATE = 45 * 60_000;

/** The most names that a message has. */
export const NAMED = 3;

/** Findings that a person may accept by their names in `spec.accept`. */
export const ACCEPTABLE = [
  'UnevictablePods',
  'AutoProvisionedNodes',
  'VirtualNodes',
  'NotReadyNodes',
  'UnreadableNodes',
] as const;

export type Acceptable = (typeof ACCEPTABLE)[number];

/** What the checks before a rotation are made from; everything was read in this reconcile. */
export interface PreflightInput {
  readonly model: ClusterModel;
  /** As the judging ways show them. */
  readonly nodes: NodesObservation;
  /** True where messages may name what is in the cluster, and quote it. Otherwise they only count. */
  readonly mayName: boolean;
  readonly arm: ArmBeforeRotation | undefined;
  /** ARM's clock less ours, in ms; undefined where ARM showed none. */
  readonly armAheadMs: number | undefined;
  /** The maintenance configurations of the cluster in which AKS upgrades it. */
  readonly maintenance: MaintenanceReadings | undefined;
  /** The maintenance configurations that windows of the objects name: a person chose to rotate in them. */
  readonly chosenWindows: ReadonlySet<string>;
  /** True where certificates of the cluster have expired, so that ARM takes nothing but a rotation. */
  readonly isExpired: boolean;
  /** How many parts of objects stop working with the rotation; undefined where no object has searched for them. */
  readonly dependents: number | undefined;
  /** What the API server answers to the credentials of the cluster's kubeconfig; undefined where that is not noted. */
  readonly noted: NotedBefore | undefined;
  readonly record: Pick<RecordStatus, 'operation'>;
  /** The operator's ways to the cluster, which show whether the controller runs in it. */
  readonly ways: readonly Way[];
  /** Accepted by the objects that ask for the rotation. */
  readonly accepted: ReadonlySet<Acceptable>;
  /** ms. */
  readonly now: number;
}

/**
 * `Failed` holds the rotation, `Warned` and `Unknown` do not. `Unknown` is for what there is no access or no right to read. What could be
 * read and was not is `Failed`: the one read that fails must not release what the reads before it held. The message is one or more whole
 * sentences.
 */
export interface PreflightFinding {
  readonly result: 'Passed' | 'Failed' | 'Warned' | 'Unknown';
  readonly message: string;
  /** A word of `spec.accept` with which this failure only warns, besides that of the check. */
  readonly acceptedAs?: Acceptable;
}

/** One thing that is checked before a rotation. */
export interface PreflightCheck {
  readonly name: string;
  /** The word of `spec.accept` with which a failure only warns. */
  readonly acceptedAs?: Acceptable;
  readonly check: (input: PreflightInput) => PreflightFinding;
}

export function passed(message: string): PreflightFinding {
  return { result: 'Passed', message };
}

export function failed(message: string): PreflightFinding {
  return { result: 'Failed', message };
}

export function warned(message: string): PreflightFinding {
  return { result: 'Warned', message };
}

/** The finding of a check for which the nodes could not be read this time. */
export function unreadNodes(message: string): PreflightFinding {
  return { result: 'Failed', message, acceptedAs: 'UnreadableNodes' };
}

export function unknown(message: string): PreflightFinding {
  return { result: 'Unknown', message };
}
