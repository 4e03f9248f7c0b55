import { apiServerRow } from './api-server.ts';
import { autoRotationOf } from './auto-rotation.ts';
import { clusterCARow } from './cluster-ca.ts';
import type { Evidence } from './evidence.ts';
import { frontProxyCARow } from './front-proxy-ca.ts';
import type { CertificateRow, Judgement } from './judgement.ts';
import { kubeconfigClientRow } from './kubeconfig-client.ts';
import { kubeletRows } from './kubelet-rows.ts';
import { rowNamed } from './row.ts';
import { serviceAccountKeysRow } from './service-account-keys.ts';

/** What is judged before anything was read. */
export const NOTHING_KNOWN: Judgement = { certificates: [], autoRotation: [] };

/** The most rows of certificates and of node pools that a status has, by its schema. */
const MOST_ROWS = 200;
const MOST_POOLS = 100;

/**
 * Judges what was read. A row that could not be read again keeps its last values from `before`, and says why; its health counts with
 * the present time. Without evidence, only the time has passed.
 */
export function judge(evidence: Evidence | undefined, before: Judgement, now: number): Judgement {
  if (!evidence && before.certificates.length === 0) return { ...NOTHING_KNOWN, autoRotation: before.autoRotation };
  const was = (name: CertificateRow['name']) => rowNamed(before.certificates, name);
  const clusterCA = clusterCARow(evidence, was('ClusterCA'), now);
  const certificates = [
    clusterCA,
    frontProxyCARow(evidence, was('FrontProxyCA'), clusterCA, now),
    apiServerRow(evidence, was('APIServer'), now),
    kubeconfigClientRow(evidence, was('KubeconfigClient'), now),
    serviceAccountKeysRow(evidence, was('ServiceAccountKeys')),
    ...kubeletRows(evidence, before, now),
  ].slice(0, MOST_ROWS);
  const earliestNotAfter = earliestOf(certificates);
  return {
    certificates,
    autoRotation: autoRotationOf(evidence, before, now).slice(0, MOST_POOLS),
    ...(earliestNotAfter === undefined ? {} : { earliestNotAfter }),
  };
}

/** When the first certificate expires. A foreign one does not count: its dates say nothing of the cluster. */
function earliestOf(rows: readonly CertificateRow[]): string | undefined {
  const times = rows.flatMap(({ health, notAfter }) =>
    health === 'Intercepted' || notAfter === undefined ? [] : [notAfter],
  );
  return times.sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}
