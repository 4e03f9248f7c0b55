/** Series from which an alert fires, and series, close to these, from which it does not. */
export interface AlertCase {
  readonly alert: string;
  /** Each series with its values by the minute, in the notation of promtool. */
  readonly fires: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
  /** When both are judged, in minutes; the notation of promtool begins at minute 0, which is 1970. */
  readonly at: number;
  /** Labels of the alert besides its severity. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

const TARGET = 'job="monitoring/aks-ca-trust",instance="10.0.0.1:8443"';
const target = { job: 'monitoring/aks-ca-trust', instance: '10.0.0.1:8443' };
const { job } = target;
const BUILD = { [`aks_ca_trust_build_info{${TARGET},version="0.1.0",node_version="v24"}`]: '1x2000' };
const OBJECT = 'namespace="web",name="roots",target_cluster="prod"';
const object = { namespace: 'web', name: 'roots', target_cluster: 'prod' };
const TRUST = `${OBJECT},kind="CustomCATrust"`;
const trust = { ...object, kind: 'CustomCATrust' };
const RECORD = 'target_cluster="prod",record="prod-1"';
const record = { target_cluster: 'prod', record: 'prod-1' };
const DAY = 86_400;
const EXPIRY = `aks_ca_trust_certificate_not_after_timestamp_seconds{${TARGET},${OBJECT}}`;
/** A series of one certificate that a cluster has for itself. */
const ofCertificate = (metric: string, certificate: string, more = '') =>
  `aks_ca_trust_cluster_certificate_${metric}{${TARGET},${OBJECT},certificate="${certificate}"${more && `,${more}`}}`;
const ofPhase = (phase: string, rotated = OBJECT) =>
  `aks_ca_trust_rotation_phase{${TARGET},${rotated},phase="${phase}"}`;
const ofCondition = (condition: string, status: string) =>
  `aks_ca_trust_rotation_condition{${TARGET},${OBJECT},condition="${condition}",status="${status}"}`;
const notReady = (reason: string) =>
  `aks_ca_trust_object_ready{${TARGET},${OBJECT},kind="CertificateRotation",reason="${reason}"}`;
const STANDBY = TARGET.replace('10.0.0.1', '10.0.0.2');

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
  {
    alert: 'AksCaTrustCertificateExpiresSoon',
    fires: { [EXPIRY]: `${20 * DAY}x90` },
    quiet: { [EXPIRY]: `${31 * DAY}x90` },
    at: 61,
    labels: object,
    summary: 'A certificate of CustomCATrust web/roots for cluster prod expires in 20 days.',
  },
  {
    alert: 'AksCaTrustCertificateExpiresThisWeek',
    fires: {
      [`${EXPIRY.slice(0, -1)},fingerprint_sha256="01"}`]: `${3 * DAY}x90`,
      [`${EXPIRY.slice(0, -1)},fingerprint_sha256="02"}`]: `${300 * DAY}x90`,
    },
    quiet: { [EXPIRY]: `${8 * DAY}x90` },
    at: 61,
    labels: object,
    summary: 'A certificate of CustomCATrust web/roots for cluster prod expires in 3 days.',
  },
  {
    alert: 'AksCaTrustCertificateExpired',
    fires: { [EXPIRY]: '60x90' },
    quiet: { [EXPIRY]: '3600x90' },
    at: 10,
    labels: object,
    summary: 'A certificate of CustomCATrust web/roots for cluster prod has expired.',
  },
  {
    alert: 'AksCaTrustCertificatesExpire',
    fires: { [`aks_ca_trust_earliest_certificate_not_after_timestamp_seconds{${TARGET}}`]: `${20 * DAY}x90` },
    quiet: {
      [`aks_ca_trust_earliest_certificate_not_after_timestamp_seconds{${TARGET}}`]: `${20 * DAY}x90`,
      [`aks_ca_trust_object_ready{${TARGET},${TRUST},reason="Trusted"}`]: '1x90',
    },
    at: 61,
    labels: { job },
    summary: 'A certificate of some CustomCATrust object expires in 20 days.',
  },
  {
    alert: 'AksCaTrustCertificatesExpire',
    fires: {
      [`aks_ca_trust_earliest_certificate_not_after_timestamp_seconds{${TARGET}}`]: `${20 * DAY}x90`,
      [`aks_ca_trust_earliest_certificate_not_after_timestamp_seconds{${STANDBY}}`]: `${10 * DAY}x90`,
      [`aks_ca_trust_object_ready{${STANDBY},${TRUST},reason="Trusted"}`]: '1x90',
    },
    quiet: {
      [`aks_ca_trust_earliest_certificate_not_after_timestamp_seconds{${TARGET}}`]: `${40 * DAY}x90`,
      [`aks_ca_trust_earliest_certificate_not_after_timestamp_seconds{${STANDBY}}`]: `${10 * DAY}x90`,
      [`aks_ca_trust_object_ready{${STANDBY},${TRUST},reason="Trusted"}`]: '1x90',
    },
    at: 61,
    labels: { job },
    summary: 'A certificate of some CustomCATrust object expires in 20 days.',
  },
  {
    alert: 'AksCaTrustClusterCertificateExpiresSoon',
    fires: { [ofCertificate('not_after_timestamp_seconds', 'ClusterCA')]: `${20 * DAY}x90` },
    quiet: {
      [ofCertificate('not_after_timestamp_seconds', 'ClusterCA')]: `${31 * DAY}x90`,
      // A kubelet renews its certificate by itself: it may live for less than 30 days, and is late only at the end.
      [ofCertificate('not_after_timestamp_seconds', 'KubeletClient', 'pool="system"')]: `${20 * DAY}x90`,
    },
    at: 61,
    labels: { ...object, certificate: 'ClusterCA' },
    summary: 'The ClusterCA certificate of cluster prod expires in 20 days (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustClusterCertificateExpiresThisWeek',
    fires: {
      [ofCertificate('not_after_timestamp_seconds', 'APIServer')]: `${3 * DAY}x90`,
      [ofCertificate('not_after_timestamp_seconds', 'ClusterCA')]: `${300 * DAY}x90`,
    },
    quiet: { [ofCertificate('not_after_timestamp_seconds', 'APIServer')]: `${8 * DAY}x90` },
    at: 61,
    labels: { ...object, certificate: 'APIServer' },
    summary: 'The APIServer certificate of cluster prod expires in 3 days (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustClusterCertificateExpired',
    fires: { [ofCertificate('not_after_timestamp_seconds', 'ClusterCA')]: '60x90' },
    quiet: { [ofCertificate('not_after_timestamp_seconds', 'ClusterCA')]: '3600x90' },
    at: 10,
    labels: { ...object, certificate: 'ClusterCA' },
    summary: 'A certificate of cluster prod has expired: ClusterCA (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustClusterCertificateExpired',
    fires: { [ofCertificate('not_after_timestamp_seconds', 'KubeletClient', 'pool="system"')]: '60x90' },
    quiet: { [ofCertificate('not_after_timestamp_seconds', 'KubeletClient', 'pool="system"')]: '3600x90' },
    at: 10,
    labels: { ...object, certificate: 'KubeletClient', pool: 'system' },
    summary:
      'A certificate of cluster prod has expired: KubeletClient of node pool system (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustKubeletCertificateLate',
    fires: { [ofCertificate('health', 'KubeletClient', 'pool="system",health="Late"')]: '1x90' },
    quiet: { [ofCertificate('health', 'KubeletClient', 'pool="system",health="Healthy"')]: '1x90' },
    at: 61,
    labels: { ...object, certificate: 'KubeletClient', pool: 'system' },
    summary:
      'In node pool system of cluster prod, a kubelet has not renewed its certificate (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustApiServerCertificateIntercepted',
    fires: {
      [ofCertificate('health', 'APIServer', 'health="Intercepted"')]: '1x90',
      [ofCertificate('health', 'ClusterCA', 'health="Healthy"')]: '1x90',
    },
    // After a rotation, ARM may return the old CA for a while.
    quiet: {
      [ofCertificate('health', 'APIServer', 'health="Intercepted"')]: '1x40 _x60',
      [ofCertificate('health', 'APIServer', 'health="Healthy"')]: '_x41 1x60',
    },
    at: 61,
    labels: { ...object, certificate: 'APIServer' },
    summary:
      'The API server of cluster prod shows a certificate that its cluster CA did not sign (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustClusterCertificateNotKnown',
    fires: { [ofCertificate('health', 'APIServer', 'health="Unknown"')]: '1x1600' },
    quiet: {
      // Nothing shows these without access to the nodes, which people may choose.
      [ofCertificate('health', 'FrontProxyCA', 'health="Unknown"')]: '1x1600',
      [ofCertificate('health', 'KubeletClient', 'health="Unknown"')]: '1x1600',
      // Known again after some hours.
      [ofCertificate('health', 'ClusterCA', 'health="Unknown"')]: '1x600 _x1000',
    },
    at: 1450,
    labels: { ...object, certificate: 'APIServer' },
    summary: 'The APIServer certificate of cluster prod has not been known for a day (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustClusterCertificatesExpire',
    fires: {
      [`aks_ca_trust_earliest_cluster_certificate_not_after_timestamp_seconds{${TARGET}}`]: `${20 * DAY}x90`,
      [`aks_ca_trust_object_ready{${TARGET},${TRUST},reason="Trusted"}`]: '1x90',
    },
    quiet: {
      [`aks_ca_trust_earliest_cluster_certificate_not_after_timestamp_seconds{${TARGET}}`]: `${20 * DAY}x90`,
      [`aks_ca_trust_object_ready{${TARGET},${OBJECT},kind="CertificateRotation",reason="Watched"}`]: '1x90',
    },
    at: 61,
    labels: { job },
    summary: "A certificate of some cluster's own expires in 20 days.",
  },
  {
    alert: 'AksCaTrustRotationFailed',
    fires: { [ofPhase('Failed')]: '1x60' },
    // Sent again after a failure, it is Rotating.
    quiet: { [ofPhase('Failed')]: '1x3 _x60', [ofPhase('Rotating')]: '_x4 1x60' },
    at: 10,
    labels: object,
    summary:
      'The rotation of the certificates of cluster prod has failed or was canceled (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustRotationTakesLong',
    fires: { [`aks_ca_trust_rotation_started_timestamp_seconds{${TARGET},${OBJECT}}`]: '60x90' },
    quiet: { [`aks_ca_trust_rotation_started_timestamp_seconds{${TARGET},${OBJECT}}`]: `${10 * 60}x90` },
    at: 50,
    labels: object,
    summary:
      'The rotation of the certificates of cluster prod has been under way for 49m 0s (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustOldCertificatesAccepted',
    fires: { [ofCondition('OldCertificatesRejected', 'False')]: '1x60' },
    // Not proved yet, and an answer of a replica that is out of step.
    quiet: {
      [ofCondition('OldCertificatesRejected', 'Unknown')]: '1x60',
      [ofCondition('RotationSucceeded', 'False')]: '1x60',
    },
    at: 10,
    labels: object,
    summary: 'Cluster prod still accepts credentials of before its last rotation (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustRotationHeld',
    fires: { [ofPhase('Preflight')]: '1x1600', [notReady('Held')]: '0x1600' },
    quiet: { [ofPhase('Preflight')]: '1x1600', [notReady('WaitingForWindow')]: '0x1600' },
    at: 1450,
    labels: object,
    summary:
      'The rotation of the certificates of cluster prod has been held for a day (CertificateRotation web/roots).',
  },
  {
    // It waits for a window, but its checks failed in the last one.
    alert: 'AksCaTrustRotationHeld',
    fires: {
      [ofPhase('Preflight')]: '1x1600',
      [notReady('WaitingForWindow')]: '0x1600',
      [ofCondition('PreflightPassed', 'False')]: '1x1600',
    },
    quiet: {
      [ofPhase('Preflight')]: '1x1600',
      [notReady('WaitingForWindow')]: '0x1600',
      [ofCondition('PreflightPassed', 'True')]: '1x1600',
      // Of another object.
      [ofPhase('Rotating', OBJECT.replace('roots', 'own'))]: '1x1600',
    },
    at: 1450,
    labels: object,
    summary:
      'The rotation of the certificates of cluster prod has been held for a day (CertificateRotation web/roots).',
  },
  {
    alert: 'AksCaTrustKubeconfigNotWritten',
    fires: { [ofCondition('KubeconfigWritten', 'False')]: '1x90' },
    quiet: {
      [ofCondition('KubeconfigWritten', 'False')]: '1x40 _x50',
      [ofCondition('KubeconfigWritten', 'True')]: '_x41 1x50',
    },
    at: 61,
    labels: object,
    summary: 'The Secret with the kubeconfig of cluster prod is not kept up to date (CertificateRotation web/roots).',
  },
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
