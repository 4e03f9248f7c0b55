import { kubeletDays, validityOf } from '../certificates/cluster-pki.ts';
import { at, stringOf } from '../json/access.ts';
import type { JsonObject } from '../json/syntax.ts';
import type { ControlPlane, OwnControlPlane } from '../nodes/control-plane.ts';
import { startMetricsServer } from '../nodes/metrics-server.ts';
import { handshakeServer } from '../nodes/handshake-server.ts';
import type { KubeletRequest } from '../nodes/kubelet-certificates.ts';
import { kubeApiServers } from '../programs/kube-apiservers.ts';
import type { TargetAccess } from '../nodes/target-access.ts';
import { install, ownAccess, type ClusterCertificates } from './certificates.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterSeed } from './cluster-seed.ts';

/** The API server of a cluster's own certificates, and whether Node objects can be made in it. */
export interface Behind {
  readonly controlPlane: ControlPlane;
  readonly hasObjects: boolean;
  /** Ends what the simulator itself has started. */
  stop(): Promise<void>;
}

/** Undefined where an API server has certificates that are not the simulator's, and where there is none. */
export function behind({ handshakes = false, kubeconfig, controlPlane, apiServer }: ClusterSeed): Behind | undefined {
  if (controlPlane !== undefined) return { controlPlane, hasObjects: true, stop: async () => {} };
  if (apiServer !== undefined) return started(kubeApiServers(apiServer), true);
  if (handshakes === false || kubeconfig !== undefined) return undefined;
  return started(handshakeServer(handshakes === true ? 1 : handshakes.replicas), false);
}

function started(controlPlane: OwnControlPlane, hasObjects: boolean): Behind {
  return { controlPlane, hasObjects, stop: () => controlPlane.stop() };
}

/** The names of a cluster's API server that its certificate has. */
export function hostsOf(model: JsonObject): string[] {
  const names = ['fqdn', 'privateFQDN'].map((key) => stringOf(at(model, 'properties', key)) ?? '');
  return [
    ...names.filter((name) => name !== ''),
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'localhost',
    '127.0.0.1',
    '10.0.0.1',
  ];
}

/** How the simulator itself talks to the API server that the nodes are in; undefined where they are in memory. */
export function registryAccess(
  { kubeconfig }: ClusterSeed,
  own: Behind | undefined,
  certificates: ClusterCertificates,
): (() => Promise<TargetAccess>) | undefined {
  if (own?.hasObjects === true) return ownAccess(certificates, () => own.controlPlane.server);
  return kubeconfig === undefined ? undefined : async () => kubeconfig;
}

/** Starts every API server of a new cluster, and publishes its CA. */
export async function startControlPlane(cluster: Cluster): Promise<void> {
  const { controlPlane, certificates } = cluster;
  if (controlPlane === undefined) return;
  for (let replica = 0; replica < (controlPlane.replicas ?? 1); replica++) {
    await install(certificates, controlPlane, replica);
  }
  await cluster.registry.allowJoining();
  await publishRootCa(cluster);
  if (cluster.seed.metricsServer !== true) return;
  const metricsServer = await startMetricsServer();
  cluster.metricsServer = metricsServer;
  cluster.end.signal.addEventListener('abort', () => void metricsServer.stop(), { once: true });
  await cluster.registry.registerMetricsServer(metricsServer.port);
}

/** Publishes the cluster CA in every namespace at once. */
export async function publishRootCa({ certificates, registry }: Cluster): Promise<void> {
  await registry.publishRootCa({
    caPem: async () => (await certificates.now.authority()).certPem,
    pause: async () => {},
  });
}

/** The request of a machine that joins at that time, in real milliseconds since 1970; or of a kubelet that renews its certificate. */
export function joining(
  { certificates: { settings, now }, kubeletEnds }: Cluster,
  node: string,
  at: number,
  { requestor = settings.seed.joinsWith ?? 'bootstrapToken', end = 'Issued' }: Partial<KubeletRequest> = {},
): KubeletRequest {
  const validity = validityOf(at, kubeletDays(settings.seed));
  if (end === 'Issued') kubeletEnds.set(node, validity.notAfter);
  return { node, requestor, end, authority: now.authority, validity };
}
