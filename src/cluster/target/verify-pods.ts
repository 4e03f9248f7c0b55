import { create, remove } from '../../kubernetes/apply.ts';
import { KubernetesError, type Connection } from '../../kubernetes/connection.ts';
import { listPages } from '../../kubernetes/list.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { KEY_LABEL, NODE_UID, OBJECT_LABEL, type ContainerView, type PodView } from '../verify/verification.ts';

/** All that older kubelets say between two attempts. The cause is in an event of the pod then. */
const NO_CAUSE = /^Back-off pulling image "[^"]*"$/;

interface Pod extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly uid: string; readonly creationTimestamp: string };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly { readonly state?: ContainerState }[];
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
  for await (const { items, first } of listPages<Pod>(connection, podsPath(namespace), { query, signal })) {
    if (first) pods = [];
    for (const pod of items) pods.push(await withCause(connection, namespace, viewOf(pod), signal));
  }
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
