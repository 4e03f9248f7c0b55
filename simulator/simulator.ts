import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { receive } from './arm/front-door.ts';
import { resourceIdOf } from './arm/resource-id.ts';
import { makeThrottling } from './arm/throttling.ts';
import type { ClusterSeed } from './cluster/cluster-seed.ts';
import { clusterText } from './cluster/view.ts';
import { runningClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { makeFaults } from './faults.ts';
import type { FaultControl } from './faults.ts';
import type { Incoming } from './http/answer.ts';
import { makeServingCertificate } from './http/certificates.ts';
import { listen } from './http/listener.ts';
import type { Reply } from './http/listener.ts';
import { makeJournal } from './journal.ts';
import type { JournalEntry } from './journal.ts';
import { settingsOf } from './options.ts';
import type { SimulatorOptions } from './options.ts';
import { seededRandom } from './random.ts';
import { makeBearerTokens } from './sign-in/bearer.ts';
import { makeDirectory, OWNER } from './sign-in/directory.ts';
import type { FederatedCredential, Role } from './sign-in/directory.ts';
import { signIn } from './sign-in/endpoints.ts';
import { metadataEndpoints } from './sign-in/metadata-endpoints.ts';
import { makeSigningKey } from './sign-in/signing-key.ts';
import { makeTestIssuer } from './sign-in/test-issuer.ts';
import { simulatedCluster } from './simulated-cluster.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import { makeWorld } from './world.ts';

/** A running simulator: Azure Resource Manager, the AKS resource provider and Microsoft Entra ID on one HTTPS listener. */
export interface Simulator {
  /** `https://host:port`, the endpoint of ARM. */
  readonly url: string;
  /** The authority host for `@azure/identity`: the same listener. */
  readonly authority: string;
  /** The certificate authority that signed the listener's certificate, as text and as a file that stop() removes. */
  readonly caPem: string;
  readonly caFile: string;
  readonly tenantId: string;
  /** The subscription of clusters that name none. */
  readonly subscriptionId: string;
  readonly clock: Clock;
  readonly faults: FaultControl;
  /** Adds an application. It may do everything unless roles are given. */
  addClient(options?: { roles?: readonly Role[] }): { clientId: string; clientSecret: string; objectId: string };
  /** Replaces what an application may do, from its next request on. */
  setRoles(clientId: string, roles: readonly Role[]): void;
  addFederatedCredential(credential: FederatedCredential): void;
  /** A service account token that the application may sign in with, of an issuer of the simulator's own. Valid for an hour. */
  federatedToken(clientId: string): string;
  addResourceGroup(name: string, options?: { subscriptionId?: string; location?: string }): void;
  /** Puts a cluster in. It is served at once; its nodes are there when `ready()` of it resolves. */
  addCluster(seed: ClusterSeed): SimulatedCluster;
  clusters(): SimulatedCluster[];
  /** ARM requests in order of arrival. */
  journal(): JournalEntry[];
  clearJournal(): void;
  /** Ends everything that is under way and stops listening. Node objects stay where they are. */
  stop(): Promise<void>;
}

/** Starts a simulator. Stop it when done. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = settingsOf(options);
  const { realNow, eTags } = settings;
  const clock = options.clock ?? runningClock(settings.speed, realNow);
  const random = seededRandom(settings.seed);
  const directory = makeDirectory(random);
  const { nodeSeconds, overheadSeconds, surgeAfterFailure } = settings;
  const world = makeWorld(
    { clock, random, realNow, nodeSeconds, overheadSeconds, surgeAfterFailure },
    directory.tenantId,
  );
  const key = makeSigningKey();
  const address = { url: '' };
  const url = () => address.url;
  const tokens = makeBearerTokens({
    key,
    tenantId: directory.tenantId,
    issuer: () => `${url()}/${directory.tenantId}/`,
    audience: url,
    realNow,
  });
  const faults = makeFaults({
    now: () => clock.now(),
    snapshot: (resourceId) =>
      new Map(
        world
          .clusters()
          .map((cluster) => [resourceIdOf(cluster.id).toLowerCase(), clusterText(cluster, { eTags })] as const)
          .filter(([id]) => resourceId === undefined || id === resourceId.toLowerCase()),
      ),
  });
  const journal = makeJournal(settings.journalLimit);
  const door = {
    world,
    directory,
    tokens,
    faults,
    journal,
    clock,
    url,
    throttling: makeThrottling(clock, settings.throttling),
    settings: {
      apiVersions: settings.apiVersions,
      eTags,
      pageSize: settings.pageSize,
      list: { unwrapped: settings.unwrappedListErrors, pem: settings.pem },
    },
  };
  const signInSettings = { directory, tokens, key, url, tokenSeconds: settings.tokenSeconds, realNow, faults, clock };
  const handle = async (request: Incoming): Promise<Reply> =>
    metadataEndpoints(request, url()) ?? (await signIn(request, signInSettings)) ?? (await receive(door, request));

  const certificate = await makeServingCertificate([settings.host], realNow());
  const listener = await listen(settings, certificate, handle);
  const host = settings.host === '0.0.0.0' || settings.host === '::' ? '127.0.0.1' : settings.host;
  address.url = `https://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  const folder = await mkdtemp(join(tmpdir(), 'aks-simulator-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, certificate.caPem);
  const issuer = makeTestIssuer(url, realNow);

  return {
    url: url(),
    authority: url(),
    caPem: certificate.caPem,
    caFile,
    tenantId: directory.tenantId,
    subscriptionId: world.defaultSubscription,
    clock,
    faults,
    addClient({ roles = OWNER } = {}) {
      const { clientId, clientSecret, objectId } = directory.add(roles);
      return { clientId, clientSecret, objectId };
    },
    setRoles(clientId, roles) {
      directory.get(clientId).roles = roles;
    },
    addFederatedCredential: (credential) => void directory.get(credential.clientId).federated.push(credential),
    federatedToken: (clientId) => issuer.tokenFor(directory.get(clientId)),
    addResourceGroup: (name, { subscriptionId = world.defaultSubscription, location = 'westeurope' } = {}) =>
      world.addGroup(subscriptionId, name, location),
    addCluster: (seed) => simulatedCluster(world, world.addCluster(seed), { eTags }),
    clusters: () => world.clusters().map((cluster) => simulatedCluster(world, cluster, { eTags })),
    journal: () => journal.entries(),
    clearJournal: () => journal.clear(),
    async stop() {
      await listener.close();
      await world.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
