/** What the Grafana dashboard shows. generate-dashboard.ts makes its JSON of this. */

import { CLUSTER, JOB, OBJECT, RATE, total, type RowPlan, durationsOf } from './panel-plan.ts';
import { ROTATIONS } from './rotation-panels.ts';

function quantile(q: number, metric: string, labels: string, by: string): string {
  return `histogram_quantile(${q}, sum by (le, ${by}) (rate(${metric}_bucket{${labels}}${RATE})))`;
}

/** The health of each certificate of clusters; HEALTHS stands for those that count. */
const HEALTH = `max by (namespace, name, target_cluster, certificate, pool, health) (aks_ca_trust_cluster_certificate_health{${OBJECT},health=~"HEALTHS"})`;
const USED_SLOTS = `sum by (target_cluster, record) (max by (target_cluster, record, state) (aks_ca_trust_cluster_certificate_slots{${CLUSTER},state!="free"}))`;
const NODES = `max by (target_cluster, record, state) (aks_ca_trust_cluster_nodes{${CLUSTER},state!="excluded"})`;
const CHANGING = `max by (target_cluster, record) (aks_ca_trust_cluster_change_started_timestamp_seconds{${CLUSTER}})`;

export const ROWS: readonly RowPlan[] = [
  {
    title: 'Objects',
    panels: [
      {
        title: 'Ready',
        description: 'CustomCATrust objects whose certificates every covered node trusts.',
        kind: 'stat',
        queries: [{ expr: total('aks_ca_trust_objects', 'kind="CustomCATrust",condition="Ready",status="True"') }],
      },
      {
        title: 'Not ready',
        description: 'Objects that are being applied, wait, or are stalled.',
        kind: 'stat',
        queries: [{ expr: total('aks_ca_trust_objects', 'condition="Ready",status!="True"') }],
      },
      {
        title: 'Stalled',
        description: 'Objects that do not become Ready until a person acts.',
        kind: 'stat',
        queries: [{ expr: total('aks_ca_trust_objects', 'condition="Stalled",status="True"') }],
        limits: { orange: 1, red: 10 },
      },
      {
        title: 'Clusters changing',
        description: 'Clusters that count as changing, of at most --max-changing-clusters.',
        kind: 'stat',
        queries: [{ expr: total('aks_ca_trust_changing_clusters') }],
      },
      {
        title: 'Clusters waiting',
        description: 'Clusters whose change waits until fewer clusters are changing.',
        kind: 'stat',
        queries: [{ expr: total('aks_ca_trust_waiting_clusters') }],
      },
      {
        title: 'First expiry',
        description: 'Time until the first certificate of all objects expires.',
        kind: 'stat',
        unit: 's',
        queries: [{ expr: `min(aks_ca_trust_earliest_certificate_not_after_timestamp_seconds{${JOB}}) - time()` }],
        limits: { orange: 30 * 86_400, red: 7 * 86_400, falling: true },
      },
      {
        title: 'Objects that are not ready, by reason',
        description: 'Counted from the series of each object, which exist for up to 2000 objects.',
        kind: 'timeseries',
        queries: [
          {
            expr: `count by (reason) (max by (namespace, name, reason) (aks_ca_trust_object_ready{${OBJECT}}) == 0)`,
            legend: '{{reason}}',
          },
        ],
      },
      {
        title: 'Stalled objects',
        description: 'A person has to act: the message of the Ready condition says how.',
        kind: 'table',
        queries: [
          { expr: `max by (namespace, name, target_cluster, reason) (aks_ca_trust_object_stalled{${OBJECT}}) == 1` },
        ],
      },
      {
        title: 'Certificates that expire within 90 days',
        description: 'The first certificate of each object; with --metrics-per-certificate, each certificate.',
        kind: 'table',
        unit: 's',
        width: 24,
        queries: [
          {
            expr: `sort(min by (namespace, name, target_cluster, fingerprint_sha256) (aks_ca_trust_certificate_not_after_timestamp_seconds{${OBJECT}}) - time() < 90 * 86400)`,
          },
        ],
        limits: { orange: 30 * 86_400, red: 7 * 86_400, falling: true },
      },
    ],
  },
  {
    title: 'Clusters',
    panels: [
      {
        title: 'Progress of clusters that are changing',
        description: 'Share of the nodes that have been replaced since the change, for each cluster with a change.',
        kind: 'bargauge',
        unit: 'percentunit',
        queries: [
          {
            expr: `sum by (target_cluster, record) (${NODES.replace('state!="excluded"', 'state="reimaged"')}) / sum by (target_cluster, record) (${NODES}) and on (target_cluster, record) ${CHANGING}`,
            legend: '{{target_cluster}}',
          },
        ],
      },
      {
        title: 'Age of changes',
        description: 'Time since the change of each cluster was recorded.',
        kind: 'timeseries',
        unit: 's',
        queries: [{ expr: `time() - ${CHANGING}`, legend: '{{target_cluster}}' }],
      },
      {
        title: 'Nodes of all clusters',
        description:
          'As last counted: replaced since the last change, being replaced, waiting, or outside of the feature.',
        kind: 'timeseries',
        queries: [{ expr: total('aks_ca_trust_nodes', '', ' by (state) '), legend: '{{state}}' }],
      },
      {
        title: 'Node pools in which a node cannot be replaced',
        description: 'Usually a PodDisruptionBudget allows no eviction, or there is no quota for surge nodes.',
        kind: 'timeseries',
        queries: [
          {
            expr: `max by (target_cluster, record) (aks_ca_trust_cluster_node_pools_blocked{${CLUSTER}}) > 0`,
            legend: '{{target_cluster}}',
          },
        ],
      },
      {
        title: 'Used certificate slots',
        description: 'The 20 clusters with the most used slots of ten.',
        kind: 'bargauge',
        queries: [{ expr: `topk(20, ${USED_SLOTS})`, legend: '{{target_cluster}}' }],
        limits: { orange: 8, red: 10 },
      },
      {
        title: 'Duration of changes of the list',
        description:
          'From their record until they have ended: median and 90th percentile of those that ended in the last day.',
        kind: 'timeseries',
        unit: 's',
        queries: durationsOf('UpdateTrust', '1d'),
      },
    ],
  },
  {
    title: "Clusters' own certificates",
    panels: [
      {
        title: 'Need an action',
        description: 'Certificates of clusters that are expiring, expired, late, or signed by another authority.',
        kind: 'stat',
        queries: [
          { expr: `count(${HEALTH.replace('HEALTHS', 'Expiring|Expired|Late|Intercepted')} == 1) or vector(0)` },
        ],
        limits: { orange: 1, red: 10 },
      },
      {
        title: 'Not known',
        description: 'Certificates that the controller has no right or no way to read.',
        kind: 'stat',
        queries: [{ expr: `count(${HEALTH.replace('HEALTHS', 'Unknown')} == 1) or vector(0)` }],
      },
      {
        title: 'Auto-rotation of kubelets',
        description: 'Node pools, by what is known of the renewal of their certificates.',
        kind: 'timeseries',
        width: 16,
        queries: [
          {
            expr: `count by (state) (max by (target_cluster, pool, state) (aks_ca_trust_cluster_auto_rotation{${OBJECT}}))`,
            legend: '{{state}}',
          },
        ],
      },
      {
        title: 'Certificates that expire within 90 days',
        description: 'Of the kubelets of a node pool, the first one. They renew it at 70 to 90 percent of its life.',
        kind: 'table',
        unit: 's',
        queries: [
          {
            expr: `sort(min by (namespace, name, target_cluster, certificate, pool) (aks_ca_trust_cluster_certificate_not_after_timestamp_seconds{${OBJECT}}) - time() < 90 * 86400)`,
          },
        ],
        limits: { orange: 30 * 86_400, red: 7 * 86_400, falling: true },
      },
      {
        title: 'Certificates that need an action',
        description: 'The rows of each CertificateRotation say what it is.',
        kind: 'table',
        queries: [{ expr: `${HEALTH.replace('HEALTHS', 'Expiring|Expired|Late|Intercepted')} == 1` }],
      },
    ],
  },
  ROTATIONS,
  {
    title: 'Azure Resource Manager',
    panels: [
      {
        title: 'Requests',
        description: 'By call and HTTP status; none stands for a request without an answer.',
        kind: 'timeseries',
        unit: 'reqps',
        queries: [
          {
            expr: `sum by (operation, code) (rate(aks_ca_trust_arm_requests_total{${JOB}}${RATE})) > 0`,
            legend: '{{operation}} {{code}}',
          },
        ],
      },
      {
        title: 'Duration of requests, 95th percentile',
        description: 'By call.',
        kind: 'timeseries',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'aks_ca_trust_arm_request_duration_seconds', JOB, 'operation'),
            legend: '{{operation}}',
          },
        ],
      },
      {
        title: 'Throttled requests and failed sign-ins',
        description: 'Answers with 429, and requests for a token that failed.',
        kind: 'timeseries',
        queries: [
          { expr: `sum(increase(aks_ca_trust_arm_throttled_total{${JOB}}${RATE}))`, legend: 'throttled' },
          {
            expr: `sum(increase(aks_ca_trust_sign_ins_total{${JOB},result="failed"}${RATE}))`,
            legend: 'failed sign-ins',
          },
        ],
      },
      {
        title: 'Writes sent to clusters',
        description: 'Lists and rotations, by kind and result: accepted, refused, or lost (no answer came).',
        kind: 'timeseries',
        queries: [
          {
            expr: `sum by (kind, result) (increase(aks_ca_trust_cluster_writes_total{${JOB}}${RATE}))`,
            legend: '{{kind}} {{result}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Controller',
    panels: [
      {
        title: 'Leader',
        description: 'Holder of each Lease.',
        kind: 'timeseries',
        queries: [
          {
            expr: `leader_election_master_status{${JOB}}`,
            legend: '{{name}} {{instance}}',
          },
        ],
      },
      {
        title: 'Reconciles',
        description: 'By result.',
        kind: 'timeseries',
        unit: 'ops',
        queries: [
          {
            expr: `sum by (result) (rate(controller_runtime_reconcile_total{${JOB}}${RATE}))`,
            legend: '{{result}}',
          },
        ],
      },
      {
        title: 'Duration of reconciles',
        description: 'Median and 95th percentile, and the longest one that is running.',
        kind: 'timeseries',
        unit: 's',
        queries: [
          ...[0.5, 0.95].map((q) => ({
            expr: quantile(q, 'controller_runtime_reconcile_time_seconds', JOB, 'controller'),
            legend: `p${q * 100}`,
          })),
          { expr: `max(workqueue_longest_running_processor_seconds{${JOB}})`, legend: 'running' },
        ],
      },
      {
        title: 'Queue',
        description: 'Clusters that wait for a worker, and workers that are busy.',
        kind: 'timeseries',
        queries: [
          { expr: total('workqueue_depth'), legend: 'waiting' },
          { expr: `sum(controller_runtime_active_workers{${JOB}})`, legend: 'busy workers' },
          { expr: total('controller_runtime_max_concurrent_reconciles'), legend: 'workers' },
        ],
      },
      {
        title: 'Oldest key in the queue',
        description: 'How long the cluster that has waited longest has waited for a worker.',
        kind: 'timeseries',
        unit: 's',
        queries: [{ expr: `max(aks_ca_trust_queue_oldest_wait_seconds{${JOB}})`, legend: 'wait' }],
      },
      {
        title: 'Requests to the API server',
        description: 'By method and HTTP status; error stands for a request without an answer.',
        kind: 'timeseries',
        unit: 'reqps',
        queries: [
          {
            expr: `sum by (method, code) (rate(rest_client_requests_total{${JOB}}${RATE})) > 0`,
            legend: '{{method}} {{code}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Process',
    panels: [
      {
        title: 'Memory',
        description: 'Resident memory, and the heap of JavaScript in use.',
        kind: 'timeseries',
        unit: 'bytes',
        queries: [
          { expr: `process_resident_memory_bytes{${JOB}}`, legend: 'resident {{instance}}' },
          { expr: `nodejs_heap_size_used_bytes{${JOB}}`, legend: 'heap {{instance}}' },
        ],
      },
      {
        title: 'CPU',
        description: 'Cores in use.',
        kind: 'timeseries',
        queries: [{ expr: `rate(process_cpu_seconds_total{${JOB}}${RATE})`, legend: '{{instance}}' }],
      },
      {
        title: 'Event loop',
        description:
          'Longest time for which the event loop was blocked between two scrapes. A leader that is blocked for ten seconds loses its Lease.',
        kind: 'timeseries',
        unit: 's',
        queries: [{ expr: `nodejs_eventloop_lag_max_seconds{${JOB}}`, legend: '{{instance}}' }],
      },
      {
        title: 'Builds',
        description: 'Version of each process.',
        kind: 'table',
        queries: [{ expr: `max by (instance, version, node_version) (aks_ca_trust_build_info{${JOB}})` }],
      },
    ],
  },
];
