import { resourceIdOf } from './arm/resource-id.ts';
import { refuseStart, refuseStop } from './arm/power.ts';
import { refuseRotation } from './arm/rotate-cluster-certificates.ts';
import { applyModel } from './arm/put-managed-cluster.ts';
import { refuseWhileAtWork, refuseWhileBusy } from './arm/refuse-busy.ts';
import { autoscale } from './cluster/autoscaler.ts';
import { certificatesTruth, type CertificatesTruth } from './cluster/certificate-truth.ts';
import { intercept, ownAccess } from './cluster/certificates.ts';
import { joining, publishRootCa } from './cluster/control-planes.ts';
import { listOf } from './cluster/certificate-list.ts';
import { changeCluster, changeNode, changePool } from './cluster/change.ts';
import { isTerminal, type Cluster } from './cluster/cluster.ts';
import type { ClusterSeed } from './cluster/cluster-seed.ts';
import type { TargetAccess } from './nodes/target-access.ts';
import { startForeignOperation, type ForeignOperation } from './cluster/foreign-operation.ts';
import { attachNode, leaveNode, takeNodeUp, type Left } from './cluster/left-nodes.ts';
import type { LockSeed } from './cluster/lock-seed.ts';
import { truthOf } from './cluster/node-truth.ts';
import type { NodeTruth } from './cluster/truth.ts';
import { makeReady } from './cluster/nodes.ts';
import { planEnd, takeEndsBack } from './cluster/planned-end.ts';
import type { OperationEnd } from './cluster/operation-end.ts';
import { startCluster, stopCluster } from './cluster/power.ts';
import { startPowerChange, startScaling } from './cluster/scaling.ts';
import { beginShortage, endShortage, type Shortage } from './cluster/shortage.ts';
import { evictMachine } from './cluster/spot.ts';
import { startRotation } from './cluster/rotate.ts';
import type { RequestEnd, Requestor } from './nodes/kubelet-certificates.ts';
import { isRenewal } from './cluster/renew-certificates.ts';
import { cancelOperation } from './cluster/run-operation.ts';
import { clusterText, clusterView } from './cluster/view.ts';
import { startEndlessTarget, type EndlessTarget, type EndlessTargetOptions } from './endless-target.ts';
import { plain, withPlain } from './json/access.ts';
import type { World } from './world.ts';

export interface StateChange {
  readonly provisioningState?: string;
  readonly powerState?: 'Running' | 'Stopped';
  /** Provisioning states by pool. */
  readonly poolStates?: Readonly<Record<string, string>>;
}

/** Machines to come that take longer to be ready. */
export interface Delay {
  /** Default: any pool's; auto-provisioned ones too. */
  readonly pool?: string;
  /** Simulated seconds more; without, they are never ready. */
  readonly seconds?: number;
  /** Those that are reimaged do not even register meanwhile: their operation hangs until it is aborted. Default false. */
  readonly unregistered?: boolean;
  /** How many machines. Default 1. */
  readonly machines?: number;
}

