import { detach } from '../../api/detach.ts';
import { apiPath } from '../../api/paths.ts';
import { create, remove } from '../../kubernetes/verbs.ts';
import { KubernetesError, type Connection } from '../../kubernetes/connection.ts';
import { listPages } from '../../kubernetes/list.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { POD_DEADLINE } from '../verify/judge-pod.ts';
import { CONTAINER, VOLUME } from '../verify/pod-spec.ts';
import { KEY_LABEL, NODE_UID, OBJECT_LABEL, type ContainerView, type PodView } from '../verify/verification.ts';

/** All that older kubelets say between two attempts. The cause is in an event of the pod then. */
const NO_CAUSE = /^Back-off pulling image "[^"]*"$/;
/** What the kubelet says while it prepares a pod. */
const BEFORE_THE_PULL = new Set(['ContainerCreating', 'PodInitializing']);
/** From this age on it is asked why a pod hangs, in ms. */
const LATE = POD_DEADLINE - 60_000;
/** What is kept of a text, in UTF-16 units. */
const LONGEST_TEXT = 8192;
/** What is kept of all pods together, in UTF-16 units: a pod of ours has some thousand. */
const LARGEST_LIST = 32 * 2 ** 20;

interface Pod extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly uid: string; readonly creationTimestamp: string };
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly {
      readonly name: string;
      readonly image?: string;
      readonly imagePullPolicy?: string;
      readonly command?: readonly string[];
    }[];
    readonly volumes?: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly { readonly name?: string; readonly state?: ContainerState }[];
  };
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
  const query = { labelSelector: `${OBJECT_LABEL},${KEY_LABEL}` };
  let pods: PodView[] = [];
  let size = 0;
  const bounds = { maxObjects: 20_000, maxMs: 60_000 };
  for await (const { items, first } of listPages<Pod>(connection, podsPath(namespace), { query, signal, ...bounds })) {
    if (first) [pods, size] = [[], 0];
    for (const pod of items) {
      const view = viewOf(pod);
      size += JSON.stringify(view).length;
      if (size > LARGEST_LIST)
        throw new Error(`the pods in namespace ${namespace} hold more than ${LARGEST_LIST} characters`);
      pods.push(await withEvents(connection, namespace, view, signal));
    }
  }
  return pods;
}

/**
 * The pod as it was let in; undefined for one that is there already, which is the same one: its name says what it is for. Throws
 * KubernetesError.
 */
export async function createVerifyPod(
  connection: Connection,
  namespace: string,
  pod: KubernetesObject,
  signal: AbortSignal,
): Promise<PodView | undefined> {
  try {
    return viewOf((await create(connection, podsPath(namespace), pod, signal)) as Pod);
  } catch (error) {
    if (!(error instanceof KubernetesError && error.reason === 'AlreadyExists')) throw error;
    return undefined;
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
    await remove(connection, podsPath(namespace, name), { uid }, signal);
  } catch (error) {
    if (!(error instanceof KubernetesError && error.status === 409)) throw error;
  }
}

function podsPath(namespace: string, ...name: readonly string[]): string {
  return apiPath('/api/v1', 'namespaces', namespace, 'pods', ...name);
}

function viewOf({ metadata, spec, status }: Pod): PodView {
  const container = spec?.containers?.find(({ name }) => name === CONTAINER);
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
    message: clip(status?.message),
    container: containerOf(status?.containerStatuses?.find(({ name }) => name === CONTAINER)?.state),
    task: {
      image: container?.image ?? '',
      pullPolicy: container?.imagePullPolicy ?? '',
      command: container?.command ?? [],
      folder: spec?.volumes?.find(({ name }) => name === VOLUME)?.hostPath?.path ?? '',
    },
  };
}

/** Beginning and end of a text that a registry may have made as long as it likes: what went wrong is said last. */
function clip(text = ''): string {
  if (text.length <= LONGEST_TEXT) return text;
  const half = LONGEST_TEXT / 2;
  return detach(`${text.slice(0, half)} … ${text.slice(-half)}`);
}

function containerOf({ waiting, running, terminated }: ContainerState = {}): ContainerView {
  if (terminated) {
    const { exitCode, reason = '', message } = terminated;
    return { kind: 'Ended', exitCode, reason, message: clip(message) };
  }
  if (running) return { kind: 'Running' };
  if (waiting) return { kind: 'Waiting', reason: waiting.reason ?? '', message: clip(waiting.message) };
  return { kind: 'None' };
}

/** Adds what only events say: why a pull failed, or why there is nothing to pull for yet. */
async function withEvents(
  connection: Connection,
  namespace: string,
  pod: PodView,
  signal: AbortSignal,
): Promise<PodView> {
  const { container } = pod;
  if (container.kind === 'Waiting' && NO_CAUSE.test(container.message)) {
    const said = await eventsOf(connection, namespace, pod, 'reason=Failed', signal);
    const pullFailure = said.filter((message) => message.includes('Failed to pull image')).at(-1);
    return pullFailure === undefined ? pod : { ...pod, pullFailure };
  }
  if (!hangs(pod, connection.lastResponseDate)) return pod;
  const warning = (await eventsOf(connection, namespace, pod, 'type=Warning', signal)).at(-1);
  return warning === undefined ? pod : { ...pod, warning };
}

/** True of a pod that is about to be given up, or was, before its container had anything to say. */
function hangs({ container, phase, createdAt }: PodView, serverNow = Infinity): boolean {
  const isSilent = container.kind === 'None' || (container.kind === 'Waiting' && BEFORE_THE_PULL.has(container.reason));
  return isSilent && (phase === 'Failed' || serverNow - createdAt >= LATE);
}

/** Nothing without the right to read events. */
async function eventsOf(
  connection: Connection,
  namespace: string,
  { uid }: PodView,
  which: string,
  signal: AbortSignal,
): Promise<string[]> {
  const query = { fieldSelector: `involvedObject.uid=${uid},${which}`, limit: '20' };
  try {
    const answer = await connection.request({
      path: apiPath('/api/v1', 'namespaces', namespace, 'events'),
      query,
      signal,
    });
    const { items = [] } = answer as { items?: readonly { readonly message?: string }[] };
    return items.map(({ message }) => clip(message));
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    signal.throwIfAborted();
    return [];
  }
}
