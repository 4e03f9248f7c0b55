import { VERSION } from '../../api/version.ts';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createApiServerToken } from '../../azure/api-server-token.ts';
import { MOST_ARM_BYTES } from '../../azure/bounded-client.ts';
import { createBudgets } from '../../azure/budgets.ts';
import { createCredential } from '../../azure/credentials.ts';
import { createManagedClusters } from '../../azure/managed-clusters.ts';
import { createMaintenanceWindows } from '../../azure/maintenance-windows.ts';
import { trustedBesides } from '../../azure/tls-options.ts';
import { createRenewableCredential } from '../../azure/renewable-credential.ts';
import { createTransport } from '../../azure/transport.ts';
import { createCertificateReader } from '../../certificates/reader.ts';
import { createHandshake } from '../../cluster-certificates/read/handshake.ts';
import { connectToTarget } from '../../cluster/node-access/connect-target.ts';
import { DEFAULT_TIMING, type Timing } from '../../cluster/model/timing.ts';
import { connect, type Connection } from '../../kubernetes/client/connection.ts';
import { loadOwnCredentials } from '../../kubernetes/auth/credentials.ts';
import { createEventRecorder } from '../../kubernetes/events/event-recorder.ts';
import { createOutstanding } from '../../kubernetes/client/outstanding.ts';
import { createReadBudget } from '../../kubernetes/client/read-budget.ts';
import { CONTROLLER_NAME } from '../../api/names.ts';
import { observeClient } from '../../runtime/client-metrics.ts';
import { systemClock } from '../../runtime/clock.ts';
import { watchEventLoop } from '../../runtime/event-loop.ts';
import { assertLeading, fenceWrites } from '../../runtime/fence.ts';
import { createLeaderElection } from '../../runtime/leader-election.ts';
import { createLogger, type Logger } from '../../runtime/logging.ts';
import { aborted, runManager, type Part } from '../../runtime/manager.ts';
import { createMetrics, exposeQueueAges, type Metrics } from '../../runtime/metrics.ts';
import { createWorkQueue } from '../../runtime/queue.ts';
import { isOfShard, leaseNameOf } from '../../runtime/shard.ts';
import { spareMemory } from '../../runtime/heap.ts';
import { accessRules } from './access-rules.ts';
import type { ControllerConfig } from './config.ts';
import {
  countReconciles,
  countRefusedWrites,
  countSignIns,
  exposeActive,
  exposeBrake,
  exposeShards,
  observeArm,
} from '../../controller/metrics/arm.ts';
import { createOperator } from '../../controller/operator.ts';
import { createPrometheusSources } from '../../controller/prometheus.ts';
import { openPolicyFile } from './policy-file.ts';
import { exposeCounts } from '../../controller/metrics/object-counts.ts';
import { exposeObjects } from '../../controller/metrics/objects.ts';
import { exposeRecords } from '../../controller/metrics/records.ts';
import { healthPart, livenessChecks, metricsPart, readinessChecks } from './serving.ts';
import { targetFailures } from './target-failures.ts';

/** Bounds on the memory of all answers of ARM while they are read. A page of a hundred clusters has a few megabytes. */
const ARM_READS = { largest: MOST_ARM_BYTES, large: 2, small: 2 ** 20, allSmall: 16 * 2 ** 20 };

/** Below the 30 s that Kubernetes gives a pod. */
const GRACE_MS = 25_000;

