import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { CertsRow } from './report.ts';

/** The members of a CertificateRotation's spec that rotate the certificates of a cluster once. */
export type RotationRequest = Required<Pick<CertificateRotation['spec'], 'mode' | 'acceptDowntime' | 'request'>>;

/** As the schema of spec.request.replaceCA has it. */
const FINGERPRINT = /^[0-9a-f]{64}$/;

/**
 * The request to replace the cluster CA that the rows show. Undefined where it is not known; or where the API server has another one,
 * because the CA is then of a kubeconfig from before a rotation, and a request for it would be done already.
 */
export function rotationRequestFor(rows: readonly CertsRow[]): RotationRequest | undefined {
  const replaceCA = rows.find(({ name }) => name === 'ClusterCA')?.fingerprintSHA256;
  if (replaceCA === undefined || !FINGERPRINT.test(replaceCA)) return undefined;
  if (rows.some(({ name, health }) => name === 'APIServer' && health === 'Intercepted')) return undefined;
  return { mode: 'Rotate', acceptDowntime: true, request: { replaceCA } };
}

/** True where a rotation is what helps: what it alone renews expires. */
export function isRotationNeeded(rows: readonly CertsRow[]): boolean {
  return rows.some(
    ({ name, health }) =>
      (name === 'ClusterCA' || name === 'APIServer') && (health === 'Expiring' || health === 'Expired'),
  );
}
