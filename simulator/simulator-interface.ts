import type { Clock } from './clock.ts';
import type { ClusterSeed } from './cluster/cluster-seed.ts';
import type { FaultControl } from './faults.ts';
import type { JournalEntry } from './journal.ts';
import type { Role, FederatedCredential } from './sign-in/directory.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';
import type { Statistics } from './statistics.ts';

/** A running simulator: Azure Resource Manager, the AKS resource provider and Microsoft Entra ID on one HTTPS listener. */
export interface Simulator {
  /** `https://host:port`, the endpoint of ARM. */
  readonly url: string;
  /** The authority host for `@azure/identity`: the same listener. */
  readonly authority: string;
  /** The certificate authority that signed the listener's certificate, as text and as a file that stop() removes. */
  readonly caPem: string;
  readonly caFile: string;
  /** The credential that requests to `/_simulator` need: `Authorization: Bearer …`. */
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
export interface ClientSeed {
  readonly roles?: readonly Role[];
  /** Made up unless given. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Object ids of groups; tokens name them, as those of an application with the groups claim do. */
  readonly groups?: readonly string[];
}
