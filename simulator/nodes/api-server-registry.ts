import type { TargetAccess } from './target-access.ts';
import { realSleep, type Clock } from '../clock.ts';
import { apiServerClient, ApiServerError, type ApiServerClient } from './api-server-client.ts';
import type { ContainerRuntime } from './containers.ts';
import { allowJoining, requestCertificate, type KubeletRequest } from './kubelet-certificates.ts';
import { playKubelets } from './kubelets.ts';
import { nodeObject, readyCondition, readyStatus } from './node-object.ts';
import { nodePods } from './node-pods.ts';
import { registerMetricsServer } from './metrics-server.ts';
import { publishRootCa } from './root-ca.ts';
import type { NodeIdentity, NodeRegistry, Registration } from './node-registry.ts';
import { upgraderEventLog } from './upgrader-event-log.ts';

const NODES = '/api/v1/nodes';

export interface RegistrySettings {
  /** The same object until it is another account. */
  readonly access: () => Promise<TargetAccess>;
  readonly clusterResourceId: string;
  readonly clock: Clock;
  /** How a machine that joins gets its client certificate; undefined where the API server has certificates of its own. */
  readonly joins: ((node: string) => KubeletRequest) | undefined;
  /** Runs the pods on the nodes, which are drained then; undefined: no pods run. */
  readonly containers: ContainerRuntime | undefined;
  /** Aborted when the cluster is gone. */
  readonly signal: AbortSignal;
}

/** Nodes as Node objects of a real API server. */
export function apiServerRegistry(settings: RegistrySettings): NodeRegistry {
  const { clusterResourceId, joins, signal } = settings;
  const client = apiServerClient(settings.access, signal);
  const events = upgraderEventLog(client, settings.clock, signal);
  const { containers } = settings;
  const kubelets = containers === undefined ? undefined : playKubelets(client, containers, signal);
  const pods = containers === undefined ? undefined : nodePods(client, signal);
  const uids = new Map<string, string>();
  return {
    async register(node, after) {
      await laterSecondThan(after, signal);
      if (joins !== undefined) await requestCertificate(client, joins(node.name));
      const { metadata } = (await createAnew(client, nodeObject(node, clusterResourceId))) as NodeMetadata;
      uids.set(node.name, metadata.uid);
      return { uid: metadata.uid, createdAt: metadata.creationTimestamp } satisfies Registration;
    },
    async ready(node) {
      await ifPresent(client.patch(`${NODES}/${node.name}/status`, { status: readyStatus(node, true, new Date()) }));
      await ifPresent(client.patch(`${NODES}/${node.name}`, { spec: { taints: ownTaints(node) } }));
      kubelets?.start(node.name, uids.get(node.name) ?? '');
    },
    async notReady(node) {
      kubelets?.stop(node.name);
      const conditions = [readyCondition(false, new Date())];
      await ifPresent(
        client.patch(
          `${NODES}/${node.name}/status`,
          { status: { conditions } },
          'application/strategic-merge-patch+json',
        ),
      );
    },
    async change(name, { labels, ...spec }) {
      await ifPresent(
        client.patch(`${NODES}/${name}`, { spec, ...(labels === undefined ? {} : { metadata: { labels } }) }),
      );
    },
    async labels(name) {
      const found = (await ifPresent(client.get(`${NODES}/${name}`))) as NodeMetadata | undefined;
      return found?.metadata.labels;
    },
    async remove(name) {
      kubelets?.stop(name);
      await ifPresent(client.delete(`${NODES}/${name}`));
      await pods?.clear(name);
    },
    event: (name, event) => events.say(name, event),
    eventAgain: (id) => events.sayAgain(id),
    loseEvents: () => events.loseAll(),
    allowJoining: () => allowJoining(client, signal),
    async requestCertificate(request) {
      await requestCertificate(client, request);
    },
    publishRootCa: (publication) => publishRootCa(client, publication),
    registerMetricsServer: (port) => registerMetricsServer(client, port, signal),
    pods,
    close: () => client.close(),
  };
}

interface NodeMetadata {
  readonly metadata: {
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** The taint of a node that is not ready is the node lifecycle controller's to take away, and here there may be none. */
function ownTaints({ taints }: NodeIdentity) {
  return taints.length === 0 ? null : taints;
}

async function laterSecondThan(after: number, signal: AbortSignal): Promise<void> {
  const from = (Math.floor(after / 1000) + 1) * 1000;
  for (let now = Date.now(); now < from; now = Date.now()) await realSleep(from - now, signal);
}

/** A node that is there already under the name is not the machine that registers now: it goes first. */
async function createAnew(client: ApiServerClient, node: ReturnType<typeof nodeObject>): Promise<unknown> {
  for (;;) {
    try {
      return await client.create(NODES, node);
    } catch (error) {
      if (!(error instanceof ApiServerError) || error.status !== 409) throw error;
      await ifPresent(client.delete(`${NODES}/${node.metadata.name}`));
    }
  }
}

async function ifPresent(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof ApiServerError) || error.status !== 404) throw error;
    return undefined;
  }
}
