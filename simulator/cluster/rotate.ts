import { makePki, type Pki } from '../certificates/cluster-pki.ts';
import { inBackground } from './background.ts';
import { install, serveNow, setPki } from './certificates.ts';
import { changeNode } from './change.ts';
import type { Cluster } from './cluster.ts';
import type { Operation } from './operation-state.ts';
import type { Provider } from './provider.ts';
import type { RootCaPublication } from '../nodes/node-registry.ts';
import { recreateNodes } from './recreate-nodes.ts';
import { rotationRules, type RotationRules } from './rotation-seed.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { startOperation } from './run-operation.ts';
import type { Work } from './work.ts';

export const ROTATING = 'RotatingClusterCertificates';

/**
 * Starts an operation that gives the cluster another CA and everything that it signs, and then makes the machines of its pools anew
 * (learn.microsoft.com/azure/aks/certificate-rotation). There is no time in which both CAs are valid: kubelets of before are cut off.
 */
export function startRotation(cluster: Cluster, provider: Provider): Operation {
  const rules = rotationRules(cluster.seed.rotation);
  const operation = startOperation(cluster, provider, {
    doing: ROTATING,
    answersCluster: true,
    pools: [...cluster.pools].flatMap(([name, { powerState }]) => (powerState === 'Running' ? [name] : [])),
    async work(work) {
      await work.takes(provider.overheadSeconds);
      await work.beforeCertificates();
      await changeAuthority(work, rules);
      await recreateNodes(work, rules);
      cluster.halfRotated = false;
    },
  });
  inBackground(cluster, () => serveLater(cluster, provider, operation, rules));
  return operation;
}

async function changeAuthority(work: Work, rules: RotationRules): Promise<void> {
  const { cluster, provider } = work;
  const { controlPlane } = cluster;
  const keepsCa = cluster.halfRotated && rules.afterFailure === 'same';
  const replicas = Array.from({ length: controlPlane?.replicas ?? 1 }, (_, replica) => replica);
  for (const replica of replicas.slice(0, 1)) await controlPlane?.takeAway(replica);
  if (!keepsCa) setPki(cluster.certificates, nextPki(cluster, provider, rules));
  cluster.halfRotated = true;
  const silent = cutOff(cluster);
  for (const { name } of silent) changeNode(cluster, name, { phase: 'NotReady' });
  if (rules.tunnel === 'dead') await cluster.metricsServer?.setTunnel(false);
  await work.takes(rules.awaySeconds);
  for (const replica of replicas) {
    if (replica > 0) await work.takes(rules.replicaSeconds);
    if (controlPlane !== undefined) await install(cluster.certificates, controlPlane, replica);
    if (rules.listing === 'new') serveNow(cluster.certificates);
  }
  inBackground(cluster, () => cluster.registry.publishRootCa(publication(work, rules)));
  for (const node of silent) await cluster.registry.notReady(node);
}

function nextPki({ certificates }: Cluster, { realNow }: Provider, rules: RotationRules): Pki {
  const { settings, now } = certificates;
  const next = makePki(settings, realNow(), now, rules.signingKey === 'kept');
  return rules.token === 'kept' ? { ...next, token: now.token } : next;
}

/** The CA of now, for each namespace in turn. */
function publication(work: Work, rules: RotationRules): RootCaPublication {
  return {
    caPem: async () => (await work.cluster.certificates.now.authority()).certPem,
    pause: (isLast: boolean) => work.takes(rules.namespaceSeconds + (isLast ? rules.lateNamespaceSeconds : 0)),
  };
}

/** To the API server, kubelets whose certificates another CA signed are silent from now on. */
function cutOff({ nodes, certificates }: Cluster): SimulatedNode[] {
  const { generation } = certificates.now;
  return nodes.filter(
    ({ kind, phase, caGeneration }) => kind !== 'virtual' && phase !== 'Deallocated' && caGeneration !== generation,
  );
}

async function serveLater(
  cluster: Cluster,
  { clock }: Provider,
  operation: Operation,
  { listing, listingSeconds }: RotationRules,
): Promise<void> {
  await operation.done;
  if (listing === 'old') await clock.sleep(listingSeconds * 1000, cluster.end.signal);
  serveNow(cluster.certificates);
}
