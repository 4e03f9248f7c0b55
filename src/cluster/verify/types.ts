import type { VerificationReport } from '../model/follow-up.ts';
import type { CustomCATrustSpec, CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';

/** The request of an object, and its result. */
export type VerifySpec = NonNullable<CustomCATrustSpec['verify']>;
export type VerificationStatus = NonNullable<CustomCATrustStatus['verification']>;

/** Labels of verification pods: the uid of their object, and the key of their verification. */
export const OBJECT_LABEL = 'aks-ca-trust.dev/verifies';
export const KEY_LABEL = 'aks-ca-trust.dev/verification';
/** Annotation: the uid of the Node object that a pod was made for. A node that is replaced has the same name. */
export const NODE_UID = 'aks-ca-trust.dev/node-uid';

/** The result for a node: shown to trust, shown not to trust, or neither. */
export interface NodeResult {
  readonly outcome: 'Trusted' | 'Untrusted' | 'Unclear';
  /** Safe to show. */
  readonly message: string;
}

/** The parts of a verification pod in a target cluster that are needed to judge its node. */
export interface PodView {
  readonly name: string;
  readonly uid: string;
  /** uid of the object that it was made for. */
  readonly object: string;
  /** The verification that it belongs to. */
  readonly key: string;
  readonly node: string;
  readonly nodeUid: string;
  /** ms; of the target's own API server. */
  readonly createdAt: number;
  /** True once it has a deletionTimestamp. */
  readonly terminating: boolean;
  readonly phase: string;
  /** Why it failed as a whole; empty where it did not. */
  readonly reason: string;
  readonly message: string;
  /** The controller's own container, not one that a webhook added. */
  readonly container: ContainerView;
  /** The task as the API server stores it: admission webhooks may have changed it. */
  readonly task: PodTask;
  /** Message of the event for the last failed pull, where the container itself does not report the cause. */
  readonly pullFailure?: string;
  /** Message of the last warning event, where the pod hangs before its container reports anything. */
  readonly warning?: string;
}

export interface PodTask {
  readonly image: string;
  readonly pullPolicy: string;
  readonly command: readonly string[];
  /** Folder of the node that it mounts; empty where it mounts none. */
  readonly folder: string;
}

export type ContainerView =
  | { readonly kind: 'None' }
  | { readonly kind: 'Running' }
  | { readonly kind: 'Waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'Ended'; readonly exitCode: number; readonly reason: string; readonly message: string };

/** By namespace/name of the object; objects without a step are missing. */
export type VerificationReports = ReadonlyMap<string, VerificationReport>;
