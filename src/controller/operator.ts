import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { CertificateRotation } from '../api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../api/generated/targetclusters.ts';
import type { ClusterObject } from '../api/cluster-object.ts';
import { TARGET_CLUSTERS } from '../api/names.ts';
import { clusterKey, parseClusterId, type ClusterId } from '../api/resource-id.ts';
import type { ApiServerToken } from '../azure/api-server-token.ts';
import type { ManagedClusters } from '../azure/managed-clusters.ts';
import type { CertificateReader } from '../certificates/reader.ts';
import { createBrake } from '../cluster/operation/brake.ts';
import { createGather, type GatherInput } from '../cluster/observe/gather.ts';
import { createNodeReader } from '../cluster/node-access/node-reader.ts';
import { createObjectWrites, type WriteKind } from '../cluster/act/object-writes.ts';
import { KINDS } from '../cluster/kinds/index.ts';
import { intentName } from '../cluster/model/intent.ts';
import { createObjectCaches } from './object-caches.ts';
import { isEdited, isRotation, isSettled, isTrust, pathOf, refusedWrite, requestOf } from './object-changes.ts';
import { createMutationCache } from '../kubernetes/cache/mutation-cache.ts';
import { reconcileCluster, type ReconcileSummary, type ReconcileTools } from '../cluster/reconcile.ts';
import { createRecords } from '../cluster/act/record-store.ts';
import { createRequestPace } from './request-pace.ts';
import { queueStateOf } from '../cluster/operation/slot.ts';
import { createIdleClusters } from './idle-clusters.ts';
import { createTargetAccess } from '../cluster/node-access/access.ts';
import type { TargetAccessOptions } from '../cluster/node-access/target-way.ts';
import type { Handshake } from '../cluster-certificates/read/source.ts';
import { createConsumerFinder } from '../cluster/find-consumers/finder.ts';
import { createCertificateWatcher, type WatcherOptions } from '../cluster/watch-certificates/watcher.ts';
import { createRotationProver } from '../cluster/prove-rotation/prover.ts';
import { createCredentialVault } from '../cluster/prove-rotation/vault.ts';
import { createKubeconfigFollowUp } from '../cluster/write-kubeconfig/follow-up.ts';
import { createKubeconfigWriter } from '../cluster/write-kubeconfig/writer.ts';
import { createVerifier } from '../cluster/verify/pods/runner.ts';
import type { AccessRules } from '../cluster/model/way.ts';
import type { Timing } from '../cluster/model/timing.ts';
import { sameGrants, type Policy } from '../policy/policy.ts';
import { get } from '../kubernetes/client/verbs.ts';
import type { Connection } from '../kubernetes/client/connection.ts';
import { createReflector, type Change } from '../kubernetes/cache/reflector.ts';
import { createSharedTexts } from '../kubernetes/cache/shared-texts.ts';
import { Store } from '../kubernetes/cache/store.ts';
import { runController, type ControllerOptions, type Reconcile, type Result } from '../runtime/controller.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logging.ts';
import { aborted, type Part } from '../runtime/manager.ts';
import type { WorkQueue } from '../runtime/queue.ts';
import { logReconcile } from './reconcile-log.ts';

export interface OperatorOptions {
  /** Connection to the management API server; a {@link fenceWrites} may refuse its writes. */
  readonly connection: Connection;
  readonly arm: ManagedClusters;
  /** Token for the API servers of target clusters that use Microsoft Entra ID. */
  readonly apiServerToken: ApiServerToken;
  /** Suffixes of the names of API servers that may receive this token; absent: any may. */
  readonly apiServerSuffixes?: readonly string[] | undefined;
  readonly reader: CertificateReader;
  /** The policy in force at this moment; default: none. */
  readonly policy?: () => Policy;
  readonly queue: WorkQueue;
  readonly clock: Clock;
  /** Time of a monotonic clock, in ms; default: that of `clock`. */
  readonly elapsed?: () => number;
  readonly random: () => number;
  readonly timing: Timing;
  readonly workers: number;
  /** Most clusters that change at the same time; default: no limit. */
  readonly maxChangingClusters?: number;
  readonly logger: Logger;
  readonly emit: ReconcileTools['emit'];
  /** Called for each write to an object that the API server refuses; for metrics. */
  readonly onWriteRefused?: (kind: WriteKind) => void;
  readonly maintenance: GatherInput['maintenance'];
  readonly metrics?: Parameters<typeof runController>[0]['metrics'];
  /** Clusters that this process works on, by lower-cased resource id; default: all. */
  readonly mine?: (key: string) => boolean;
  /** Called with the present state of each object, and with undefined once it is deleted; for metrics. */
  readonly onTrust?: (key: string, object: CustomCATrust | undefined) => void;
  readonly onRotation?: (key: string, object: CertificateRotation | undefined) => void;
  readonly onRecord?: (name: string, record: TargetCluster | undefined) => void;
  /** Called with the summary of each reconcile; for metrics. */
  readonly onReconciled?: (summary: ReconcileSummary) => void;
  /** Rules for access to target clusters, from policy file and flags; default: none. */
  readonly rules?: AccessRules;
  /** Opens bounded connections to the API servers of target clusters, behind the same fence as `connection`. */
  readonly connectTarget: NonNullable<TargetAccessOptions['open']>;
  /** Reads the certificate that the API server of a target cluster shows; absent: that is not read. */
  readonly handshake?: Handshake;
  /** The Prometheus with the metrics of a cluster's kubelets; absent: none is asked. */
  readonly prometheus?: WatcherOptions['prometheus'];
}

