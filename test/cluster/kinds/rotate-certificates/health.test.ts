import { describe, expect, it } from '@jest/globals';
import { healthCondition } from '../../../../src/cluster/kinds/rotate-certificates/health.ts';
import type { AutoRotationRow, CertificateRow } from '../../../../src/cluster-certificates/judgement.ts';

const row = (name: CertificateRow['name'], health: CertificateRow['health'], more: Partial<CertificateRow> = {}) =>
  ({ name, health, maintainedBy: 'Microsoft', message: `Message of ${name}.`, ...more }) satisfies CertificateRow;

const GOOD = [row('ClusterCA', 'Healthy'), row('APIServer', 'Healthy')];
const pool = (state: AutoRotationRow['state'], name = 'apps'): AutoRotationRow => ({
  ...{ pool: name, state },
  message: `Pool is ${state}.`,
});

const judge = (certificates: CertificateRow[], autoRotation: AutoRotationRow[] = []) =>
  healthCondition({ certificates, autoRotation, earliestNotAfter: '2030-01-01T00:00:00Z' });

describe('CertificatesHealthy', () => {
  const cases: [string, CertificateRow[], AutoRotationRow[], string, string][] = [
    ['nothing was read yet', [], [], 'Unknown', 'NotReadYet'],
    ['all is well', GOOD, [pool('Enabled')], 'True', 'Healthy'],
    ['a row is not known that AKS renews', [...GOOD, row('FrontProxyCA', 'Unknown')], [], 'True', 'Healthy'],
    ['the renewal in a pool is not known', GOOD, [pool('Unknown')], 'True', 'Healthy'],
    ['the cluster CA is not known', [row('ClusterCA', 'Unknown'), GOOD[1]!], [], 'Unknown', 'NotKnown'],
    ["the API server's certificate is not known", [GOOD[0]!, row('APIServer', 'Unknown')], [], 'Unknown', 'NotKnown'],
    ['a pool does not renew', GOOD, [pool('Disabled')], 'False', 'AutoRotationDisabled'],
    ['a pool is late', GOOD, [pool('Late')], 'False', 'Late'],
    [
      'one expires, and a pool does not renew',
      [...GOOD, row('KubeconfigClient', 'Expiring')],
      [pool('Disabled')],
      'False',
      'Expiring',
    ],
    [
      'one is late, another expires',
      [...GOOD, row('KubeletClient', 'Late'), row('KubeconfigClient', 'Expiring')],
      [],
      'False',
      'Late',
    ],
    [
      'one is foreign, another late',
      [row('APIServer', 'Intercepted'), row('KubeletClient', 'Late')],
      [],
      'False',
      'Intercepted',
    ],
    [
      'one has expired, another is foreign',
      [row('APIServer', 'Intercepted'), row('KubeletClient', 'Expired')],
      [],
      'False',
      'Expired',
    ],
    [
      'one has expired, and the cluster CA is not known',
      [row('ClusterCA', 'Unknown'), row('KubeletClient', 'Expired')],
      [],
      'False',
      'Expired',
    ],
  ];
  it.each(cases)('while %s', (_, certificates, pools, status, reason) => {
    expect(judge(certificates, pools)).toMatchObject({ status, reason });
  });

  it('names the certificates and pools with their messages, the worst first, and how many there are more', () => {
    const kubelets = row('KubeletClient', 'Late', { pool: 'apps' });
    const { message } = judge([row('ClusterCA', 'Expiring'), kubelets], [pool('Late'), pool('Disabled', 'win')]);
    expect(message).toBe(
      'KubeletClient of node pool apps: Message of KubeletClient. ClusterCA: Message of ClusterCA. Node pool win: Pool is Disabled.',
    );
    const many = judge(Array.from({ length: 9 }, (_, index) => row('KubeletClient', 'Late', { pool: `p${index}` })));
    expect(many.message).toMatch(/p0: .*p2: .* 6 more rows have a problem\.$/);
    expect(many.message).not.toContain('p3');
  });

  it('says the cluster CA once where it is the front proxy CA too', () => {
    const rows = [row('ClusterCA', 'Expiring'), row('FrontProxyCA', 'Expiring', { sameAsClusterCA: true })];
    expect(judge(rows).message).toBe('ClusterCA: Message of ClusterCA.');
  });

  it('names what is not known also where all that is known is well, and when the first one expires', () => {
    const kubelets = ['a', 'b'].map((name) => row('KubeletClient', 'Unknown', { pool: name }));
    expect(judge([...GOOD, row('FrontProxyCA', 'Unknown'), ...kubelets]).message).toBe(
      'No certificate that is known needs an action; the first one expires at 2030-01-01T00:00:00Z. Not known are FrontProxyCA, KubeletClient: see the rows for what would make them known.',
    );
  });
});
