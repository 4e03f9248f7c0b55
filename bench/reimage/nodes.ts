import type { ApiServer } from '../load/api-server.ts';
import { inFlight } from '../load/in-flight.ts';

export const POOLS = 20;
export const NODES_A_POOL = 50;

const WIDTH = 24;
const MERGE = 'application/merge-patch+json';

export function nodeName(pool: number, index: number): string {
  return `aks-pool${pool}-12345678-vmss${index.toString(36).padStart(6, '0')}`;
}

export function poolName(pool: number): string {
  return `pool${pool}`;
}

/** A Node about as large as those of AKS, most of which is images and addresses. */
function nodeObject(pool: number, index: number) {
  const name = nodeName(pool, index);
  const labels = Object.fromEntries(
    Array.from({ length: 20 }, (_, label) => [
      `kubernetes.azure.com/label-${label}`,
      `a-value-of-some-length-${label}`,
    ]),
  );
  const annotations = Object.fromEntries(
    Array.from({ length: 8 }, (_, note) => [`node.alpha.kubernetes.io/note-${note}`, 'x'.repeat(80)]),
  );
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, annotations, labels: { ...labels, 'kubernetes.azure.com/agentpool': poolName(pool) } },
    spec: { providerID: `azure:///subscriptions/0/resourceGroups/mc/virtualMachines/${index}` },
    status: {
      conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: null, lastTransitionTime: null }],
      images: Array.from({ length: 40 }, (_, image) => ({
        names: [`registry.example/some/image/${image}@sha256:${'0123456789abcdef'.repeat(4)}`],
        sizeBytes: 123_456_789,
      })),
    },
  };
}

function eventObject(node: string, number: number, message: string) {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${node}.${number}`, namespace: 'default' },
    involvedObject: { apiVersion: 'v1', kind: 'Node', name: node, uid: node },
    type: 'Normal',
    reason: 'Upgrade',
    message,
    source: { component: 'upgrader' },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}

/** What AKS says of a node while it replaces it. */
const SAID = ['Cordoning node', 'Draining node:', 'Deleting node', 'Reimaging node:', 'Successfully upgraded node:'];

/** Makes every node of every pool. */
export async function makeNodes(server: ApiServer): Promise<void> {
  await inFlight(POOLS * NODES_A_POOL, WIDTH, (place) =>
    server.send('POST', '/api/v1/nodes', nodeObject(place % POOLS, Math.floor(place / POOLS))),
  );
}

/** Replaces half of each pool's nodes, and says so. */
export async function replaceHalf(server: ApiServer): Promise<void> {
  await replace(server, 0, (POOLS * NODES_A_POOL) / 2);
}

/** Replaces nodes and says so: those of these places, counted over all pools. */
export async function replace(server: ApiServer, from: number, count: number): Promise<void> {
  await inFlight(count, WIDTH, async (offset) => {
    const place = from + offset;
    const [pool, index] = [place % POOLS, Math.floor(place / POOLS)];
    const node = nodeName(pool, index);
    await server.send('DELETE', `/api/v1/nodes/${node}`);
    await server.send('POST', '/api/v1/nodes', nodeObject(pool, index));
    for (const [number, message] of SAID.entries()) {
      const text = `${message} ${node}${message.startsWith('Deleting') ? ' from API server' : ''}`;
      await server.send('POST', '/api/v1/namespaces/default/events', eventObject(node, number, text));
    }
  });
}

/** Writes what kubelets report from time to time, of nodes that are left as they are. */
export async function report(server: ApiServer, count: number): Promise<void> {
  const last = POOLS * NODES_A_POOL - 1;
  await inFlight(count, WIDTH, async (offset) => {
    const [pool, index] = [(last - offset) % POOLS, Math.floor((last - offset) / POOLS)];
    const { status } = nodeObject(pool, index);
    const conditions = [{ ...status.conditions[0], lastHeartbeatTime: new Date().toISOString() }];
    await server.send('PATCH', `/api/v1/nodes/${nodeName(pool, index)}/status`, { status: { conditions } }, MERGE);
  });
}
