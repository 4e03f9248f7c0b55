import { autoProvisioned, DISRUPTED } from '../nodes/node-kinds.ts';
import { autoProvisionedName } from '../nodes/node-names.ts';
import { at, stringOf } from '../json/access.ts';
import { untilItsEnd } from './background.ts';
import { changeNode, removeNode } from './change.ts';
import type { Cluster } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { drain } from './drain.ts';
import { addMachine, becomeReady, birthright, registerMachine } from './nodes.ts';
import { isBehind } from './pool-nodes.ts';
import { OperationFailure } from './operation.ts';
import { clusterWork, type ClusterWork } from './work.ts';
import type { Provider } from './provider.ts';

const DEFAULT_NODE_POOL = 'default';
const DEFAULT_DRIFT_SECONDS = 300;

/** Makes a machine for the cluster's Karpenter NodePool, with the model of now, not registered yet. */
export function makeAutoProvisioned(cluster: Cluster, { random }: Provider): SimulatedNode {
  const nodePool = cluster.seed.autoProvisioned?.nodePool ?? DEFAULT_NODE_POOL;
  return addMachine(
    cluster,
    {
      name: autoProvisionedName(nodePool, random),
      osType: 'Linux',
      osSku: 'Ubuntu',
      ...autoProvisioned(nodePool),
      ...birthright(cluster, profileOfNow(cluster)),
    },
    { index: 0, surge: false },
  );
}

function profileOfNow(cluster: Cluster) {
  return {
    osType: 'Linux' as const,
    orchestratorVersion: stringOf(at(cluster.model, 'properties', 'kubernetesVersion')) ?? '',
    nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202508.06.0',
  };
}

/**
 * Lets Karpenter find out, some time after `after`, that nodes have drifted from the model, and replace them one by one
 * (github.com/Azure/karpenter-provider-azure, pkg/cloudprovider/drift.go: ClusterConfigDrift). Nothing where it does so already.
 */
export function beginDrift(cluster: Cluster, provider: Provider, after: Promise<void>): void {
  if (cluster.drift !== undefined || cluster.seed.autoProvisioned === undefined) return;
  const running = untilItsEnd(cluster, async () => {
    await after;
    const work = clusterWork(cluster, provider);
    await work.takes(cluster.seed.autoProvisioned?.driftSeconds ?? DEFAULT_DRIFT_SECONDS);
    for (let node = drifted(cluster); node !== undefined; node = drifted(cluster)) await replaceDrifted(work, node);
  });
  cluster.drift = running;
  const over = () => (cluster.drift = undefined);
  running.then(over, over);
}

function drifted(cluster: Cluster): SimulatedNode | undefined {
  const profile = profileOfNow(cluster);
  return cluster.nodes.find((node) => node.kind === 'autoProvisioned' && isBehind(cluster, profile, node));
}

/** A new machine first, then the old one goes, however long its pods take. A machine that never gets ready is given up for another one. */
async function replaceDrifted(work: ClusterWork, old: SimulatedNode): Promise<void> {
  const { cluster, provider } = work;
  const { registry } = cluster;
  await registry.change(old.name, { taints: [DISRUPTED] });
  const node = makeAutoProvisioned(cluster, provider);
  await work.takes(provider.nodeSeconds * 0.7);
  const registered = await registerMachine(cluster, node, work.startedAt);
  try {
    await becomeReady(work, registered, provider.nodeSeconds * 0.3);
  } catch (error) {
    if (!(error instanceof OperationFailure)) throw error;
    await registry.remove(node.name);
    removeNode(cluster, node.name);
    return;
  }
  changeNode(cluster, old.name, { phase: 'Cordoned' });
  await drain(work, old.name, { minutes: Infinity, reported: false });
  await registry.remove(old.name);
  removeNode(cluster, old.name);
}
