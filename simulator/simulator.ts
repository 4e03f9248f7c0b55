import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receive } from './arm/front-door.ts';
import { clusterKey } from './arm/resource-id.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { ClusterSeed } from './cluster/cluster-seed.ts';
import { DEFAULT_LOCATION } from './cluster/seed-model.ts';
import type { Clock } from './clock.ts';
import { controlEndpoints, isControl } from './control/endpoints.ts';
import type { FaultControl } from './faults.ts';
import { makeServingCertificate } from './http/certificates.ts';
import { countConnections } from './http/connections.ts';
import type { ConnectionCount } from './http/connections.ts';
import { listen } from './http/listener.ts';
import type { JournalEntry } from './journal.ts';
import type { SimulatorOptions } from './options.ts';
import { makeServices } from './services.ts';
import type { Services } from './services.ts';
import { OWNER } from './sign-in/directory.ts';
import type { FederatedCredential, Role } from './sign-in/directory.ts';
import { signIn } from './sign-in/endpoints.ts';
import { metadataEndpoints } from './sign-in/metadata-endpoints.ts';
import { makeTestIssuer } from './sign-in/test-issuer.ts';
import { simulatedCluster } from './simulated-cluster.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import type { Statistics } from './statistics.ts';

export interface ClientSeed {
  readonly roles?: readonly Role[];
  /** Made up unless given. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Object ids of groups; tokens name them, as those of an application with the groups claim do. */
  readonly groups?: readonly string[];
}

/** A running simulator: Azure Resource Manager, the AKS resource provider and Microsoft Entra ID on one HTTPS listener. */
export interface Simulator {
  /** `https://host:port`, the endpoint of ARM. */
  readonly url: string;
  /** The authority host for `@azure/identity`: the same listener. */
  readonly authority: string;
  /** The certificate authority that signed the listener's certificate, as text and as a file that stop() removes. */
  readonly caPem: string;
  readonly caFile: string;
  /** What requests to `/_simulator` have to bring: `Authorization: Bearer …`. */
  readonly controlToken: string;
  readonly tenantId: string;
  /** The subscription of clusters that name none. */
  readonly subscriptionId: string;
  readonly clock: Clock;
  readonly faults: FaultControl;
  /** Adds an application. It may do everything unless roles are given. Throws when there is one of this id. */
  addClient(options?: ClientSeed): { clientId: string; clientSecret: string; objectId: string };
  /** Replaces what an application may do, from its next request on. */
  setRoles(clientId: string, roles: readonly Role[]): void;
  addFederatedCredential(credential: FederatedCredential): void;
  /** A service account token that the application may sign in with, of an issuer of the simulator's own. Valid for an hour. */
  federatedToken(clientId: string): string;
  addResourceGroup(name: string, options?: { subscriptionId?: string; location?: string }): void;
  /** Puts a cluster in. It is served at once; its nodes are there when `ready()` of it resolves. */
  addCluster(seed: ClusterSeed): SimulatedCluster;
  clusters(): SimulatedCluster[];
  /** The cluster of an id, or of a name; also one that has been deleted. Throws when there never was one. */
  cluster(nameOrId: string): SimulatedCluster;
  /** ARM requests in order of arrival. */
  journal(): JournalEntry[];
  clearJournal(): void;
  /** Counts of requests and connections; they go on when the journal has forgotten. */
  statistics(): Statistics;
  clearStatistics(): void;
  /** Ends everything that is under way and stops listening. Node objects stay where they are. */
  stop(): Promise<void>;
}

/** Starts a simulator. Stop it when done. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const address = { url: '', caPem: '' };
  const services = makeServices(
    options,
    () => address.url,
    () => address.caPem,
  );
  const { settings, door } = services;
  const { host } = settings;
  const certificate = await makeServingCertificate([host], settings.realNow());
  address.caPem = certificate.caPem;
  const folder = await mkdtemp(join(tmpdir(), 'aks-simulator-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, certificate.caPem);

  const connections = countConnections(isControl);
  const listener = await listen(settings, certificate, connections, async (request) => {
    return (
      metadataEndpoints(request, address.url) ??
      (await controlEndpoints(request, simulator, settings.controlToken)) ??
      (await signIn(request, services.signIn)) ??
      (await receive(door, request))
    );
  });
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  address.url = `https://${reachable.includes(':') ? `[${reachable}]` : reachable}:${listener.port}`;
  const simulator: Simulator = {
    url: address.url,
    authority: address.url,
    caPem: certificate.caPem,
    caFile,
    ...abilities(services, connections),
    async stop() {
      await listener.close();
      await door.world.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return simulator;
}

function abilities(
  { door, settings }: Services,
  connections: ConnectionCount,
): Omit<Simulator, 'url' | 'authority' | 'caPem' | 'caFile' | 'stop'> {
  const { directory, world, journal, clock, faults, requestCount } = door;
  const issuer = makeTestIssuer(door.url, settings.realNow);
  const handles = new Map<string, SimulatedCluster>();
  const handle = (cluster: Cluster) => {
    const key = clusterKey(cluster.id);
    const known = handles.get(key) ?? simulatedCluster(world, cluster, settings);
    handles.set(key, known);
    return known;
  };
  const clusters = () => world.clusters().map(handle);
  return {
    controlToken: settings.controlToken,
    tenantId: directory.tenantId,
    subscriptionId: world.defaultSubscription,
    clock,
    faults,
    addClient({ roles = OWNER, ...ids } = {}) {
      const { clientId, clientSecret, objectId } = directory.add({ roles, ...ids });
      return { clientId, clientSecret, objectId };
    },
    setRoles(clientId, roles) {
      directory.get(clientId).roles = roles;
    },
    addFederatedCredential: (credential) => void directory.get(credential.clientId).federated.push(credential),
    federatedToken: (clientId) => issuer.tokenFor(directory.get(clientId)),
    addResourceGroup: (name, { subscriptionId = world.defaultSubscription, location = DEFAULT_LOCATION } = {}) =>
      world.addGroup(subscriptionId, name, location),
    addCluster: (seed) => handle(world.addCluster(seed)),
    clusters,
    cluster(nameOrId) {
      const named = (id: string) => id.toLowerCase() === nameOrId.toLowerCase() || id.endsWith(`/${nameOrId}`);
      const found = [...clusters(), ...handles.values()].find(({ resourceId }) => named(resourceId));
      if (found === undefined) throw new Error(`There is no cluster ${nameOrId}`);
      return found;
    },
    journal: () => journal.entries(),
    clearJournal: () => journal.clear(),
    statistics: () => ({ ...requestCount.read(), connections: connections.read() }),
    clearStatistics() {
      requestCount.clear();
      connections.clear();
    },
  };
}