/** Runs the controller until a signal stops it. Resolves with the exit code. */
export async function runController(config: ControllerConfig): Promise<number> {
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  const metrics = createMetrics({ processMetrics: true });
  const clock = systemClock;
  const now = () => clock.now();

  const policyFile =
    config.policyFile === undefined
      ? undefined
      : await openPolicyFile({
          path: config.policyFile,
          clock,
          logger,
          registry: metrics.registry,
          onChange: (before, after) => operator.policyChanged(before, after),
        });
  logger.info({ version: VERSION, node: process.version }, 'The controller starts.');

  const outstanding = createOutstanding();
  const observed = { ...observeClient(metrics.registry), outstanding };
  const { kubeconfig } = config;
  const ownCredentials = await loadOwnCredentials(kubeconfig === undefined ? {} : { kubeconfig });
  const plain = connect(ownCredentials, observed);
  const reviews = connect(ownCredentials, { ...observed, maxRequests: 2 });
  const failures = targetFailures(logger, now);
  const election =
    config.leaseNamespace === undefined
      ? undefined
      : electionFor(plain, config.leaseNamespace, leaseNameOf(CONTROLLER_NAME, config.shard), logger, metrics);
  const mayWrite = () => election?.isLeader() ?? true;
  const connection = fenceWrites(plain, mayWrite);
  const trusted = trustedBesides(config.caFile);
  const { cloud, disableInstanceDiscovery } = config;
  const counted = countSignIns(metrics.registry);
  const credential = await createRenewableCredential(async () =>
    counted(await createCredential(config.credential, { cloud, disableInstanceDiscovery, ...trusted })),
  );
  const transport = createTransport({
    cloud,
    credential,
    apiVersion: config.apiVersion,
    timeoutMs: config.armTimeout,
    reads: createReadBudget(ARM_READS),
    ...trusted,
  });
  const { shard } = config;
  const mine = (key: string) => shard === undefined || isOfShard(key, shard);
  const queue = createWorkQueue({ clock, random: Math.random, observer: metrics.queue('cluster') });
  exposeQueueAges(metrics.registry, 'cluster', queue);
  const events = createEventRecorder({
    // Not fenced: the last events are written after the lease was released.
    connection: plain,
    component: CONTROLLER_NAME,
    instance: hostname(),
    clock,
    random: Math.random,
    logger,
  });
  const maintenance = createMaintenanceWindows(transport);
  const arm = createManagedClusters({
    transport,
    now,
    ...(config.armBudgets === 'documented' ? { budgets: createBudgets() } : {}),
    payersOf: (key) => operator.namespacesOf(key),
    assertMayWrite: () => assertLeading(mayWrite),
    observe: observeArm(metrics.registry),
  });
  const { metricsPerObject: perObject, metricsPerCertificate: perCertificate } = config;
  const objects = exposeObjects(metrics.registry, { perObject, perCertificate });
  const counts = exposeCounts(metrics.registry);
  const operator = createOperator({
    connection,
    arm,
    apiServerToken: createApiServerToken(credential, now),
    apiServerSuffixes: cloud.apiServerSuffixes,
    connectTarget(credentials, payer) {
      const failed = failures(credentials.server);
      const { allowLocalTargets: allowLocal } = config;
      return fenceWrites(connectToTarget(credentials, { allowLocal, failed, outstanding, payer }), mayWrite);
    },
    handshake: createHandshake({ allowLocal: config.allowLocalTargets }),
    ...(policyFile
      ? {
          prometheus: createPrometheusSources({
            policy: () => policyFile.current(),
            ...{ cloud, credential, now, ...trusted },
          }),
        }
      : {}),
    rules: accessRules(config, () => policyFile?.current()),
    reader: createCertificateReader(),
    ...(policyFile ? { policy: () => policyFile.current() } : {}),
    queue,
    mine,
    clock,
    elapsed: () => performance.now(),
    random: Math.random,
    timing: timingOf(config),
    workers: config.workers,
    maxChangingClusters: config.maxChangingClusters,
    logger,
    emit: (object, event) => events.record(object, event),
    onWriteRefused: countRefusedWrites(metrics.registry),
    maintenance,
    metrics: metrics.controller('cluster', config.workers),
    onTrust: both(counts.trust, objects.trust),
    onRotation: both(counts.rotation, objects.rotation),
    onRecord: both(exposeRecords(metrics.registry), objects.record),
    onReconciled: countReconciles(metrics.registry),
  });

  exposeBrake(metrics.registry, () => operator.changing());
  exposeActive(metrics.registry, mayWrite);
  exposeShards(metrics.registry, shard?.count ?? 1);

  const flusher: Part = {
    name: 'events',
    async run({ stop, cutOff }) {
      await aborted(stop);
      await events.flush(cutOff);
    },
  };
  const code = await runManager({
    parts: [
      [
        ...healthPart(config, {
          live: livenessChecks(operator, outstanding),
          ready: readinessChecks(operator),
          logger,
        }),
        watchEventLoop({ registry: metrics.registry, clock, logger }),
        spareMemory({ clock }),
        ...metricsPart(config, { metrics: metrics.registry, connection: reviews, logger }),
      ],
      flusher,
      operator.caches,
      ...(policyFile ? [policyFile.part] : []),
      ...(election ? [election.part, operator.freshCaches] : []),
      operator.controller,
    ],
    logger,
    graceMs: GRACE_MS,
  });
  await Promise.all([connection.close(), reviews.close()]);
  return code;
}

function electionFor(connection: Connection, namespace: string, name: string, logger: Logger, metrics: Metrics) {
  const election = createLeaderElection({
    connection,
    namespace,
    name,
    identity: `${hostname()}_${randomUUID()}`,
    clock: systemClock,
    random: Math.random,
    logger,
    onChange: metrics.leader(name),
  });
  const part: Part = { name: 'leader election', run: ({ stop }) => election.run(stop), ready: () => election.acquired };
  return { part, isLeader: () => election.isLeader() };
}

function both<T>(first: (key: string, item: T) => void, second: (key: string, item: T) => void) {
  return (key: string, item: T): void => {
    first(key, item);
    second(key, item);
  };
}

function timingOf({ pollInterval, driftInterval, stalledAfter }: ControllerConfig): Timing {
  const firstRead = Math.min(DEFAULT_TIMING.firstRead, pollInterval);
  return { ...DEFAULT_TIMING, poll: pollInterval, firstRead, drift: driftInterval, stalledAfter };
}
