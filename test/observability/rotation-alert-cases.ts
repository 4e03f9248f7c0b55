import { OBJECT, TARGET, object, type AlertCase } from './series.ts';

const ofPhase = (phase: string, rotated = OBJECT) =>
  `aks_ca_trust_rotation_phase{${TARGET},${rotated},phase="${phase}"}`;
const ofCondition = (condition: string, status: string) =>
  `aks_ca_trust_rotation_condition{${TARGET},${OBJECT},condition="${condition}",status="${status}"}`;
const notReady = (reason: string) =>
  `aks_ca_trust_object_ready{${TARGET},${OBJECT},kind="CertificateRotation",reason="${reason}"}`;

/** The cases of group aks-ca-trust.rotations. */
export const ROTATION_CASES: readonly AlertCase[] = [
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
    // It waits for the time that it asks for.
    alert: 'AksCaTrustRotationHeld',
    fires: { [ofPhase('Preflight')]: '1x1600', [notReady('ClusterFailed')]: '0x1600' },
    quiet: { [ofPhase('Preflight')]: '1x1600', [notReady('RequestedLater')]: '0x1600' },
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
];
