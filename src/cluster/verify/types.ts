import type { CustomCATrustSpec, CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';

/** What an object asks for, and what it is told. */
export type VerifySpec = NonNullable<CustomCATrustSpec['verify']>;
export type VerificationStatus = NonNullable<CustomCATrustStatus['verification']>;

/** Labels of our pods: whose they are, by the object's uid, and which verification they belong to. */
export const OBJECT_LABEL = 'aks-ca-trust.dev/verifies';
export const KEY_LABEL = 'aks-ca-trust.dev/verification';
/** Annotation: the uid of the Node object that a pod was made for. A node that is replaced has the same name. */
export const NODE_UID = 'aks-ca-trust.dev/node-uid';

/** What is known of a node: shown to trust, shown not to, or neither. */
export interface NodeResult {
  readonly outcome: 'Trusted' | 'Untrusted' | 'Unclear';
  /** Safe to show. */
  readonly message: string;
}

/** A pod of ours in a target cluster, as far as it is needed to judge a node by it. */
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
  /** True once it was told to end. */
  readonly terminating: boolean;
  readonly phase: string;
  /** Why it failed as a whole; empty where it did not. */
  readonly reason: string;
  readonly message: string;
  /** Our own container; not one that somebody put beside it. */
  readonly container: ContainerView;
  /** What it was made to do, as the API server has it: what lets pods in may have changed it. */
  readonly task: PodTask;
  /** What an event says of the last pull that failed, where the container does not say it. */
  readonly pullFailure?: string;
  /** What an event warned of last, where the pod hangs before its container has anything to say. */
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

/** What a step of a verification came to, for one object. */
export interface VerificationReport {
  /** Next `status.verification`. */
  readonly status: VerificationStatus | undefined;
  /** Why it does not get on. */
  readonly trouble?: { readonly reason: string; readonly message: string };
  /** When to go on, in ms. */
  readonly afterMs?: number;
}

/** By namespace/name of the object; none of those that have nothing to do. */
export type VerificationReports = ReadonlyMap<string, VerificationReport>;
