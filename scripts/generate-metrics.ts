/** Writes the tables of docs/reference/metrics.md from the metrics that the code defines. */
import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import { exposePolicyFile } from '../src/commands/controller/policy-file.ts';
import {
  countReconciles,
  countRefusedWrites,
  countSignIns,
  exposeActive,
  exposeBrake,
  exposeShards,
  observeArm,
} from '../src/controller/metrics/arm.ts';
import { exposeObjects } from '../src/controller/metrics/objects.ts';
import { exposeRecords } from '../src/controller/metrics/records.ts';
import { exposeCounts } from '../src/controller/metrics/object-counts.ts';
import { observeClient } from '../src/runtime/client-metrics.ts';
import { systemClock } from '../src/runtime/clock.ts';
import { watchEventLoop } from '../src/runtime/event-loop.ts';
import { silentLogger } from '../src/runtime/logging.ts';
import { createMetrics, exposeQueueAges } from '../src/runtime/metrics.ts';
import { tableOf, writeBelow } from './pages.ts';

const MARK = '<!-- Generated from the definitions in src: make generate -->';
/** More values than these are no list that a reader needs. */
const MOST_VALUES = 10;

const metrics = createMetrics({ processMetrics: true });
const { registry } = metrics;
metrics.controller('cluster', 1);
metrics.queue('cluster');
metrics.leader('aks-ca-trust');
exposeQueueAges(registry, 'cluster', { oldestWaitMs: 0, longestWorkMs: 0 });
watchEventLoop({ registry, clock: systemClock, logger: silentLogger });
observeClient(registry);
observeArm(registry);
countSignIns(registry);
countReconciles(registry);
countRefusedWrites(registry);
exposeBrake(registry, () => ({ changing: 0, waiting: 0 }));
exposeActive(registry, () => true);
exposeShards(registry, 1);
exposeCounts(registry);
exposeObjects(registry, { perObject: 'never' });
exposeRecords(registry);
exposePolicyFile(registry);

const GROUPS = [
  {
    title: 'Objects and clusters',
    belongs: (name: string) =>
      /^aks_ca_trust_(?:object(?!_writes)|certificate|earliest|cluster_(?!writes)|node|rotation|next_rotation)/.test(
        name,
      ),
  },
  { title: 'The controller', belongs: (name: string) => name.startsWith('aks_ca_trust_') },
  {
    title: 'Reconciles, queue, leader election, and requests to the API server',
    belongs: (name: string) => /^(?:controller_runtime|workqueue|leader_election|rest_client)_/.test(name),
  },
  { title: 'The process', belongs: () => true },
];

const shown = (await registry.getMetricsAsJSON()).toSorted((a, b) => (a.name < b.name ? -1 : 1));
const grouped = Map.groupBy(shown, ({ name }) => GROUPS.find(({ belongs }) => belongs(name))!);
const sections = GROUPS.map((group) => {
  const rows = (grouped.get(group) ?? []).map((metric) => [
    `\`${metric.name}\``,
    String(metric.type),
    labelsOf(metric),
    unitOf(metric.name),
    metric.help,
  ]);
  return `## ${group.title}\n\n${tableOf(['metric', 'type', 'labels', 'unit', 'meaning'], rows)}\n`;
});
await writeBelow('metrics', MARK, sections.join('\n'));

/** Labels, each with the values that it has from the start, where there are few. */
function labelsOf(metric: MetricObjectWithValues<MetricValue<string>>): string {
  const { labelNames } = registry.getSingleMetric(metric.name) as unknown as { readonly labelNames: readonly string[] };
  return labelNames
    .filter((label) => label !== 'le')
    .map((label) => {
      const values = new Set(metric.values.map(({ labels }) => labels[label]));
      const listed = values.size > 1 && values.size <= MOST_VALUES;
      return listed ? `\`${label}\`: ${[...values].map((value) => `\`${value}\``).join(', ')}` : `\`${label}\``;
    })
    .join('; ');
}

function unitOf(name: string): string {
  if (name.endsWith('_timestamp_seconds') || name === 'process_start_time_seconds') return 'seconds since 1970';
  if (name.includes('_seconds')) return 'seconds';
  return name.endsWith('_bytes') ? 'bytes' : '';
}