export interface Operator {
  /** Fills the caches; ready once each has its first list. */
  readonly caches: Part;
  /**
   * Lists all caches again in a process that has just acquired the lease. A watch may have been dead for minutes, and certificates
   * that the last leader added in that time must not be taken for unwanted ones.
   */
  readonly freshCaches: Part;
  /** Reconciles clusters. Needs full caches: some rules consider every object of a cluster. */
  readonly controller: Part;
  /** Numbers of clusters that are changing, and of those whose change waits for them. */
  changing(): { readonly changing: number; readonly waiting: number };
  /** Queues the clusters of objects whose grants have changed. */
  policyChanged(before: Policy, after: Policy): void;
  /** Namespaces of the objects that name a cluster, by its lower-cased resource id. */
  namespacesOf(key: string): readonly string[];
  hasSynced(): boolean;
  /** True when a cache has stopped trying, which only a restart resolves; not while the API server is away. */
  isStuck(): boolean;
}

const BY_CLUSTER = 'cluster';

/** Composes the controller: the watches feed one queue of clusters, and each key is reconciled. */
export function createOperator(options: OperatorOptions): Operator {
  const { connection, queue, clock, random, logger, mine = () => true } = options;
  const texts = createSharedTexts();
  // Every map by cluster keeps its key, which is longer than most of what it has for it.
  const keyOf = (resourceId: string) => texts.text(clusterKey(resourceId));
  const records = new Store<TargetCluster>({
    indexers: { [BY_CLUSTER]: ({ spec }) => [keyOf(spec.resourceId)] },
    texts,
  });
  const overlay = createMutationCache<ClusterObject>((object) => objects.get(object)?.metadata.resourceVersion);
  const recordsOfClusters = createRecords(connection, records);
  const now = () => clock.now();
  const onOperatorTrouble = ({ resourceId }: ClusterId, fault: string) =>
    logger.warn({ cluster: resourceId, fault }, 'The kubeconfig that the policy file names cannot be used.');
  const requests = createRequestPace(options.timing.reconcileRequest);
  const access = createTargetAccess({
    management: connection,
    arm: options.arm,
    apiServerToken: options.apiServerToken,
    apiServerSuffixes: options.apiServerSuffixes,
    now,
    askAgainMs: options.timing.kubeconfig,
    open: options.connectTarget,
    onOperatorTrouble,
  });
  const { apiServerToken, apiServerSuffixes, connectTarget: open } = options;
  const target = { apiServerToken, apiServerSuffixes, open };
  const kubeconfigs = createKubeconfigWriter({ ...target, management: connection });
  const { arm, timing } = options;
  const vault = createCredentialVault({ open, now });
  const prover = createRotationProver({ ...target, arm, access, vault, now, timing });
  const longestSilenceMs = options.timing.watchSilence;
  const nodes = createNodeReader(access, clock, { onOperatorTrouble, longestSilenceMs });
  const reflect = { connection, clock, random, longestSilenceMs, logger };
  const objects = createObjectCaches({
    ...{ kinds: KINDS, keyOf, texts, reflect },
    hasPolicy: options.policy !== undefined,
    onChange: onObject,
  });
  const reflectors = [
    ...objects.reflectors,
    createReflector({ ...reflect, path: TARGET_CLUSTERS, store: records, onChange: onRecord }),
  ];

  const idleClusters = createIdleClusters({
    arm: options.arm,
    clock,
    random,
    interval: options.timing.drift,
    clusters,
    wake: (key, afterMs = 0) => queue.addAfter(key, afterMs),
    onError: (error) =>
      logger.error({ err: error }, 'A round over the clusters at rest has failed; the next one runs as planned.'),
    onRound: ({ clusters, woken, requests }) =>
      logger.info({ clusters, woken, requests }, 'A round over the clusters at rest is done.'),
  });

  const writes = createObjectWrites({
    connection,
    overlay,
    now,
    onRefused(object, kind, message) {
      const { namespace = '', name } = object.metadata;
      logger.warn({ object: `${namespace}/${name}`, kind, message }, 'The API server refuses a write to an object.');
      options.emit(object, { type: 'Warning', reason: 'WriteRefused', message: refusedWrite(kind, message) });
      options.onWriteRefused?.(kind);
    },
  });
  const brake = createBrake({
    limit: options.maxChangingClusters ?? 0,
    now,
    wake: (key) => queue.add(key),
    askAgainMs: options.timing.drift,
  });
  const tools: ReconcileTools = {
    brake,
    objects: writes,
    arm: options.arm,
    records: recordsOfClusters,
    now,
    random,
    timing: options.timing,
    newId: randomUUID,
    emit: options.emit,
    followUps: [
      createVerifier({ access, now, timing: options.timing }),
      createCertificateWatcher({
        access,
        arm: options.arm,
        handshake: options.handshake,
        prometheus: options.prometheus,
        now,
        random,
        timing: options.timing,
      }),
      createKubeconfigFollowUp({ arm: options.arm, writer: kubeconfigs, now, random }),
      prover,
      createConsumerFinder({ access, management: connection, now, random, timing: options.timing }),
    ],
    gather: createGather({
      records: recordsOfClusters,
      intentsOf: (key) => objects.of(key).map((object) => overlay.resolve(object)),
      objectNow: (noted, signal) => get<ClusterObject>(connection, pathOf(noted), signal),
      arm: options.arm,
      nodes,
      maintenance: options.maintenance,
      noted: (id) => prover.noted(id),
      handshake: options.handshake,
      dayMs: options.timing.rotation.day,
      ...(options.rules ? { rules: options.rules } : {}),
      retain: (id, ways) => access.retain(id, ways),
      reader: options.reader,
      ...(options.policy ? { policy: options.policy } : {}),
      now,
      ...(options.elapsed ? { elapsed: options.elapsed } : {}),
      listedCluster: (key) => idleClusters.take(key),
    }),
  };

  function onObject(change: Change<ClusterObject>, isFirst: boolean): void {
    const { kind, object } = change;
    const key = keyOf(object.spec.target.resourceId);
    if (!mine(key)) return;
    const { namespace = '', name, uid = '' } = object.metadata;
    const isDeleted = kind === 'deleted';
    if (isTrust(object)) options.onTrust?.(`${namespace}/${name}`, isDeleted ? undefined : object);
    if (isRotation(object)) options.onRotation?.(`${namespace}/${name}`, isDeleted ? undefined : object);
    if (kind === 'deleted') {
      overlay.forget(uid);
      requests.forget(uid);
    } else overlay.brought(object);
    if (kind === 'updated' && change.previous && !isEdited(change.previous, object)) {
      // The controller's own writes of status and finalizer need no reconcile.
      if (requestOf(change.previous) !== requestOf(object)) queue.addAfter(key, requests.delay(uid, now()));
      return;
    }
    // The objects of this cluster are reconciled without this one, so its edits are collected.
    if (tools.gather.isRestless(key, intentName(object.kind, namespace, name))) {
      queue.addAfter(key, options.timing.reconcileRequest);
      return;
    }
    // Settled objects are not queued at the start: for ten thousand of them a LIST finds drift with a hundred requests.
    if (kind === 'added' && isFirst && isSettled(object) && mayName(object)) {
      // What was read of their clusters' certificates is in their statuses, and is read again in due course.
      if (isRotation(object))
        queue.addAfter(key, Math.min(random() * options.timing.certificates[1], untilRotation(object, now())));
      return;
    }
    queue.add(key);
  }

  function onRecord({ kind, object }: Change<TargetCluster>): void {
    const key = keyOf(object.spec.resourceId);
    if (!mine(key)) return;
    options.onRecord?.(object.metadata.name, kind === 'deleted' ? undefined : object);
    const ours = kind !== 'deleted' && recordsOfClusters.receiveFromWatch(object);
    const newest = kind === 'deleted' ? undefined : recordsOfClusters.newest(object);
    brake.note(key, queueStateOf(newest?.status, options.timing));
    // Only the controller writes records. A record of an earlier process may hold an operation whose object is gone, and a deleted
    // record must be created again.
    const unfinished = kind === 'added' && !ours && object.status?.state !== 'Idle';
    if (kind === 'deleted' || unfinished) queue.add(key);
  }

  function mayName({ metadata, spec }: ClusterObject): boolean {
    return options.policy?.().grants(metadata.namespace ?? '', spec.target.resourceId).target ?? true;
  }

  /** Clusters that may be read. Where the policy allows none of its objects, a cluster is read only to finish its operation. */
  function readableKeys(): Set<string> {
    if (!options.policy) return new Set([...objects.keys(), ...records.indexKeys(BY_CLUSTER)]);
    const policy = options.policy();
    const keys = new Set<string>();
    for (const asker of objects.askers()) {
      const [namespace = '', resourceId = ''] = splitAsker(asker);
      if (policy.grants(namespace, resourceId).target) keys.add(clusterKey(resourceId));
    }
    for (const key of records.indexKeys(BY_CLUSTER)) {
      const begun = () => records.byIndex(BY_CLUSTER, key).some(({ status }) => status?.operation);
      if (!keys.has(key) && begun()) keys.add(key);
    }
    return keys;
  }

  function* clusters(): Iterable<ClusterId> {
    for (const key of readableKeys()) {
      const id = mine(key) ? parseClusterId(key) : undefined;
      if (id) yield id;
    }
  }

  async function reconcile(key: string, { signal, logger }: Reconcile): Promise<Result> {
    const [record] = records.byIndex(BY_CLUSTER, key);
    const [object] = objects.of(key);
    // A new record may not be in the cache yet, and may hold the only operation that is left to finish.
    const parsed = parseClusterId(record?.spec.resourceId ?? object?.spec.target.resourceId ?? key);
    const id = parsed && { ...parsed, key };
    if (!id || (!object && !recordsOfClusters.read(id))) return { kind: 'done' };
    const summary = await reconcileCluster(id, tools, signal);
    logReconcile(logger, summary);
    options.onReconciled?.(summary);
    const left = objects.of(key).length > 0 || recordsOfClusters.read(id) !== undefined;
    return left ? nextOf(id, summary) : { kind: 'done' };
  }

  function nextOf(id: ClusterId, { resting, afterMs, offLimits }: ReconcileSummary): Result {
    if (offLimits && afterMs === Infinity) return { kind: 'done' };
    if (!resting || !idleClusters.rest(id, resting.model)) return { kind: 'after', ms: afterMs };
    return resting.untilMs === undefined ? { kind: 'done' } : { kind: 'after', ms: resting.untilMs };
  }

  return {
    caches: {
      name: 'caches',
      async run({ stop }) {
        await Promise.all(reflectors.map((reflector) => reflector.run(stop)));
      },
      async ready() {
        await Promise.all(reflectors.map(({ synced }) => synced));
        logger.info({ objects: objects.size, clusters: records.size }, 'The caches are filled.');
      },
    },
    freshCaches: {
      name: 'fresh caches',
      run: ({ stop }) => aborted(stop),
      async ready() {
        await Promise.all(reflectors.map((reflector) => reflector.refresh()));
      },
    },
    controller: {
      name: 'controller',
      async run({ stop, cutOff }) {
        const { workers, metrics } = options;
        // Reconciles that are scheduled for later would keep the process alive until they are due.
        stop.addEventListener('abort', () => queue.shutDown(), { once: true });
        const controller: ControllerOptions = {
          name: 'cluster',
          queue,
          workers,
          reconcile,
          signal: stop,
          reconcileSignal: cutOff,
          logger,
          ...(metrics ? { metrics } : {}),
        };
        await Promise.all([runController(controller), idleClusters.run(stop)]);
        nodes.close();
        await access.close();
      },
    },
    changing: () => brake.counts(),
    policyChanged(before, after) {
      for (const asker of objects.askers()) {
        const [namespace, resourceId] = splitAsker(asker);
        const key = clusterKey(resourceId);
        const changed =
          !sameGrants(before.grants(namespace, resourceId), after.grants(namespace, resourceId)) ||
          !isDeepStrictEqual(before.kubeconfigSecretFor(resourceId), after.kubeconfigSecretFor(resourceId));
        if (changed && mine(key)) queue.add(key);
      }
    },
    namespacesOf: (key) => [...new Set(objects.of(key).map(({ metadata }) => metadata.namespace ?? ''))],
    hasSynced: () => reflectors.every((reflector) => reflector.hasSynced()),
    isStuck: () => reflectors.some((reflector) => reflector.isStuck(clock.now())),
  };
}

/** The time until the next rotation that its status shows, in ms. */
function untilRotation({ status }: CertificateRotation, now: number): number {
  const at = Date.parse(status?.nextRotation?.at ?? '');
  return Number.isNaN(at) ? Infinity : Math.max(0, at - now);
}

/** Splits at the first blank; a namespace has none. */
function splitAsker(asker: string): [namespace: string, resourceId: string] {
  const blank = asker.indexOf(' ');
  return [asker.slice(0, blank), asker.slice(blank + 1)];
}
