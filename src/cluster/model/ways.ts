import type { ClusterId } from '../../api/resource-id.ts';
import { byAge, trustsOf, type Intent } from './intent.ts';
import { verifyAccessOf } from './verify-access.ts';
import { type AccessRules, idOf, namespaceOf, type Judge, type Way, type Ways } from './way.ts';

/** The most namespaces whose own ways are used, so that a cluster with many namespaces stays cheap to read. */
export const MOST_NAMESPACES = 8;

/** The most Secrets of one namespace that are tried. */
const MOST_SECRETS = 4;

/**
 * The ways that the objects and the operator configure. Objects that are suspended, held or being deleted do not count. A Secret
 * serves its own namespace only, and counts for the cluster only while no object of another namespace names the cluster.
 */
export function waysOf(cluster: ClusterId, intents: readonly Intent[], rules: AccessRules): Ways {
  const named = rules.operatorSecretFor(cluster);
  const secrets = new Map<string, Way[]>();
  const refused = new Map<string, string>();
  const asked = new Set<'InCluster' | 'Azure'>();
  for (const intent of mayNameWays(intents)) {
    const { kubeconfigSecretRef, azure, inCluster } = intent.object.spec.target.nodeAccess ?? {};
    const namespace = namespaceOf(intent);
    const allowed = intent.grants.nodeAccess;
    if (inCluster && !allowed.includes('inCluster')) refused.set(intent.name, notAllowed('inCluster', namespace));
    else if (inCluster && !rules.isOwnCluster(cluster)) refused.set(intent.name, NOT_OWN_CLUSTER);
    else if (inCluster) asked.add('InCluster');
    else if (azure && !allowed.includes('azure')) refused.set(intent.name, notAllowed('azure', namespace));
    else if (azure) asked.add('Azure');
    else if (kubeconfigSecretRef && allowed.includes('Secret')) {
      const { name, key = 'value' } = kubeconfigSecretRef;
      const earlier = secrets.get(namespace) ?? [];
      const way: Way = { kind: 'Secret', owner: 'Namespace', namespace, name, key };
      if (!earlier.some((one) => idOf(one) === idOf(way))) secrets.set(namespace, [...earlier, way]);
    } else if (kubeconfigSecretRef) refused.set(intent.name, notAllowed('kubeconfigSecretRef', namespace));
  }
  const operator: Way[] = [
    ...(named ? [{ kind: 'Secret', owner: 'Operator', ...named } as const] : []),
    ...(asked.has('InCluster') ? [{ kind: 'InCluster' } as const] : []),
    ...(asked.has('Azure') ? [{ kind: 'Azure' } as const] : []),
  ];
  const namespaces = new Map(
    [...secrets].slice(0, MOST_NAMESPACES).map(([namespace, ways]) => [namespace, ways.slice(0, MOST_SECRETS)]),
  );
  const access = new Map(
    trustsOf(intents)
      .filter(({ object: { spec, status } }) => spec.verify ?? status?.verification?.running)
      .map((intent) => [intent.name, verifyAccessOf(intent, cluster, { operator, namespaces }, rules)]),
  );
  return {
    judge: judgeOf(operator, namespaces, soleNamespace(intents)),
    operator,
    namespaces,
    refused,
    verification: { ...rules.verification, access },
  };
}

/** The ways that count for the whole cluster. None when ARM alone counts. */
export function judgingWays({ judge, operator, namespaces }: Ways): readonly Way[] {
  if (judge === 'Operator') return operator;
  return [...namespaces].find(([namespace]) => judge === ownKey(namespace))?.[1] ?? [];
}

/** The ways that count for their own namespace only. */
export function ownWays({ judge, namespaces }: Ways): readonly (readonly [namespace: string, ways: readonly Way[]])[] {
  return [...namespaces].filter(([namespace]) => judge !== ownKey(namespace));
}

/** Name of a namespace's own way in the record. */
export function ownKey(namespace: string): `Namespace/${string}` {
  return `Namespace/${namespace}`;
}

/** True for an object that asks for one of the operator's ways. */
export function asksOperator({ object }: Pick<Intent, 'object'>): boolean {
  const { azure, inCluster } = object.spec.target.nodeAccess ?? {};
  return azure !== undefined || inCluster !== undefined;
}

/** The only namespace with objects that may name the cluster, in any state. Undefined when there are several, or none. */
export function soleNamespace(intents: readonly Intent[]): string | undefined {
  // An object that may not name the cluster must not see anything of it.
  const [first, ...others] = new Set(intents.filter(({ grants }) => grants.target).map(namespaceOf));
  return others.length === 0 ? first : undefined;
}

function judgeOf(operator: readonly Way[], own: ReadonlyMap<string, unknown>, sole: string | undefined): Judge {
  if (operator.length > 0) return 'Operator';
  return sole !== undefined && own.has(sole) ? ownKey(sole) : 'ARM';
}

/** The objects that may name a way, the oldest first. */
function mayNameWays(intents: readonly Intent[]): Intent[] {
  return intents.filter(({ deletion, frozen, grants }) => !deletion && !frozen && grants.target).sort(byAge);
}

const NOT_OWN_CLUSTER =
  'spec.target.nodeAccess.inCluster is only for the cluster that the controller runs in, and its flag --in-cluster-resource-id does not name this one. Use azure or kubeconfigSecretRef, or ask the operator of the controller to set the flag.';

function notAllowed(way: 'azure' | 'inCluster' | 'kubeconfigSecretRef', namespace: string): string {
  return `The policy of the controller does not allow spec.target.nodeAccess.${way} for this cluster in namespace ${namespace}. Use another way, or ask the operator of the controller.`;
}
