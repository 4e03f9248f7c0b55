import { realSleep } from '../clock.ts';
import type { ApiServerClient } from './api-server-client.ts';

/** A pod that a drain has to see gone. */
export interface NodePod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Whether it has been deleted. */
  readonly terminating: boolean;
}

/** The answer of the API server to an eviction. */
export type Eviction =
  | { readonly kind: 'Evicted' }
  | { readonly kind: 'Gone' }
  /** `budget`: the PodDisruptionBudget that forbids it, where one is named. */
  | { readonly kind: 'Refused'; readonly message: string; readonly budget: string | undefined };

/** The pods of a cluster's nodes, as a drain sees them. */
export interface NodePods {
  /** As `kubectl drain --ignore-daemonsets` chooses: not those of DaemonSets, and not mirror pods, which cannot be moved. */
  on(node: string): Promise<NodePod[]>;
  evict(pod: NodePod): Promise<Eviction>;
  /** Deletes every pod of a node that is gone: what the pod garbage collector does in a minute of real time. */
  clear(node: string): Promise<void>;
  /** Lets kubelets and controllers do their work, which is done in real time. */
  pause(): Promise<void>;
}

const PAUSE_MS = 100;

interface PodObject {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly controller?: boolean }[];
  };
}

interface StatusObject {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

export function nodePods(client: ApiServerClient, signal: AbortSignal): NodePods {
  async function bound(node: string): Promise<readonly PodObject[]> {
    const path = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
    return ((await client.get(path)) as { items: PodObject[] }).items;
  }

  return {
    async on(node) {
      const pods = await bound(node);
      return pods.filter(isMovable).map(({ metadata: { namespace, name, uid, deletionTimestamp } }) => ({
        namespace,
        name,
        uid,
        terminating: deletionTimestamp !== undefined,
      }));
    },
    async evict({ namespace, name, uid }) {
      const { status, text } = await client.ask('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { namespace, name },
        deleteOptions: { preconditions: { uid } },
      });
      if (status < 300) return { kind: 'Evicted' };
      if (status === 404 || status === 409) return { kind: 'Gone' };
      return refusal(text);
    },
    async clear(node) {
      for (const { metadata } of await bound(node)) {
        // One that has gone by itself is fine, and so is one that is refused.
        await client.ask('DELETE', `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`, {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          gracePeriodSeconds: 0,
        });
      }
    },
    pause: () => realSleep(PAUSE_MS, signal),
  };
}

function isMovable({ metadata }: PodObject): boolean {
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return false;
  return metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller === true) !== true;
}

/** The API server names the budget only in a sentence: `The disruption budget web needs 2 healthy pods and has 2 currently`. */
function refusal(text: string): Eviction {
  const { message = '', details } = JSON.parse(text) as StatusObject;
  const cause = details?.causes?.find(({ reason }) => reason === 'DisruptionBudget')?.message ?? '';
  return { kind: 'Refused', message, budget: /^The disruption budget (\S+) /.exec(cause)?.[1] };
}
