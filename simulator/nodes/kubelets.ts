import { realSleep } from '../clock.ts';
import { ApiServerError } from './api-server-client.ts';
import type { ApiServerClient } from './api-server-client.ts';
import { isRunning, runningStatus } from './pod-status.ts';
import type { PodObject } from './pod-status.ts';

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

/** Plays kubelets until `signal` is aborted. Pods start and end at once, whatever their images and grace periods. */
export function playKubelets(client: ApiServerClient, signal: AbortSignal): Kubelets {
  const running = new Map<string, string>();
  const pods = new Map<string, PodObject>();
  let addresses = 0;

  /** What is refused is settled by somebody else: the pod is gone, or another one has its name. */
  function unlessRefused(call: Promise<unknown>): void {
    call.catch((error: unknown) => {
      if (!signal.aborted && !(error instanceof ApiServerError)) throw error;
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
    } else if (!isRunning(pod)) {
      const status = runningStatus(pod, addressOf(addresses++), new Date());
      const body = { metadata: { uid: metadata.uid }, status };
      unlessRefused(client.patch(`${path}/status`, body, 'application/strategic-merge-patch+json'));
    }
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

  function keep(pod: PodObject): void {
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
