import type { ClusterId } from '../../api/resource-id.ts';
import type { Intent } from './intent.ts';

/** One way to the API server of a cluster, to read or verify its nodes. */
export type Way =
  /** The operator's Azure identity, with the API server that ARM names. */
  | { readonly kind: 'Azure' }
  /** The controller's own connection. */
  | { readonly kind: 'InCluster' }
  | ({
      readonly kind: 'Secret';
      /** The responsible party: the operator, by the policy file, or every person who may write Secrets in that namespace. */
      readonly owner: 'Operator' | 'Namespace';
    } & SecretKey);
export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** The operator's configuration of access to target clusters. The rights of each object are in its grants. */
export interface AccessRules {
  /** The Secret, in the controller's own namespace, that the policy file names for this cluster. */
  operatorSecretFor(cluster: ClusterId): SecretKey | undefined;
  /** True for the cluster that the controller runs in. */
  isOwnCluster(cluster: ClusterId): boolean;
  readonly verification: VerificationRules;
}
export interface VerificationRules {
  /** Namespace of the pods in the target clusters. */
  readonly namespace: string;
  /** Image of the pods that read a node's trust store. Absent: that kind of verification is not configured. */
  readonly trustStoreImage?: string;
}

/** Created by deploy/target-cluster/verify-role.yaml. */
export const DEFAULT_VERIFY_NAMESPACE = 'aks-ca-trust-verify';

/** The rules without a policy file and without flags. */
export const DEFAULT_RULES: AccessRules = {
  operatorSecretFor: () => undefined,
  isOwnCluster: () => false,
  verification: { namespace: DEFAULT_VERIFY_NAMESPACE },
};

/** The source of node progress for the whole cluster: the operator's ways, the only namespace's own way, or ARM alone. */
export type Judge = 'Operator' | 'ARM' | `Namespace/${string}`;

/** The ways to read the nodes of one cluster, by owner. */
export interface Ways {
  readonly judge: Judge;
  /** In the order in which they are tried. */
  readonly operator: readonly Way[];
  /** The kubeconfig Secrets of each namespace, those of its oldest objects first. */
  readonly namespaces: ReadonlyMap<string, readonly Way[]>;
  /** Refusals of spec.target.nodeAccess, by namespace/name of the object: message for its user. */
  readonly refused: ReadonlyMap<string, string>;
  readonly verification: VerificationRules & {
    /** By namespace/name of objects that ask for verification, or still have a running one. */
    readonly access: ReadonlyMap<string, VerifyAccess>;
  };
}

/** Equal ways have equal ids. */
export function idOf(way: Way): string {
  return way.kind === 'Secret' ? `${way.kind}/${way.namespace}/${way.name}/${way.key}` : way.kind;
}
export function namespaceOf({ object }: Pick<Intent, 'object'>): string {
  return object.metadata.namespace ?? '';
}

/** The ways that verification may use for one object. */
export interface VerifyAccess {
  /** The first way that opens is used. Empty: verification is refused, see `refusal`. */
  readonly ways: readonly Way[];
  /** Owner of the ways. The operator's ways have more rights than the object, so the policy file has to allow them. */
  readonly owner: 'Namespace' | 'Operator';
  /** True when the pods may use the pull Secrets that the object names. */
  readonly pullSecrets: boolean;
  /** Why verification is refused: message for the user. */
  readonly refusal?: string;
}
