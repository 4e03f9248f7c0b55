import { CERTIFICATE_CASES } from './certificate-alert-cases.ts';
import { ROTATION_CASES } from './rotation-alert-cases.ts';
import { TARGET, STANDBY, target, job, OBJECT, object, TRUST, type AlertCase } from './series.ts';

const BUILD = { [`aks_ca_trust_build_info{${TARGET},version="0.1.0",node_version="v24"}`]: '1x2000' };
const trust = { ...object, kind: 'CustomCATrust' };
const RECORD = 'target_cluster="prod",record="prod-1"';
const record = { target_cluster: 'prod', record: 'prod-1' };

export const CASES: readonly AlertCase[] = [
  {
    alert: 'AksCaTrustControllerAbsent',
    fires: { [`up{${TARGET}}`]: '0x60' },
    quiet: BUILD,
    at: 11,
    labels: {},
    summary: 'Prometheus has no metrics of aks-ca-trust.',
  },
  {
    alert: 'AksCaTrustScrapeFailing',
    fires: { [`up{${TARGET}}`]: '0x60', 'up{job="other",instance="a"}': '0x60' },
    quiet: { [`up{${TARGET}}`]: '0x4 1x60', 'up{job="other",instance="a"}': '0x60' },
    at: 11,
    labels: target,
    summary: 'The metrics of aks-ca-trust at 10.0.0.1:8443 cannot be scraped most of the time.',
  },
  {
    // A process that crashes soon after each start answers now and then.
    alert: 'AksCaTrustScrapeFailing',
    fires: { [`up{${TARGET}}`]: '0 0 0 0 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1' },
    quiet: { [`up{${TARGET}}`]: '1x20 0 0 0 0 1x40' },
    at: 24,
    labels: target,
    summary: 'The metrics of aks-ca-trust at 10.0.0.1:8443 cannot be scraped most of the time.',
  },
  {
    alert: 'AksCaTrustLabelsRenamed',
    fires: {
      [`aks_ca_trust_object_ready{${TARGET},exported_namespace="web",namespace="aks-ca-trust-system"}`]: '1x60',
    },
    quiet: { [`aks_ca_trust_object_ready{${TARGET},${OBJECT}}`]: '1x60' },
    at: 16,
    labels: { job },
    summary: 'The scrape job monitoring/aks-ca-trust renames the labels of aks-ca-trust.',
  },
  {
    alert: 'AksCaTrustNoLeader',
    fires: {
      [`leader_election_master_status{${TARGET},name="aks-ca-trust"}`]: '0x60',
      [`leader_election_master_status{${STANDBY},name="aks-ca-trust"}`]: '0x60',
    },
    quiet: {
      [`leader_election_master_status{${TARGET},name="aks-ca-trust"}`]: '0x60',
      [`leader_election_master_status{${STANDBY},name="aks-ca-trust"}`]: '1x60',
      'leader_election_master_status{job="other",name="kube-scheduler"}': '0x60',
    },
    at: 6,
    labels: { job, name: 'aks-ca-trust' },
    summary: 'No process of aks-ca-trust holds the lease aks-ca-trust.',
  },
  {
    alert: 'AksCaTrustShardMissing',
    fires: {
      [`aks_ca_trust_shards{${TARGET}}`]: '3x60',
      [`leader_election_master_status{${TARGET},name="aks-ca-trust-shard-1-of-3"}`]: '1x60',
      [`leader_election_master_status{${STANDBY},name="aks-ca-trust-shard-1-of-3"}`]: '0x60',
      [`leader_election_master_status{${TARGET},name="aks-ca-trust-shard-3-of-3"}`]: '1x60',
    },
    quiet: {
      [`aks_ca_trust_shards{${TARGET}}`]: '2x60',
      [`leader_election_master_status{${TARGET},name="aks-ca-trust-shard-1-of-2"}`]: '1x60',
      [`leader_election_master_status{${TARGET},name="aks-ca-trust-shard-2-of-2"}`]: '1x60',
    },
    at: 16,
    labels: { job },
    summary: 'Only 2 of the shards of aks-ca-trust have a leader.',
  },
  {
    // Two management clusters in one Prometheus: the shards of one do not stand for those of the other.
    alert: 'AksCaTrustShardMissing',
    fires: {
      [`aks_ca_trust_shards{${TARGET},cluster="a"}`]: '2x60',
      [`aks_ca_trust_shards{${TARGET},cluster="b"}`]: '2x60',
      [`leader_election_master_status{${TARGET},cluster="a",name="aks-ca-trust-shard-1-of-2"}`]: '1x60',
      [`leader_election_master_status{${TARGET},cluster="a",name="aks-ca-trust-shard-2-of-2"}`]: '1x60',
      [`leader_election_master_status{${TARGET},cluster="b",name="aks-ca-trust-shard-1-of-2"}`]: '1x60',
    },
    quiet: {
      [`aks_ca_trust_shards{${TARGET},cluster="a"}`]: '1x60',
      [`aks_ca_trust_shards{${TARGET},cluster="b"}`]: '2x60',
      [`leader_election_master_status{${TARGET},cluster="b",name="aks-ca-trust-shard-1-of-2"}`]: '1x60',
      [`leader_election_master_status{${TARGET},cluster="b",name="aks-ca-trust-shard-2-of-2"}`]: '1x60',
    },
    at: 16,
    labels: { cluster: 'b', job },
    summary: 'Only 1 of the shards of aks-ca-trust have a leader.',
  },
  {
    alert: 'AksCaTrustQueueStuck',
    fires: { [`aks_ca_trust_queue_oldest_wait_seconds{${TARGET}}`]: '0+60x60' },
    quiet: { [`aks_ca_trust_queue_oldest_wait_seconds{${TARGET}}`]: '900x60' },
    at: 22,
    labels: target,
    summary: 'A cluster has waited for aks-ca-trust at 10.0.0.1:8443 for more than 15 minutes.',
  },
  {
    alert: 'AksCaTrustReconcileStuck',
    fires: {
      ...BUILD,
      [`workqueue_longest_running_processor_seconds{${TARGET},name="cluster",controller="cluster"}`]: '0+60x60',
    },
    quiet: {
      ...BUILD,
      'workqueue_longest_running_processor_seconds{job="capi",instance="a",name="cluster"}': '0+60x60',
    },
    at: 22,
    labels: { ...target, name: 'cluster', controller: 'cluster' },
    summary: 'A reconcile of aks-ca-trust at 10.0.0.1:8443 has run for more than 15 minutes.',
  },
  {
    alert: 'AksCaTrustReconcileErrors',
    fires: { ...BUILD, [`controller_runtime_reconcile_errors_total{${TARGET},controller="cluster"}`]: '0+1x60' },
    quiet: {
      ...BUILD,
      [`controller_runtime_reconcile_errors_total{${TARGET},controller="cluster"}`]: '0 5x60',
      'controller_runtime_reconcile_errors_total{job="capi",instance="a",controller="cluster"}': '0+1x60',
    },
    at: 30,
    labels: { ...target, controller: 'cluster' },
    summary: 'Reconciles of aks-ca-trust at 10.0.0.1:8443 keep failing.',
  },
  {
    alert: 'AksCaTrustEventLoopBlocked',
    fires: { ...BUILD, [`nodejs_eventloop_lag_max_seconds{${TARGET}}`]: '3x60' },
    quiet: { ...BUILD, [`nodejs_eventloop_lag_max_seconds{${TARGET}}`]: '3x8 0 3x60' },
    at: 12,
    labels: target,
    summary: 'The event loop of aks-ca-trust at 10.0.0.1:8443 is blocked for seconds again and again.',
  },
  {
    alert: 'AksCaTrustPolicyFileInvalid',
    fires: { [`aks_ca_trust_policy_file_valid{${TARGET}}`]: '0x60' },
    quiet: { [`aks_ca_trust_policy_file_valid{${TARGET}}`]: '0x3 1x60' },
    at: 6,
    labels: target,
    summary: 'The policy file of aks-ca-trust at 10.0.0.1:8443 cannot be used.',
  },
  {
    alert: 'AksCaTrustSignInFailing',
    fires: { [`aks_ca_trust_sign_ins_total{${TARGET},result="failed"}`]: '0+1x60' },
    quiet: {
      [`aks_ca_trust_sign_ins_total{${TARGET},result="failed"}`]: '0 1x60',
      [`aks_ca_trust_sign_ins_total{${TARGET},result="succeeded"}`]: '0+1x60',
    },
    at: 20,
    labels: { job },
    summary: 'aks-ca-trust cannot sign in to Azure.',
  },
  {
    alert: 'AksCaTrustArmAccessDenied',
    fires: { [`aks_ca_trust_arm_requests_total{${TARGET},operation="PutManagedCluster",code="403"}`]: '0+1x60' },
    quiet: { [`aks_ca_trust_arm_requests_total{${TARGET},operation="PutManagedCluster",code="200"}`]: '0+1x60' },
    at: 25,
    labels: { job, operation: 'PutManagedCluster', code: '403' },
    summary: 'ARM refuses PutManagedCluster of aks-ca-trust with 403.',
  },
  {
    alert: 'AksCaTrustArmThrottled',
    fires: { [`aks_ca_trust_arm_throttled_total{${TARGET}}`]: '0+1x90' },
    quiet: { [`aks_ca_trust_arm_throttled_total{${TARGET}}`]: '0+1x9 9x90' },
    at: 60,
    labels: { job },
    summary: 'ARM keeps throttling aks-ca-trust.',
  },
  {
    alert: 'AksCaTrustArmUnreachable',
    fires: {
      [`aks_ca_trust_arm_requests_total{${TARGET},operation="GetManagedCluster",code="none"}`]: '0+1x60',
      [`aks_ca_trust_arm_requests_total{${TARGET},operation="GetManagedCluster",code="503"}`]: '0+1x60',
      [`aks_ca_trust_arm_requests_total{${TARGET},operation="GetManagedCluster",code="200"}`]: '0+1x60',
    },
    quiet: {
      [`aks_ca_trust_arm_requests_total{${TARGET},operation="GetManagedCluster",code="503"}`]: '0+1x60',
      [`aks_ca_trust_arm_requests_total{${TARGET},operation="GetManagedCluster",code="200"}`]: '0+2x60',
    },
    at: 32,
    labels: { job },
    summary: 'More than half of the requests of aks-ca-trust to ARM fail.',
  },
  {
    alert: 'AksCaTrustApiServerErrors',
    fires: {
      ...BUILD,
      [`rest_client_requests_total{${TARGET},method="PATCH",code="403"}`]: '0+1x60',
      [`rest_client_requests_total{${TARGET},method="GET",code="200"}`]: '0+5x60',
    },
    quiet: {
      ...BUILD,
      // A conflict or a missing object is an answer.
      [`rest_client_requests_total{${TARGET},method="PATCH",code="409"}`]: '0+5x60',
      [`rest_client_requests_total{${TARGET},method="GET",code="200"}`]: '0+5x60',
      'rest_client_requests_total{job="other",instance="a",method="GET",code="500"}': '0+5x60',
    },
    at: 32,
    labels: target,
    summary: 'More than a tenth of the requests of aks-ca-trust at 10.0.0.1:8443 to the API server fail.',
  },
  {
    alert: 'AksCaTrustApiServerErrors',
    fires: {
      ...BUILD,
      [`rest_client_requests_total{${TARGET},method="GET",code="429"}`]: '0+1x60',
      [`rest_client_requests_total{${TARGET},method="GET",code="200"}`]: '0+5x60',
    },
    quiet: {
      ...BUILD,
      [`rest_client_requests_total{${TARGET},method="GET",code="429"}`]: '0+1x60',
      [`rest_client_requests_total{${TARGET},method="GET",code="200"}`]: '0+20x60',
    },
    at: 32,
    labels: target,
    summary: 'More than a tenth of the requests of aks-ca-trust at 10.0.0.1:8443 to the API server fail.',
  },
  {
    alert: 'AksCaTrustWritesRefused',
    fires: { [`aks_ca_trust_object_writes_refused_total{${TARGET},kind="release"}`]: '0+1x60' },
    quiet: { [`aks_ca_trust_object_writes_refused_total{${TARGET},kind="release"}`]: '1x60' },
    at: 20,
    labels: { job, kind: 'release' },
    summary: 'The API server refuses writes of aks-ca-trust to objects: release.',
  },
  {
    alert: 'AksCaTrustObjectStalled',
    fires: {
      [`aks_ca_trust_object_stalled{${TARGET},${TRUST},reason="LimitExceeded"}`]: '1x60',
      [`aks_ca_trust_object_stalled{${STANDBY},${TRUST},reason="LimitExceeded"}`]: '1x60',
    },
    quiet: {
      [`aks_ca_trust_object_stalled{${TARGET},${TRUST},reason="Updating"}`]: '0x60',
      [`aks_ca_trust_object_stalled{${TARGET},namespace="web",name="other",target_cluster="prod",kind="CustomCATrust",reason="Contended"}`]:
        '1x60',
      // These have alerts of their own.
      [`aks_ca_trust_object_stalled{${TARGET},${OBJECT},kind="CertificateRotation",reason="RotationFailed"}`]: '1x60',
      [`aks_ca_trust_object_stalled{${TARGET},${OBJECT},kind="CertificateRotation",reason="RotationHangs"}`]: '1x60',
      [`aks_ca_trust_object_stalled{${TARGET},${OBJECT},kind="CertificateRotation",reason="SecretNotOurs"}`]: '1x60',
      [`aks_ca_trust_object_stalled{${TARGET},${OBJECT},kind="CertificateRotation",reason="KubeconfigNotAllowed"}`]:
        '1x60',
    },
    at: 11,
    labels: { ...trust, reason: 'LimitExceeded' },
    summary: 'CustomCATrust web/roots of cluster prod is stalled (LimitExceeded).',
  },
  {
    // Two objects of one name: the stalled one is named with its kind.
    alert: 'AksCaTrustObjectStalled',
    fires: {
      [`aks_ca_trust_object_stalled{${TARGET},${TRUST},reason="Trusted"}`]: '0x60',
      [`aks_ca_trust_object_stalled{${TARGET},${OBJECT},kind="CertificateRotation",reason="AccessDenied"}`]: '1x60',
    },
    quiet: { [`aks_ca_trust_object_stalled{${TARGET},${OBJECT},kind="CertificateRotation",reason="Expired"}`]: '0x60' },
    at: 11,
    labels: { ...object, kind: 'CertificateRotation', reason: 'AccessDenied' },
    summary: 'CertificateRotation web/roots of cluster prod is stalled (AccessDenied).',
  },
  {
    alert: 'AksCaTrustContended',
    fires: { [`aks_ca_trust_object_stalled{${TARGET},${TRUST},reason="Contended"}`]: '1x60' },
    quiet: { [`aks_ca_trust_object_stalled{${TARGET},${TRUST},reason="LimitExceeded"}`]: '1x60' },
    at: 11,
    labels: object,
    summary: 'Another client keeps undoing CustomCATrust web/roots in cluster prod.',
  },
  {
    alert: 'AksCaTrustObjectNotReady',
    fires: {
      // The reason changes, and the alert stays.
      [`aks_ca_trust_object_ready{${TARGET},${TRUST},reason="Updating"}`]: '0x200',
      [`aks_ca_trust_object_ready{${TARGET},${TRUST},reason="ReimageInProgress"}`]: '_x200 0x300',
    },
    quiet: {
      [`aks_ca_trust_object_ready{${TARGET},${TRUST},reason="Suspended"}`]: '0x500',
      [`aks_ca_trust_object_ready{${TARGET},namespace="web",name="good",target_cluster="prod",kind="CustomCATrust",reason="Trusted"}`]:
        '1x500',
      [`aks_ca_trust_object_ready{${TARGET},namespace="web",name="stuck",target_cluster="prod",kind="CustomCATrust",reason="Held"}`]:
        '0x500',
      [`aks_ca_trust_object_stalled{${TARGET},namespace="web",name="stuck",target_cluster="prod",kind="CustomCATrust",reason="Held"}`]:
        '1x500',
      // Not yet for six hours.
      [`aks_ca_trust_object_ready{${TARGET},namespace="web",name="young",target_cluster="prod",kind="CustomCATrust",reason="Updating"}`]:
        '1x15 0x500',
    },
    at: 365,
    labels: trust,
    summary: 'CustomCATrust web/roots of cluster prod has not been Ready for 6 hours.',
  },
  {
    // There are too many objects of one kind, and a series of each of the other.
    alert: 'AksCaTrustObjectsStalled',
    fires: {
      [`aks_ca_trust_objects{${TARGET},kind="CustomCATrust",condition="Stalled",status="True"}`]: '7x60',
      [`aks_ca_trust_active{${TARGET}}`]: '1x60',
      [`aks_ca_trust_object_ready{${TARGET},${OBJECT},kind="CertificateRotation",reason="Watched"}`]: '1x60',
    },
    quiet: {
      [`aks_ca_trust_objects{${TARGET},kind="CertificateRotation",condition="Stalled",status="True"}`]: '7x60',
      [`aks_ca_trust_active{${TARGET}}`]: '1x60',
      [`aks_ca_trust_object_ready{${TARGET},${OBJECT},kind="CertificateRotation",reason="Watched"}`]: '1x60',
    },
    at: 11,
    labels: { job, kind: 'CustomCATrust' },
    summary: '7 CustomCATrust objects are stalled.',
  },
  {
    alert: 'AksCaTrustObjectsStalled',
    fires: {
      [`aks_ca_trust_objects{${TARGET},kind="CustomCATrust",condition="Stalled",status="True"}`]: '7x60',
      [`aks_ca_trust_objects{${STANDBY},kind="CustomCATrust",condition="Stalled",status="True"}`]: '7x60',
      [`aks_ca_trust_active{${TARGET}}`]: '1x60',
      [`aks_ca_trust_active{${STANDBY}}`]: '0x60',
    },
    quiet: {
      [`aks_ca_trust_objects{${TARGET},kind="CustomCATrust",condition="Stalled",status="True"}`]: '7x60',
      [`aks_ca_trust_active{${TARGET}}`]: '1x60',
      [`aks_ca_trust_object_ready{${TARGET},${TRUST},reason="Held"}`]: '0x60',
    },
    at: 11,
    labels: { job, kind: 'CustomCATrust' },
    summary: '7 CustomCATrust objects are stalled.',
  },
  {
    // One shard has a series of each object, and the other one has too many of them.
    alert: 'AksCaTrustObjectsStalled',
    fires: {
      [`aks_ca_trust_objects{${TARGET},kind="CustomCATrust",condition="Stalled",status="True"}`]: '7x60',
      [`aks_ca_trust_objects{${STANDBY},kind="CustomCATrust",condition="Stalled",status="True"}`]: '2x60',
      [`aks_ca_trust_active{${TARGET}}`]: '1x60',
      [`aks_ca_trust_active{${STANDBY}}`]: '1x60',
      [`aks_ca_trust_object_ready{${STANDBY},${TRUST},reason="Held"}`]: '0x60',
    },
    quiet: {
      [`aks_ca_trust_objects{${TARGET},kind="CustomCATrust",condition="Stalled",status="True"}`]: '0x60',
      [`aks_ca_trust_objects{${STANDBY},kind="CustomCATrust",condition="Stalled",status="True"}`]: '2x60',
      [`aks_ca_trust_active{${TARGET}}`]: '1x60',
      [`aks_ca_trust_active{${STANDBY}}`]: '1x60',
      [`aks_ca_trust_object_ready{${STANDBY},${TRUST},reason="Held"}`]: '0x60',
    },
    at: 11,
    labels: { job, kind: 'CustomCATrust' },
    summary: '7 CustomCATrust objects are stalled.',
  },
  ...CERTIFICATE_CASES,
  ...ROTATION_CASES,
  {
    alert: 'AksCaTrustSlotsNearlyUsed',
    fires: {
      [`aks_ca_trust_cluster_certificate_slots{${TARGET},${RECORD},state="managed"}`]: '5x90',
      [`aks_ca_trust_cluster_certificate_slots{${STANDBY},${RECORD},state="managed"}`]: '5x90',
      [`aks_ca_trust_cluster_certificate_slots{${TARGET},${RECORD},state="unmanaged"}`]: '3x90',
    },
    quiet: {
      [`aks_ca_trust_cluster_certificate_slots{${TARGET},${RECORD},state="managed"}`]: '7x90',
      [`aks_ca_trust_cluster_certificate_slots{${STANDBY},${RECORD},state="managed"}`]: '7x90',
      [`aks_ca_trust_cluster_certificate_slots{${TARGET},${RECORD},state="free"}`]: '3x90',
    },
    at: 61,
    labels: record,
    summary: '8 of the 10 certificate slots of cluster prod are used.',
  },
  {
    alert: 'AksCaTrustNodeReplacementBlocked',
    fires: { [`aks_ca_trust_cluster_node_pools_blocked{${TARGET},${RECORD}}`]: '2x90' },
    quiet: { [`aks_ca_trust_cluster_node_pools_blocked{${TARGET},${RECORD}}`]: '2x50 0x40' },
    at: 61,
    labels: record,
    summary: 'In 2 node pools of cluster prod, a node cannot be replaced.',
  },
  {
    alert: 'AksCaTrustChangeTakesLong',
    fires: { [`aks_ca_trust_cluster_change_started_timestamp_seconds{${TARGET},${RECORD}}`]: '0x900' },
    quiet: { [`aks_ca_trust_cluster_change_started_timestamp_seconds{${TARGET},${RECORD}}`]: '36000x900' },
    at: 780,
    labels: record,
    summary: 'The change of cluster prod has been under way for 13h 0m 0s.',
  },
];
