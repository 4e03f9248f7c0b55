import { apiPath } from '../../api/paths.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import type { UpgraderEvent } from '../model/observation.ts';
import { selects } from './selector.ts';
import { isDnsLabel, isDnsName, listAt, member, textAt } from '../../kubernetes/untrusted/untyped.ts';

/** A pod that AKS could not evict, as its event names it. */
export type RefusedPod = Pick<UpgraderEvent, 'node' | 'about'>;

/** The PodDisruptionBudgets that refuse evictions now. */
export interface Refusals {
  /**
   * The PodDisruptionBudgets that allow no eviction of each pod now, by namespace/name of the pod. A pod that is gone has none; it
   * is listed by its name alone where AKS' event had no namespace.
   */
  readonly budgets: ReadonlyMap<string, readonly string[]>;
  /** namespace/name of a pod that AKS named without its namespace. */
  readonly nameOf: (pod: RefusedPod) => string;
  /** True where pods or PodDisruptionBudgets may not be read: a missing pod is unknown, not unblocked. */
  readonly forbidden: boolean;
}

/** Pods that one reading checks; the messages name no more. */
const PODS = 5;

/** Most pods with the same name on one node, in different namespaces, that are checked. */
const NAMESAKES = 10;

/** Most budgets that are read in one namespace. */
const BUDGETS = 500;

const METADATA = ';g=meta.k8s.io;v=v1';

interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: unknown;
}

/**
 * Finds the budgets that refuse the evictions. A pod is left out where pods or budgets cannot be read: AKS' own message still names
 * the pod.
 *
 * @param pods the first few are checked
 * @throws the signal's reason, and nothing else
 */
export async function findEvictionBlockers(
  connection: Connection,
  pods: readonly RefusedPod[],
  signal: AbortSignal,
): Promise<Refusals> {
  const budgets = new Map<string, readonly string[]>();
  const names = new Map<string, string>();
  const listed = new Map<string, readonly unknown[]>();
  let forbidden = false;

  async function blockersOf(pod: Pod): Promise<readonly string[]> {
    const { namespace, labels } = pod;
    const all = listed.get(namespace) ?? (await listBudgets(connection, namespace, signal));
    listed.set(namespace, all);
    return all.flatMap((budget) => blockerIn(budget, pod, labels)).sort();
  }

  async function check(refused: RefusedPod): Promise<void> {
    const { about } = refused;
    const found = about.includes('/')
      ? await podOf(connection, about, signal)
      : await podsNamed(connection, refused, signal);
    const blocked: { name: string; by: readonly string[] }[] = [];
    for (const pod of found) blocked.push({ name: `${pod.namespace}/${pod.name}`, by: await blockersOf(pod) });
    const first = blocked.find(({ by }) => by.length > 0) ?? blocked[0];
    if (first === undefined) {
      budgets.set(about, []);
      return;
    }
    names.set(keyOf(refused), first.name);
    budgets.set(first.name, first.by);
  }

  const unique = new Map(pods.filter(({ about }) => about !== '').map((pod) => [keyOf(pod), pod]));
  for (const pod of [...unique.values()].slice(0, PODS)) {
    try {
      await check(pod);
    } catch (error) {
      signal.throwIfAborted();
      forbidden ||= error instanceof KubernetesError && error.status === 403;
    }
  }
  return { budgets, nameOf: (pod) => names.get(keyOf(pod)) ?? pod.about, forbidden };
}

/** A name with its namespace is unique in the cluster; a name alone is unique only on its node. */
function keyOf({ node, about }: RefusedPod): string {
  return about.includes('/') ? about : `${node} ${about}`;
}

async function podOf(connection: Connection, about: string, signal: AbortSignal): Promise<readonly Pod[]> {
  const [namespace = '', name = '', more] = about.split('/');
  if (!isDnsLabel(namespace) || !isDnsName(name) || more !== undefined)
    throw new Error('this is not the name of a pod');
  try {
    const accept = `application/json;as=PartialObjectMetadata${METADATA}`;
    const found = await connection.request({
      path: apiPath('/api/v1', 'namespaces', namespace, 'pods', name),
      accept,
      signal,
    });
    return [{ namespace, name, labels: member(member(found, 'metadata'), 'labels') }];
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return [];
    throw error;
  }
}

/** AKS' events name pods without their namespaces. */
async function podsNamed(
  connection: Connection,
  { node, about: name }: RefusedPod,
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  if (!isDnsName(node) || !isDnsName(name)) throw new Error('these are not the names of a node and a pod');
  const body = await connection.request({
    path: '/api/v1/pods',
    // With version 0 the API server reads its cache, which is indexed by node; otherwise it reads every pod from etcd.
    query: { fieldSelector: `metadata.name=${name},spec.nodeName=${node}`, resourceVersion: '0' },
    accept: `application/json;as=PartialObjectMetadataList${METADATA}`,
    signal,
  });
  return listAt(body, 'items')
    .slice(0, NAMESAKES)
    .flatMap((item): Pod[] => {
      const metadata = member(item, 'metadata');
      const namespace = textAt(metadata, 'namespace') ?? '';
      if (textAt(metadata, 'name') !== name || !isDnsLabel(namespace)) return [];
      return [{ namespace, name, labels: member(metadata, 'labels') }];
    })
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

async function listBudgets(
  connection: Connection,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const path = apiPath('/apis/policy/v1', 'namespaces', namespace, 'poddisruptionbudgets');
  const body = await connection.request({ path, query: { limit: String(BUDGETS) }, signal });
  return listAt(body, 'items').slice(0, BUDGETS);
}

/** The budget's namespace/name where it allows no eviction of the pod. */
function blockerIn(budget: unknown, { namespace }: Pod, labels: unknown): readonly string[] {
  const name = textAt(member(budget, 'metadata'), 'name') ?? '';
  const allowed = member(member(budget, 'status'), 'disruptionsAllowed') ?? 0;
  const blocks = allowed === 0 && selects(member(member(budget, 'spec'), 'selector'), labels);
  return blocks && isDnsName(name) ? [`${namespace}/${name}`] : [];
}
