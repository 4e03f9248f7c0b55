import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ControllerObserver } from './controller.ts';
import { exposeProcess } from './process-metrics.ts';
import type { QueueObserver, WorkQueue } from './queue.ts';

/**
 * Metrics under the names and labels of controller-runtime (pkg/internal/controller/metrics, pkg/metrics/workqueue.go) and
 * client-go, so that dashboards made for those work. Every series is there from the start, at 0.
 */
export interface Metrics {
  /** Registry for the metrics of other folders. */
  readonly registry: Registry;
  controller(name: string, workers: number): ControllerObserver;
  queue(name: string): QueueObserver;
  /** Call the returned function with whether this process holds the lease. */
  leader(name: string): (leading: boolean) => void;
}

/** Seconds; as in controller-runtime. */
const RECONCILE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300];
/** Seconds; as controller-runtime's from 10 ns on, without those that a JavaScript process never reaches. */
const QUEUE_BUCKETS = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

/** @param options `processMetrics` adds the process's own: memory, CPU, open files */
export function createMetrics(options: { readonly processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.processMetrics === true) exposeProcess(registry);
  const registers = [registry];
  const labelNames = ['controller'];
  const reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Number of reconciles, by result.',
    labelNames: ['controller', 'result'],
    registers,
  });
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Number of reconciles that failed.',
    labelNames,
    registers,
  });
  const terminal = new Counter({
    name: 'controller_runtime_terminal_reconcile_errors_total',
    help: 'Number of reconciles that failed and were not tried again.',
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Seconds that each reconcile took.',
    labelNames,
    buckets: RECONCILE_BUCKETS,
    registers,
  });
  const maxWorkers = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Most reconciles that may run at a time.',
    labelNames,
    registers,
  });
  const active = new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Number of reconciles that are running.',
    labelNames,
    registers,
  });
  const leading = new Gauge({
    name: 'leader_election_master_status',
    help: 'Whether this process holds the lease: 1 or 0.',
    labelNames: ['name'],
    registers,
  });
  const queueObserver = createQueueMetrics(registry);

  return {
    registry,
    queue: queueObserver,
    controller(controller, workers) {
      for (const result of ['success', 'requeue_after', 'error']) reconciles.inc({ controller, result }, 0);
      errors.inc({ controller }, 0);
      terminal.inc({ controller }, 0);
      seconds.zero({ controller });
      maxWorkers.set({ controller }, workers);
      active.set({ controller }, 0);
      return {
        reconcileStarted: () => active.inc({ controller }),
        reconcileEnded(result, duration) {
          active.dec({ controller });
          const failed = result === 'error' || result === 'terminal';
          reconciles.inc({ controller, result: failed ? 'error' : result });
          seconds.observe({ controller }, duration);
          if (failed) errors.inc({ controller });
          if (result === 'terminal') terminal.inc({ controller });
        },
      };
    },
    leader(name) {
      leading.set({ name }, 0);
      return (now) => leading.set({ name }, now ? 1 : 0);
    },
  };
}

/** Exposes how long the keys of a queue have waited and been worked on, at the moment of the scrape. */
export function exposeQueueAges(
  registry: Registry,
  name: string,
  queue: Pick<WorkQueue, 'oldestWaitMs' | 'longestWorkMs'>,
): void {
  const labelNames = ['name', 'controller'];
  const labels = { name, controller: name };
  new Gauge({
    name: 'aks_ca_trust_queue_oldest_wait_seconds',
    help: 'How long the oldest key has waited for a worker; 0 in a process that does not reconcile.',
    registers: [registry],
    collect() {
      this.set(queue.oldestWaitMs / 1000);
    },
  });
  new Gauge({
    name: 'workqueue_longest_running_processor_seconds',
    help: 'How long the longest reconcile that is running has run.',
    labelNames,
    registers: [registry],
    collect() {
      this.set(labels, queue.longestWorkMs / 1000);
    },
  });
}

function createQueueMetrics(registry: Registry): (name: string) => QueueObserver {
  const registers = [registry];
  const labelNames = ['name', 'controller'];
  const depth = new Gauge({ name: 'workqueue_depth', help: 'Keys that wait for a worker.', labelNames, registers });
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys that came in.', labelNames, registers });
  const retries = new Counter({ name: 'workqueue_retries_total', help: 'Keys that failed.', labelNames, registers });
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long keys waited for a worker.',
    labelNames,
    buckets: QUEUE_BUCKETS,
    registers,
  });
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long keys were worked on.',
    labelNames,
    buckets: QUEUE_BUCKETS,
    registers,
  });
  return (name) => {
    const labels = { name, controller: name };
    depth.set(labels, 0);
    adds.inc(labels, 0);
    retries.inc(labels, 0);
    waited.zero(labels);
    worked.zero(labels);
    return {
      added: () => adds.inc(labels),
      depth: (keys) => depth.set(labels, keys),
      taken: (ms) => waited.observe(labels, ms / 1000),
      finished: (ms) => worked.observe(labels, ms / 1000),
      retried: () => retries.inc(labels),
    };
  };
}
