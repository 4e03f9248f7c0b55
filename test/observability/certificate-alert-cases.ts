import { TARGET, STANDBY, job, OBJECT, object, TRUST, type AlertCase } from './series.ts';

const DAY = 86_400;
const EXPIRY = `aks_ca_trust_certificate_not_after_timestamp_seconds{${TARGET},${OBJECT}}`;
/** A series of one certificate that a cluster has for itself. */
const ofCertificate = (metric: string, certificate: string, more = '') =>
  `aks_ca_trust_cluster_certificate_${metric}{${TARGET},${OBJECT},certificate="${certificate}"${more && `,${more}`}}`;

/** The cases of the alerts about certificates: those of objects, and those that clusters have for themselves. */
export const CERTIFICATE_CASES: readonly AlertCase[] = [
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
];
