import type { AutoRotationRow } from '../../../src/cluster-certificates/judgement.ts';
import type { CertsReport, CertsRow } from '../../../src/commands/certs/report.ts';

/** The time of all views. */
export const NOW = Date.parse('2026-12-01T12:00:00Z');
export const DAY = 24 * 3_600_000;

/** RFC 3339, so many days from now. */
export function inDays(days: number): string {
  return new Date(NOW + days * DAY).toISOString().replace('.000', '');
}

export const CA: CertsRow = {
  name: 'ClusterCA',
  maintainedBy: 'You',
  health: 'Healthy',
  subject: 'CN=ca',
  notBefore: inDays(-365),
  notAfter: inDays(29 * 365),
  lifeUsedPercent: 3,
  source: 'kubeconfig from ARM',
};

export const LEAF: CertsRow = {
  name: 'APIServer',
  maintainedBy: 'Microsoft',
  health: 'Healthy',
  notBefore: inDays(-365),
  notAfter: inDays(365),
  lifeUsedPercent: 50,
  source: 'TLS handshake',
};

export const KUBELET: CertsRow = {
  name: 'KubeletClient',
  pool: 'apps',
  node: 'aks-apps-1-vmss000001',
  nodes: 2,
  nodesTotal: 3,
  maintainedBy: 'Microsoft',
  health: 'Late',
  notAfter: inDays(20),
  lifeUsedPercent: 94,
  source: 'certificate signing requests',
  message: 'The kubelet should have renewed it.',
};

export const KEYS: CertsRow = {
  name: 'ServiceAccountKeys',
  maintainedBy: 'Microsoft',
  health: 'Unknown',
  message: 'They were not read.',
};

export const ENABLED: AutoRotationRow = {
  pool: 'apps',
  state: 'Enabled',
  evidence: 'a renewal by aks-apps-1-vmss000001',
  seenAt: '2026-12-01T11:30:00Z',
  message: 'Its kubelets renew their certificates.',
};

export const DISABLED: AutoRotationRow = { pool: 'old', state: 'Disabled', message: 'Upgrade the pool.' };

export function report(more: Partial<CertsReport> = {}): CertsReport {
  return {
    name: 'prod',
    heard: true,
    resourceId: '/id',
    rows: [CA, LEAF],
    autoRotation: [],
    notices: [],
    nodeCommands: [],
    ...more,
  };
}
