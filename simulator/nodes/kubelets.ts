import { realSleep } from '../clock.ts';
import { ApiServerError } from './api-server-client.ts';
import type { ApiServerClient } from './api-server-client.ts';
import type { ContainerRuntime } from './containers.ts';
import { endedStatus, nextStep, runningStatus, waitingStatus } from './pod-status.ts';
import type { PodObject, PodStep } from './pod-status.ts';

/** The kubelets of a cluster's machines, as far as the API server sees them: heartbeats, pods that run, pods that end. */
export interface Kubelets {
  /** The machine is up: its pods run from now on. `uid` is its Node object's. */
  start(node: string, uid: string): void;
  /** The machine is down, or its kubelet does nothing any more. */
  stop(node: string): void;
}

const RELIST_MS = 200;
/** As kubelets do, in real time: so does the node lifecycle controller count. */
const HEARTBEAT_MS = 10_000;
const BOUND = 'fieldSelector=spec.nodeName%21%3D';

/** Plays kubelets until `signal` is aborted. Pods start at once, and end at once when they are deleted, whatever their grace periods. */
export function playKubelets(client: ApiServerClient, containers: ContainerRuntime, signal: AbortSignal): Kubelets {
  const running = new Map<string, string>();
  const pods = new Map<string, PodObject>();
  const inHand = new Set<string>();
  let addresses = 0;

  /** Other controllers settle a pod that is gone, was replaced, or is in a namespace that ends. A person should know any other error. */
  function unlessRefused(call: Promise<unknown>): void {
    call.catch((error: unknown) => {
      if (signal.aborted) return;
      if (error instanceof ApiServerError && [403, 404, 409].includes(error.status)) return;
      process.emitWarning(error instanceof Error ? error : String(error));
    });
  }

  function settle(pod: PodObject): void {
    const { metadata, spec } = pod;
    if (!running.has(spec.nodeName)) return;
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    if (metadata.deletionTimestamp !== undefined) {
      const preconditions = { uid: metadata.uid };
      unlessRefused(
        client.delete(path, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions }),
      );
    } else if (!inHand.has(metadata.uid)) {
      inHand.add(metadata.uid);
      unlessRefused(goOn(pod, path).finally(() => inHand.delete(metadata.uid)));
    }
  }

  /** Does what is next about a pod; what comes after that is seen when the API server tells of it. */
  async function goOn(pod: PodObject, path: string): Promise<void> {
    const step = nextStep(pod);
    if (step === undefined) return;
    const status = await statusAfter(pod, step, pod.status?.podIP ?? addressOf(addresses++));
    const body = { metadata: { uid: pod.metadata.uid }, status };
    const patched = await client.patch(`${path}/status`, body, 'application/strategic-merge-patch+json');
    inHand.delete(pod.metadata.uid);
    keep(patched as PodObject);
  }

  async function statusAfter(pod: PodObject, step: PodStep, address: string): Promise<object> {
    if (step?.kind === 'BackOff') {
      const waiting = { reason: 'ImagePullBackOff', message: step.message };
      return waitingStatus(pod, address, waiting, new Date());
    }
    const refusal = containers.refusal(pod);
    if (refusal !== undefined) {
      await client.create(`/api/v1/namespaces/${pod.metadata.namespace}/events`, pullFailed(pod, refusal, new Date()));
      return waitingStatus(pod, address, { reason: 'ErrImagePull', message: refusal }, new Date());
    }
    if ((pod.spec.restartPolicy ?? 'Always') === 'Always') return runningStatus(pod, address, new Date());
    return endedStatus(pod, address, await containers.run(pod), new Date());
  }

  async function followPods(): Promise<void> {
    while (!signal.aborted) {
      try {
        const list = (await client.get(`/api/v1/pods?${BOUND}`)) as PodList;
        pods.clear();
        for (const pod of list.items) keep(pod);
        const from = list.metadata.resourceVersion;
        for await (const { type, object } of client.watch(`/api/v1/pods?${BOUND}&watch=1&resourceVersion=${from}`)) {
          if (type === 'ERROR') break;
          if (type === 'DELETED') pods.delete((object as PodObject).metadata.uid);
          else if (type !== 'BOOKMARK') keep(object as PodObject);
        }
      } catch {
        // No answer, or a stream that broke off: the next list tells what was missed.
        await realSleep(RELIST_MS, signal).catch(() => {}); // the loop sees that it is over
      }
    }
  }

  /** The watch may tell of how a pod was before it was patched. */
  function keep(pod: PodObject): void {
    const known = pods.get(pod.metadata.uid);
    if (known !== undefined && Number(known.metadata.resourceVersion) > Number(pod.metadata.resourceVersion)) return;
    pods.set(pod.metadata.uid, pod);
    settle(pod);
  }

  async function heartbeats(): Promise<void> {
    while (!signal.aborted) {
      await realSleep(HEARTBEAT_MS, signal).catch(() => {}); // the loop sees that it is over
      for (const [node, uid] of running) renew(node, uid);
    }
  }

  function renew(node: string, uid: string): void {
    if (signal.aborted) return;
    const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}?fieldManager=kubelet&force=true`;
    unlessRefused(client.patch(path, lease(node, uid, new Date()), 'application/apply-patch+yaml'));
  }

  void followPods();
  void heartbeats();
  return {
    start(node, uid) {
      running.set(node, uid);
      renew(node, uid);
      for (const pod of pods.values()) if (pod.spec.nodeName === node) settle(pod);
    },
    stop: (node) => void running.delete(node),
  };
}

interface PodList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly PodObject[];
}

/** Addresses of the pod network, one after the other. */
function addressOf(index: number): string {
  return `10.244.${(index >> 8) & 255}.${index & 255}`;
}

function pullFailed({ metadata, spec }: PodObject, refusal: string, now: Date): object {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  const { namespace, name, uid } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
    type: 'Warning',
    reason: 'Failed',
    message: `Failed to pull image "${spec.containers[0]?.image ?? ''}": ${refusal}`,
    source: { component: 'kubelet', host: spec.nodeName },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}

function lease(node: string, uid: string, now: Date): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: node,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid }],
    },
    spec: {
      holderIdentity: node,
      leaseDurationSeconds: 40,
      renewTime: `${now.toISOString().slice(0, -1)}000Z`,
    },
  };
}
