import type { ClusterId } from '../../api/resource-id.ts';
import type { Intent } from './intent.ts';

/** One way to the API server of a cluster, to see its nodes or to ask them. */
export type Way =
  /** The operator's Azure identity, at the API server that ARM names. */
  | { readonly kind: 'Azure' }
  /** The controller's own connection. */
  | { readonly kind: 'InCluster' }
  | ({
      readonly kind: 'Secret';
      /** Who is responsible for it: the operator, by the policy file, or everyone who may write Secrets in that namespace. */
      readonly owner: 'Operator' | 'Namespace';
    } & SecretKey);
export interface SecretKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** What the operator has configured about access to target clusters; what each object may do is in its grants. */
export interface AccessRules {
  /** The Secret, in the controller's own namespace, that the policy file names for this cluster. */
  operatorSecretFor(cluster: ClusterId): SecretKey | undefined;
  /** Whether this is the cluster that the controller runs in. */
  isOwnCluster(cluster: ClusterId): boolean;
  readonly verification: VerificationRules;
}
export interface VerificationRules {
  /** Where the pods run, in the target clusters. */
  readonly namespace: string;
  /** Image of the pods that read a node's trust store; undefined: that kind of verification is not configured. */
  readonly trustStoreImage?: string;
}

/** deploy/target-cluster/verify-role.yaml makes it. */
export const DEFAULT_VERIFY_NAMESPACE = 'aks-ca-trust-verify';

/** What holds without a policy file and without flags. */
export const DEFAULT_RULES: AccessRules = {
  operatorSecretFor: () => undefined,
  isOwnCluster: () => false,
  verification: { namespace: DEFAULT_VERIFY_NAMESPACE },
};

/** Who judges the nodes for the whole cluster: the operator's ways, the only namespace's own way, or ARM alone. */
export type Judge = 'Operator' | 'ARM' | `Namespace/${string}`;

/** The ways to see the nodes of one cluster, and whose they are. */
export interface Ways {
  readonly judge: Judge;
  /** In the order in which they are tried. */
  readonly operator: readonly Way[];
  /** The kubeconfig Secrets of each namespace that has some, those of its oldest objects first. */
  readonly namespaces: ReadonlyMap<string, readonly Way[]>;
  /** Objects whose spec.target.nodeAccess is not allowed, by namespace/name, and why. */
  readonly refused: ReadonlyMap<string, string>;
  readonly verification: VerificationRules & {
    /** By namespace/name of the objects that ask for verification, or did. */
    readonly access: ReadonlyMap<string, VerifyAccess>;
  };
}

/** The same for the same way. */
export function idOf(way: Way): string {
  return way.kind === 'Secret' ? `${way.kind}/${way.namespace}/${way.name}/${way.key}` : way.kind;
}
export function namespaceOf({ object }: Pick<Intent, 'object'>): string {
  return object.metadata.namespace ?? '';
}

/** Over which ways the nodes are asked for one object. */
export interface VerifyAccess {
  /** The first that opens; none: it may not be done, see `refusal`. */
  readonly ways: readonly Way[];
  /** Whose they are. The operator's reach further than the object itself, so the policy file has to allow them. */
  readonly owner: 'Namespace' | 'Operator';
  /** Whether the pods may use the pull Secrets that the object names. */
  readonly pullSecrets: boolean;
  /** Why it may not be done. */
  readonly refusal?: string;
}
