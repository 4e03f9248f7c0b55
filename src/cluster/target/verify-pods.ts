import { create, remove } from '../../kubernetes/apply.ts';
import { KubernetesError, type Connection } from '../../kubernetes/connection.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { KEY_LABEL, NODE_UID, OBJECT_LABEL, type ContainerView, type PodView } from '../verify/verification.ts';

/** Objects of a page. */
const PAGE = '250';
/** Of each object its metadata only. kubernetes.io/docs/reference/using-api/api-concepts, metadata-only fetches */
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
/** All that older kubelets say between two attempts. The cause is in an event of the pod then. */
const NO_CAUSE = /^Back-off pulling image "[^"]*"$/;

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly { readonly state?: ContainerState }[];
  };
}

interface Page {
  readonly items?: readonly Pod[];
  readonly metadata?: { readonly continue?: string };
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: object;
  readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
}

/** Every pod of ours in a namespace, of whichever object; none where there is no such namespace. Throws KubernetesError. */
export async function listVerifyPods(
  connection: Connection,
  namespace: string,
  signal: AbortSignal,
): Promise<PodView[]> {
  const filter = { labelSelector: `${OBJECT_LABEL},${KEY_LABEL}` };
  const pods: PodView[] = [];
  for await (const pod of pagesOf(connection, podsPath(namespace), filter, 'application/json', signal))
    pods.push(await withCause(connection, namespace, viewOf(pod), signal));
  return pods;
}

/** One that is there already is the same one: its name says what it is for. Throws KubernetesError. */
export async function createVerifyPod(
  connection: Connection,
  namespace: string,
  pod: KubernetesObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await create(connection, podsPath(namespace), pod, signal);
  } catch (error) {
    if (!(error instanceof KubernetesError && error.reason === 'AlreadyExists')) throw error;
  }
}

/** This very pod; one that is gone, or another one of its name, is fine. Throws KubernetesError. */
export async function removeVerifyPod(
  connection: Connection,
  namespace: string,
  { name, uid }: PodView,
  signal: AbortSignal,
): Promise<void> {
  try {
    await remove(connection, `${podsPath(namespace)}/${name}`, { uid }, signal);
  } catch (error) {
    if (!(error instanceof KubernetesError && error.status === 409)) throw error;
  }
}

/** `kubernetes.azure.com/os-sku` of each node, by name; empty where it has none. Throws KubernetesError. */
export async function listOsSkus(connection: Connection, signal: AbortSignal): Promise<Map<string, string>> {
  const skus = new Map<string, string>();
  for await (const { metadata } of pagesOf(connection, '/api/v1/nodes', {}, METADATA, signal))
    skus.set(metadata.name, metadata.labels?.['kubernetes.azure.com/os-sku'] ?? '');
  return skus;
}

async function* pagesOf(
  connection: Connection,
  path: string,
  filter: Readonly<Record<string, string>>,
  accept: string,
  signal: AbortSignal,
): AsyncGenerator<Pod> {
  let next: string | undefined;
  do {
    const query = { ...filter, limit: PAGE, ...(next ? { continue: next } : {}) };
    const page = (await connection.request({ path, query, accept, signal })) as Page;
    yield* page.items ?? [];
    next = page.metadata?.continue;
  } while (next);
}

function podsPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}

function viewOf({ metadata, spec, status }: Pod): PodView {
  return {
    name: metadata.name,
    uid: metadata.uid,
    object: metadata.labels?.[OBJECT_LABEL] ?? '',
    key: metadata.labels?.[KEY_LABEL] ?? '',
    node: spec?.nodeName ?? '',
    nodeUid: metadata.annotations?.[NODE_UID] ?? '',
    createdAt: Date.parse(metadata.creationTimestamp),
    terminating: metadata.deletionTimestamp !== undefined,
    phase: status?.phase ?? '',
    reason: status?.reason ?? '',
    message: status?.message ?? '',
    container: containerOf(status?.containerStatuses?.[0]?.state),
  };
}

function containerOf({ waiting, running, terminated }: ContainerState = {}): ContainerView {
  if (terminated) {
    const { exitCode, reason = '', message = '' } = terminated;
    return { kind: 'Ended', exitCode, reason, message };
  }
  if (running) return { kind: 'Running' };
  if (waiting) return { kind: 'Waiting', reason: waiting.reason ?? '', message: waiting.message ?? '' };
  return { kind: 'None' };
}

/** Without the right to read events, it stays unknown why a pull failed. */
async function withCause(
  connection: Connection,
  namespace: string,
  pod: PodView,
  signal: AbortSignal,
): Promise<PodView> {
  const { container } = pod;
  if (container.kind !== 'Waiting' || !NO_CAUSE.test(container.message)) return pod;
  const query = { fieldSelector: `involvedObject.uid=${pod.uid},reason=Failed`, limit: '20' };
  try {
    const answer = await connection.request({ path: `/api/v1/namespaces/${namespace}/events`, query, signal });
    const { items = [] } = answer as { items?: readonly { readonly message?: string }[] };
    const said = items.map(({ message = '' }) => message).filter((message) => message.includes('Failed to pull image'));
    const cause = said.at(-1);
    return cause === undefined ? pod : { ...pod, pullFailure: cause };
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    signal.throwIfAborted();
    return pod;
  }
}
