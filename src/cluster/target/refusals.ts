import { get } from '../../kubernetes/verbs.ts';
import { KubernetesError, type Connection } from '../../kubernetes/connection.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Budget {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly selector?: Selector | null };
  readonly status?: { readonly disruptionsAllowed?: number };
}

/** Pods that are asked about in one look; the messages name no more. */
const PODS = 5;

/**
 * The PodDisruptionBudgets that allow no eviction of each pod now, by namespace/name: none of a pod that is gone. A pod is left out
 * where pods or budgets may not be read: AKS' own message names the pod all the same.
 *
 * @param pods the first few are asked about
 */
export async function findRefusals(
  connection: Connection,
  pods: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, readonly string[]>> {
  const refusals = new Map<string, readonly string[]>();
  const budgets = new Map<string, readonly Budget[]>();
  for (const pod of [...new Set(pods)].slice(0, PODS)) {
    const [namespace, name] = pod.split('/');
    if (!namespace || !name) continue;
    try {
      const found = await get<KubernetesObject>(connection, `/api/v1/namespaces/${namespace}/pods/${name}`, signal);
      if (!found) {
        refusals.set(pod, []);
        continue;
      }
      const known = budgets.get(namespace) ?? (await listBudgets(connection, namespace, signal));
      budgets.set(namespace, known);
      const blocking = known.filter(
        ({ spec, status }) =>
          (status?.disruptionsAllowed ?? 0) === 0 && selects(spec?.selector, found.metadata.labels ?? {}),
      );
      refusals.set(pod, blocking.map(({ metadata }) => `${namespace}/${metadata.name}`).sort());
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      signal.throwIfAborted();
    }
  }
  return refusals;
}

async function listBudgets(connection: Connection, namespace: string, signal: AbortSignal): Promise<readonly Budget[]> {
  const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  return ((await connection.request({ path, signal })) as { items?: readonly Budget[] }).items ?? [];
}

/** As the API server matches labels; an empty selector matches every pod, none matches no pod (policy/v1). */
export function selects(selector: Selector | null | undefined, labels: Readonly<Record<string, string>>): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
