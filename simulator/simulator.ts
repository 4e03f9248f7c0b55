import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receive } from './arm/front-door.ts';
import { clusterKey } from './arm/resource-id.ts';
import type { Cluster } from './cluster/cluster.ts';
import { DEFAULT_LOCATION } from './cluster/seed-model.ts';
import { controlEndpoints, isControl } from './control/endpoints.ts';
import { makeServingCertificate } from './http/certificates.ts';
import { countConnections, type ConnectionCount } from './http/connections.ts';
import { listen } from './http/listener.ts';
import type { SimulatorOptions } from './options.ts';
import { makeServices, type Services } from './services.ts';
import { OWNER } from './sign-in/directory.ts';
import { signIn } from './sign-in/endpoints.ts';
import { metadataEndpoints } from './sign-in/metadata-endpoints.ts';
import { makeTestIssuer } from './sign-in/test-issuer.ts';
import { simulatedCluster, type SimulatedCluster } from './simulated-cluster.ts';
import type { Simulator } from './simulator-interface.ts';

/** Starts a simulator. Stop it when done. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const address = { url: '' };
  const services = makeServices(options, () => address.url);
  const { settings, door } = services;
  const { host } = settings;
  const certificate = await makeServingCertificate([host], settings.realNow());
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
