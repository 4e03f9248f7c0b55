import { randomBytes } from 'node:crypto';
import type { TargetAccess } from '../cluster/cluster-seed.ts';
import { realSleep } from '../clock.ts';
import { apiServerClient, ApiServerError } from './api-server-client.ts';
import type { ApiServerClient } from './api-server-client.ts';
import type { NodeEvent, NodeRegistry, Registration } from './node-registry.ts';
import { nodeObject, readyStatus } from './node-object.ts';

const NODES = '/api/v1/nodes';
const EVENTS = '/api/v1/namespaces/default/events';

/** Nodes as Node objects of a real API server. */
export function apiServerRegistry(access: TargetAccess, clusterResourceId: string, signal: AbortSignal): NodeRegistry {
  const client = apiServerClient(access, signal);
  return {
    async register(node, after) {
      await laterSecondThan(after, signal);
      const created = (await createAnew(client, nodeObject(node, clusterResourceId))) as {
        metadata: { uid: string; creationTimestamp: string };
      };
      return { uid: created.metadata.uid, createdAt: created.metadata.creationTimestamp } satisfies Registration;
    },
    async ready(node) {
      await ifPresent(client.patch(`${NODES}/${node.name}/status`, { status: readyStatus(node, true, new Date()) }));
      // The taint of a node that is not ready is the node lifecycle controller's to take away, and here there may be none.
      await ifPresent(client.patch(`${NODES}/${node.name}`, { spec: { taints: null } }));
    },
    async cordon(name) {
      await ifPresent(client.patch(`${NODES}/${name}`, { spec: { unschedulable: true } }));
    },
    async remove(name) {
      await ifPresent(client.delete(`${NODES}/${name}`));
    },
    async event(name, event) {
      await client.create(EVENTS, eventObject(name, event, new Date()));
    },
    close: () => client.close(),
  };
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

async function ifPresent(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiServerError) || error.status !== 404) throw error;
  }
}

function eventObject(node: string, { type, reason, message }: NodeEvent, now: Date): object {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${node}.${randomBytes(8).toString('hex')}`, namespace: 'default' },
    // As kubelets and AKS do, the name stands for the uid: events outlive the object they are about.
    involvedObject: { apiVersion: 'v1', kind: 'Node', name: node, uid: node },
    type,
    reason,
    message,
    source: { component: 'upgrader' },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}
