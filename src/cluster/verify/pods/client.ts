import { detach } from '../../../api/detach.ts';
import { apiPath } from '../../../api/paths.ts';
import { create, remove } from '../../../kubernetes/client/verbs.ts';
import { KubernetesError, type Connection } from '../../../kubernetes/client/connection.ts';
import { listPages } from '../../../kubernetes/client/list.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { POD_DEADLINE } from '../judge-pod.ts';
import { CONTAINER, VOLUME } from '../pod-spec.ts';
import { KEY_LABEL, NODE_UID, OBJECT_LABEL, type ContainerView, type PodView } from '../types.ts';
import { isDnsName, listAt, member, textAt, timeOf } from '../../../kubernetes/untrusted/untyped.ts';

/** The only message of older kubelets between two attempts. The cause is then in an event of the pod. */
const NO_CAUSE = /^Back-off pulling image "[^"]*"$/;
/** Reasons of the kubelet while it prepares a pod. */
const BEFORE_THE_PULL = new Set(['ContainerCreating', 'PodInitializing']);
/** Age of a pod from which its events are read to find out why it hangs, in ms. */
const LATE = POD_DEADLINE - 60_000;
/** Longest part of a text, and of a name or word, that is kept, in UTF-16 units. */
const [LONGEST_TEXT, LONGEST_WORD] = [8192, 512];
/** Most parts of a command that are read; the controller's own have fewer. */
const MOST_PARTS = 16;
/** Most events of one pod that are read. */
const MOST_EVENTS = 20;
const UID = /^[\x21-\x7e]{1,128}$/;
/** Bound of all pods together, in UTF-16 units: a verification pod has some thousand, and each object has eight at most. */
const LARGEST_LIST = 4 * 2 ** 20;

/** All verification pods in a namespace, of any object; none where there is no such namespace. Throws KubernetesError. */
export async function listVerifyPods(
  connection: Connection,
  namespace: string,
  signal: AbortSignal,
): Promise<PodView[]> {
  const query = { labelSelector: `${OBJECT_LABEL},${KEY_LABEL}` };
  let pods: PodView[] = [];
  let size = 0;
  const bounds = { maxObjects: 5000, maxMs: 60_000 };
  for await (const { items, first } of listPages<KubernetesObject>(connection, podsPath(namespace), {
    query,
    signal,
    ...bounds,
  })) {
    if (first) [pods, size] = [[], 0];
    for (const pod of items) {
      const view = viewOf(pod);
      // Not a pod as API servers have them, so it proves nothing.
      if (!view) continue;
      const seen = await withEvents(connection, namespace, view, signal);
      size += JSON.stringify(seen).length;
      if (size > LARGEST_LIST)
        throw new Error(`the pods in namespace ${namespace} hold more than ${LARGEST_LIST} characters`);
      pods.push(seen);
    }
  }
  return pods;
}

/**
 * Creates the pod and returns it as it was admitted; undefined where it exists already: the same name means the same pod. Throws
 * KubernetesError.
 */
export async function createVerifyPod(
  connection: Connection,
  namespace: string,
  pod: KubernetesObject,
  signal: AbortSignal,
): Promise<PodView | undefined> {
  try {
    const view = viewOf(await create(connection, podsPath(namespace), pod, signal));
    if (!view) throw new Error('the API server did not answer with the pod that was created');
    return view;
  } catch (error) {
    if (!(error instanceof KubernetesError && error.reason === 'AlreadyExists')) throw error;
    return undefined;
  }
}

/** Deletes exactly this pod. A pod that is gone, or a new one of the same name, is no error. Throws KubernetesError. */
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