/** A certificate signing request of a kubelet. */
export interface KubeletRenewal {
  /** Default `renewal`. */
  readonly requestor?: Requestor;
  /** Default `Issued`. */
  readonly end?: RequestEnd;
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
  /** Resolves when the nodes are there, no operation is running, and the autoscaler has nothing to do. */
  idle(): Promise<void>;
  /** Says so, whatever is the case. */
  setState(change: StateChange): void;
  startForeignOperation(operation: ForeignOperation): void;
  /** Another person's rotation of the cluster's certificates: as a POST, but not in the journal. Throws while an operation runs. */
  rotateCertificates(): void;
  /** The certificates that the control plane really has. */
  certificates(): Promise<CertificatesTruth>;
  /** An account that the API server takes now, for a test's own use: `system:masters`. Throws where the cluster has none of its own. */
  adminAccess(): Promise<TargetAccess>;
  /** Lets a node's kubelet ask for another client certificate, as it does at 70 to 90 % of its life. Nothing where nodes are in memory. */
  renewKubelet(node: string, request?: KubeletRenewal): Promise<void>;
  /** Shows clients a certificate of another authority in handshakes, or no longer. Throws where the simulator sets no API server up. */
  interceptTls(on: boolean): Promise<void>;
  /** Clients are outside of the API server's authorized IP ranges, or no longer: nothing that they send is answered. Throws without `handshakes`. */
  shutOut(on: boolean): void;
  /** The tunnel from the API server to the nodes breaks, or its agents are started again and it works. Throws without `metricsServer`. */
  setTunnel(works: boolean): Promise<void>;
  /** Publishes the cluster CA in every namespace at once, new ones too. */
  publishRootCa(): Promise<void>;
  /** Another person's change of the list: as a PUT, but not in the journal. Throws while an operation runs. */
  changeList(elements: readonly string[]): void;
  /** Changes the list in the model and nothing else: not the eTag, no node. */
  setListSilently(elements: readonly string[]): void;
  /** Stops the cluster, as its owner does: an operation, after which it has no nodes. Throws while another one runs. */
  stop(): void;
  /** Starts it again: its pools get new machines. */
  start(): void;
  /** Deletes the cluster and its nodes at once; a running operation is preempted. */
  delete(): Promise<void>;
  /** Makes a cluster of the same id and seed again, another one to AKS. */
  recreate(seed?: Partial<ClusterSeed>): Promise<void>;
  /** Asks the running operation to stop: Canceling, then Canceled. */
  abort(): void;
  /** As abort; resolves when it is Canceled. */
  cancelRunning(): Promise<void>;
  /** The next operation fails when so many nodes are replaced (default 0). */
  failNextOperation(failure: { code: string; message: string; afterNodes?: number }): void;
  /** Operations to come fail, are canceled, or hang: all of them, where `times` does not say how many. */
  endOperations(end: OperationEnd): void;
  /** Operations end well again; those that hang go on. */
  letOperationsEnd(): void;
  /** Operations pass a node of the pool over from now on: the named one, or the one of the lowest index. Resolves to its name. */
  leaveNode(pool: string, how: Left, name?: string): Promise<string>;
  /** Adds a machine to a pool that AKS does not know of. Resolves to its name. */
  attachNode(pool: string): Promise<string>;
  /** Operations replace a node again that was left or attached. */
  takeNodeUp(name: string): Promise<void>;
  /** Hands out other kubeconfigs from now on, as after a rotation; nodes are still made with those of the seed, which are the default. */
  setAccess(access?: TargetAccess): void;
  /** Hands out kubeconfigs of a server whose lists never end, until the cluster is gone or `setAccess` names another. */
  serveEndlessTarget(options?: EndlessTargetOptions): Promise<EndlessTarget>;
  /** As an autoscaler or a person does: only the pool shows it. */
  scale(pool: string, count: number): void;
  /** Adds nodes, or with a negative number removes some, as the cluster autoscaler does: in mid-operation too, and without one. */
  autoscale(pool: string, by: number): void;
  /** Takes a machine away at once, as Azure does with spot machines: the named one, or the one of the lowest index. Throws when there is none. */
  evictMachine(pool: string, name?: string): void;
  /** From now on no machine can be had, for a pool or for all. */
  beginShortage(shortage: Shortage): void;
  endShortage(pool?: string): void;
  /** Puts these locks on the group of its machines, in the place of those that are there. */
  setLocks(locks: readonly LockSeed[]): void;
  /** Machines that are made or reimaged from now on are late. */
  delayMachines(delay?: Delay): void;
  /** Lets a node's kubelet say that it is ready, or that it is not. Throws when there is no such node. */
  setNodeReady(name: string, ready: boolean): Promise<void>;
  /** Takes a pool's nodes away; the operation shows in the pool only. */
  stopPool(pool: string): void;
  startPool(pool: string): void;
  /** Deletes what the upgrader has said so far, as API servers do after an hour. */
  loseEvents(): Promise<void>;
  /** Resolves when every auto-provisioned node that had drifted is replaced. */
  driftOver(): Promise<void>;
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
      for (let cluster = world.cluster(id); cluster !== undefined && isBusy(cluster); cluster = world.cluster(id)) {
        await Promise.all([cluster.operation?.done, cluster.deletion?.done, ...cluster.background]);
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
      // AKS renews the certificates of a stopped control plane, too.
      (isRenewal(operation.kind) ? refuseWhileAtWork : refuseWhileBusy)(now(), provider);
      startForeignOperation(now(), provider, operation);
    },
    rotateCertificates() {
      refuseRotation(now(), provider);
      startRotation(now(), provider);
    },
    certificates: () => certificatesTruth(now().certificates),
    async adminAccess() {
      const { access, certificates, controlPlane } = now();
      if (access !== undefined) return access;
      if (controlPlane === undefined) throw new Error('The cluster has no API server');
      return ownAccess(certificates, () => controlPlane.server)();
    },
    async renewKubelet(node, { requestor = 'renewal', end = 'Issued' } = {}) {
      await now().registry.requestCertificate(joining(now(), node, provider.realNow(), { requestor, end }));
    },
    async interceptTls(on) {
      const { certificates, controlPlane } = now();
      if (controlPlane === undefined) throw new Error('The cluster has no listener: seed it with handshakes');
      await intercept(certificates, controlPlane, on, provider.realNow());
    },
    shutOut(on) {
      const { controlPlane } = now();
      if (controlPlane?.shutOut === undefined) throw new Error('The cluster has no listener: seed it with handshakes');
      controlPlane.shutOut(on);
    },
    async setTunnel(works) {
      const { metricsServer, registry } = now();
      if (metricsServer === undefined) throw new Error('The cluster has no metrics server: seed it with metricsServer');
      await metricsServer.setTunnel(works);
      await registry.registerMetricsServer(metricsServer.port);
    },
    publishRootCa: () => publishRootCa(now()),
    changeList(elements) {
      refuseWhileBusy(now(), provider);
      applyModel(now(), provider, withList(elements));
    },
    setListSilently(elements) {
      const cluster = now();
      cluster.model = withList(elements);
      cluster.listGeneration++;
    },
    stop() {
      refuseStop(now(), provider);
      stopCluster(now(), provider);
    },
    start() {
      refuseStart(now(), provider);
      startCluster(now(), provider);
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
    failNextOperation: (failure) => planEnd(now(), { end: 'Failed', times: 1, ...failure }),
    endOperations: (end) => planEnd(now(), end),
    letOperationsEnd: () => takeEndsBack(now()),
    leaveNode: (pool, how, name) => leaveNode(now(), pool, how, name),
    attachNode: (pool) => attachNode(now(), provider, pool),
    takeNodeUp: (name) => takeNodeUp(now(), name),
    setAccess(access) {
      now().access = access ?? now().seed.kubeconfig;
    },
    async serveEndlessTarget(options) {
      const cluster = now();
      const target = await startEndlessTarget(options);
      cluster.end.signal.addEventListener('abort', () => void target.stop(), { once: true });
      cluster.access = target.access;
      return target;
    },
    scale(pool, count) {
      refusePoolOperation(now());
      startScaling(now(), provider, pool, count);
    },
    autoscale: (pool, by) => autoscale(now(), provider, pool, by),
    evictMachine: (pool, name) => evictMachine(now(), provider, pool, name),
    beginShortage: (shortage) => beginShortage(now(), shortage),
    endShortage: (pool) => endShortage(now(), pool),
    setLocks: (locks) => void (now().locks = locks),
    delayMachines({ pool, seconds = Infinity, unregistered = false, machines = 1 } = {}) {
      const cluster = now();
      cluster.lateness = [...cluster.lateness, { pool, seconds, unregistered, machines }];
    },
    async setNodeReady(name, ready) {
      const cluster = now();
      const node = cluster.nodes.find((one) => one.name === name);
      if (node === undefined) throw new Error(`There is no node ${name}`);
      if (ready) return makeReady(cluster, node);
      changeNode(cluster, name, { phase: 'NotReady' });
      await cluster.registry.notReady(node);
    },
    stopPool(pool) {
      refusePoolOperation(now());
      startPowerChange(now(), provider, pool, 'Stopped');
    },
    startPool(pool) {
      refusePoolOperation(now());
      startPowerChange(now(), provider, pool, 'Running');
    },
    loseEvents: () => now().registry.loseEvents(),
    async driftOver() {
      await self.idle();
      while (world.cluster(id)?.drift !== undefined) await world.cluster(id)?.drift;
    },
  };
  return self;
}

function isBusy({ operation, deletion, background }: Cluster): boolean {
  return operation !== undefined || deletion !== undefined || background.size > 0;
}

function refusePoolOperation({ id, state }: Cluster): void {
  if (!isTerminal(state.provisioningState)) throw new Error(`${resourceIdOf(id)} is ${state.provisioningState}`);
}
