import { resourceIdOf } from './arm/resource-id.ts';
import { applyModel, refuseWhileBusy } from './arm/put-managed-cluster.ts';
import { certificatesIn, listOf } from './cluster/certificate-list.ts';
import { changeCluster, changePool } from './cluster/change.ts';
import { isTerminal } from './cluster/cluster.ts';
import type { Cluster, SimulatedNode } from './cluster/cluster.ts';
import type { ClusterSeed, TargetAccess } from './cluster/cluster-seed.ts';
import { startForeignOperation } from './cluster/foreign-operation.ts';
import type { ForeignOperation } from './cluster/foreign-operation.ts';
import { startScaling } from './cluster/scaling.ts';
import { cancelOperation } from './cluster/run-operation.ts';
import { clusterText, clusterView } from './cluster/view.ts';
import { plain, withPlain } from './json/access.ts';
import type { World } from './world.ts';

/** What a node really is and has, whatever is said of it. */
export interface NodeTruth {
  readonly name: string;
  readonly pool: string;
  readonly osType: 'Linux' | 'Windows';
  readonly surge: boolean;
  readonly phase: SimulatedNode['phase'];
  readonly uid: string;
  readonly bootId: string;
  /** Of the Node object where there is an API server, else simulated time; ISO 8601. */
  readonly createdAt: string;
  /** Elements of the list it was born with, in order. */
  readonly bornWith: readonly string[];
  /** SHA-256 of the certificates in them, lower-case hex. */
  readonly fingerprints: readonly string[];
  /** Which list it was born on, counted in changes of the list since the cluster was put in. */
  readonly bornOnModel: number;
  readonly kubeletVersion: string;
}

export interface StateChange {
  readonly provisioningState?: string;
  readonly powerState?: 'Running' | 'Stopped';
  /** Provisioning states by pool. */
  readonly poolStates?: Readonly<Record<string, string>>;
}

/** A handle on a cluster by its id: after delete and recreate it is the new one's. Methods throw when there is none. */
export interface SimulatedCluster {
  readonly resourceId: string;
  readonly exists: boolean;
  readonly resourceUid: string;
  readonly eTag: string;
  readonly provisioningState: string;
  /** Resolves when the nodes it starts with are there. */
  ready(): Promise<void>;
  /** Sorted by name; a Node that is being reimaged is among them. */
  nodes(): NodeTruth[];
  /** The body of a GET, parsed. */
  model(): unknown;
  /** The body of a GET as text. */
  modelText(): string;
  /** The elements of the model's list. */
  list(): string[];
  /** Resolves when the nodes are there and no operation is running. */
  idle(): Promise<void>;
  /** Says so, whatever is the case. */
  setState(change: StateChange): void;
  startForeignOperation(operation: ForeignOperation): void;
  /** Another person's change of the list: as a PUT, but not in the journal. Throws while an operation runs. */
  changeList(elements: readonly string[]): void;
  /** Changes the list in the model and nothing else: not the eTag, no node. */
  setListSilently(elements: readonly string[]): void;
  /** Deletes the cluster and its nodes; a running operation is preempted. */
  delete(): Promise<void>;
  /** Makes a cluster of the same id and seed again, another one to AKS. */
  recreate(seed?: Partial<ClusterSeed>): Promise<void>;
  /** Asks the running operation to stop: Canceling, then Canceled. */
  abort(): void;
  /** As abort; resolves when it is Canceled. */
  cancelRunning(): Promise<void>;
  /** The next operation fails when so many nodes are replaced (default 0). */
  failNextOperation(failure: { code: string; message: string; afterNodes?: number }): void;
  /** Hands out other kubeconfigs from now on, as after a rotation; nodes are still made with those of the seed. */
  setAccess(access: TargetAccess): void;
  /** As an autoscaler or a person does: only the pool shows it. */
  scale(pool: string, count: number): void;
}

export function simulatedCluster(world: World, first: Cluster, settings: { eTags: boolean }): SimulatedCluster {
  const { id } = first;
  const { provider } = world;
  const now = (): Cluster => {
    const cluster = world.cluster(id);
    if (cluster === undefined) throw new Error(`There is no cluster ${resourceIdOf(id)}`);
    return cluster;
  };
  const withList = (elements: readonly string[]) =>
    withPlain(now().model, ['properties', 'securityProfile', 'customCATrustCertificates'], elements);
  const self: SimulatedCluster = {
    resourceId: resourceIdOf(id),
    get exists() {
      return world.cluster(id) !== undefined;
    },
    get resourceUid() {
      return now().resourceUid;
    },
    get eTag() {
      return now().state.eTag;
    },
    get provisioningState() {
      return now().state.provisioningState;
    },
    ready: () => now().ready,
    nodes: () =>
      now()
        .nodes.map(truthOf)
        .sort((a, b) => a.name.localeCompare(b.name)),
    model: () => plain(clusterView(now(), settings)),
    modelText: () => clusterText(now(), settings),
    list: () => listOf(now().model),
    async idle() {
      await world.cluster(id)?.ready;
      for (let running = world.cluster(id)?.operation; running !== undefined; running = world.cluster(id)?.operation) {
        await running.done;
      }
    },
    setState({ provisioningState, powerState, poolStates = {} }) {
      changeCluster(now(), provider.random, {
        ...(provisioningState === undefined ? {} : { provisioningState }),
        ...(powerState === undefined ? {} : { powerState }),
      });
      for (const [pool, state] of Object.entries(poolStates)) {
        changePool(now(), provider.random, pool, { provisioningState: state });
      }
    },
    startForeignOperation(operation) {
      refuseWhileBusy(now());
      startForeignOperation(now(), provider, operation);
    },
    changeList(elements) {
      refuseWhileBusy(now());
      applyModel(now(), provider, withList(elements));
    },
    setListSilently(elements) {
      const cluster = now();
      cluster.model = withList(elements);
      cluster.listGeneration++;
    },
    delete: () => world.removeCluster(id),
    async recreate(seed = {}) {
      await world.removeCluster(id);
      await world.addCluster({ ...first.seed, ...id, ...seed }).ready;
    },
    abort() {
      if (!cancelOperation(now(), provider)) throw new Error('No operation is running');
    },
    async cancelRunning() {
      const running = now().operation;
      self.abort();
      await running?.done;
    },
    failNextOperation({ code, message, afterNodes = 0 }) {
      now().plannedFailure = { code, message, afterNodes };
    },
    setAccess(access) {
      now().access = access;
    },
    scale(pool, count) {
      if (!isTerminal(now().state.provisioningState))
        throw new Error(`${resourceIdOf(id)} is ${now().state.provisioningState}`);
      startScaling(now(), provider, pool, count);
    },
  };
  return self;
}

function truthOf({
  name,
  pool,
  osType,
  surge,
  phase,
  uid,
  bootId,
  createdAt,
  bornWith,
  listGeneration,
  kubeletVersion,
}: SimulatedNode): NodeTruth {
  const fingerprints = bornWith.flatMap(certificatesIn);
  return {
    name,
    pool,
    osType,
    surge,
    phase,
    uid,
    bootId,
    createdAt,
    bornWith,
    fingerprints,
    bornOnModel: listGeneration,
    kubeletVersion,
  };
}