/** Undefined for a value that is not a pod as API servers have them. */
function viewOf(pod: unknown): PodView | undefined {
  const [metadata, spec, status] = ['metadata', 'spec', 'status'].map((part) => member(pod, part));
  const [name, uid] = [textAt(metadata, 'name') ?? '', textAt(metadata, 'uid') ?? ''];
  const createdAt = timeOf(member(metadata, 'creationTimestamp'));
  if (!isDnsName(name) || !UID.test(uid) || createdAt === undefined) return undefined;
  const labels = member(metadata, 'labels');
  const container = named(spec, 'containers', CONTAINER);
  return {
    name,
    uid,
    object: short(textAt(labels, OBJECT_LABEL)),
    key: short(textAt(labels, KEY_LABEL)),
    node: short(textAt(spec, 'nodeName')),
    nodeUid: short(textAt(member(metadata, 'annotations'), NODE_UID)),
    createdAt,
    terminating: (member(metadata, 'deletionTimestamp') ?? null) !== null,
    phase: short(textAt(status, 'phase')),
    reason: short(textAt(status, 'reason')),
    message: clip(textAt(status, 'message')),
    container: containerOf(member(named(status, 'containerStatuses', CONTAINER), 'state')),
    task: {
      image: clip(textAt(container, 'image')),
      pullPolicy: short(textAt(container, 'imagePullPolicy')),
      command: listAt(container, 'command')
        .slice(0, MOST_PARTS)
        .map((part) => (typeof part === 'string' ? clip(part) : '')),
      folder: clip(textAt(member(named(spec, 'volumes', VOLUME), 'hostPath'), 'path')),
    },
  };
}

function named(value: unknown, list: string, name: string): unknown {
  return listAt(value, list).find((one) => textAt(one, 'name') === name);
}

function short(text = ''): string {
  return text.length <= LONGEST_WORD ? text : detach(text.slice(0, LONGEST_WORD));
}

/** Beginning and end of a text that a registry may have made very long: the error itself comes last. */
function clip(text = ''): string {
  if (text.length <= LONGEST_TEXT) return text;
  const half = LONGEST_TEXT / 2;
  return detach(`${text.slice(0, half)} … ${text.slice(-half)}`);
}

function containerOf(state: unknown): ContainerView {
  const terminated = objectAt(state, 'terminated');
  if (terminated) {
    const exitCode = member(terminated, 'exitCode');
    return {
      kind: 'Ended',
      // A container without an exit code has not succeeded.
      exitCode: typeof exitCode === 'number' && Number.isInteger(exitCode) ? exitCode : -1,
      reason: short(textAt(terminated, 'reason')),
      message: clip(textAt(terminated, 'message')),
    };
  }
  if (objectAt(state, 'running')) return { kind: 'Running' };
  const waiting = objectAt(state, 'waiting');
  if (!waiting) return { kind: 'None' };
  return { kind: 'Waiting', reason: short(textAt(waiting, 'reason')), message: clip(textAt(waiting, 'message')) };
}

function objectAt(value: unknown, key: string): object | undefined {
  const found = member(value, key);
  return typeof found === 'object' && found !== null ? found : undefined;
}

/** Adds what only events report: why a pull failed, or why the pod has no container yet. */
async function withEvents(
  connection: Connection,
  namespace: string,
  pod: PodView,
  signal: AbortSignal,
): Promise<PodView> {
  const { container } = pod;
  if (container.kind === 'Waiting' && NO_CAUSE.test(container.message)) {
    const messages = await eventsOf(connection, namespace, pod, 'reason=Failed', signal);
    const pullFailure = messages.filter((message) => message.includes('Failed to pull image')).at(-1);
    return pullFailure === undefined ? pod : { ...pod, pullFailure };
  }
  if (!hangs(pod, connection.lastResponseDate)) return pod;
  const warning = (await eventsOf(connection, namespace, pod, 'type=Warning', signal)).at(-1);
  return warning === undefined ? pod : { ...pod, warning };
}

/** True for a pod that is about to be given up, or was, before its container reported anything. */
function hangs({ container, phase, createdAt }: PodView, serverNow = Infinity): boolean {
  const isSilent = container.kind === 'None' || (container.kind === 'Waiting' && BEFORE_THE_PULL.has(container.reason));
  return isSilent && (phase === 'Failed' || serverNow - createdAt >= LATE);
}

/** Messages of a pod's events; none without the right to read events. */
async function eventsOf(
  connection: Connection,
  namespace: string,
  { uid }: PodView,
  which: string,
  signal: AbortSignal,
): Promise<string[]> {
  const query = { fieldSelector: `involvedObject.uid=${uid},${which}`, limit: String(MOST_EVENTS) };
  try {
    const answer = await connection.request({
      path: apiPath('/api/v1', 'namespaces', namespace, 'events'),
      query,
      signal,
    });
    return listAt(answer, 'items')
      .slice(0, MOST_EVENTS)
      .map((event) => clip(textAt(event, 'message')));
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    signal.throwIfAborted();
    return [];
  }
}
