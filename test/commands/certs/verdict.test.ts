import { describe, expect, it } from '@jest/globals';
import { withExpiryWarning } from '../../../src/commands/certs/expiry-warning.ts';
import type { CertsReport, CertsRow } from '../../../src/commands/certs/report.ts';
import { exitCodeFor } from '../../../src/commands/certs/verdict.ts';
import { CA, DAY, DISABLED, ENABLED, inDays, KEYS, KUBELET, LEAF, NOW, report } from './states.ts';

describe('the exit code', () => {
  const of = (health: CertsRow['health']): CertsRow => ({ ...LEAF, health });
  const object = { namespace: 'web', name: 'prod' };
  it.each<[number, string, Partial<CertsReport>]>([
    [0, 'all is healthy', { autoRotation: [ENABLED] }],
    [0, 'some rows are not known', { rows: [CA, KEYS] }],
    [3, 'one expires soon', { rows: [CA, of('Expiring')] }],
    [3, 'one has expired', { rows: [CA, of('Expired')] }],
    [3, 'one should have been renewed', { rows: [CA, KUBELET] }],
    [3, 'another authority than the cluster signed one', { rows: [CA, of('Intercepted')] }],
    [3, 'a pool does not renew its certificates', { autoRotation: [ENABLED, DISABLED] }],
    [3, 'a pool is late', { autoRotation: [{ ...DISABLED, state: 'Late' }] }],
    [0, 'it is not known whether a pool renews them', { autoRotation: [{ ...DISABLED, state: 'Unknown' }] }],
    [3, 'the kubeconfig on disk is of before a rotation', { fileIsOutdated: true }],
    [1, 'nothing has answered', { heard: false }],
    [3, 'nothing has answered, and the kubeconfig has expired', { heard: false, rows: [of('Expired')] }],
    [1, 'the controller knows nothing', { heard: false, rows: [KEYS], object }],
    [2, 'the controller has not read it yet', { heard: false, rows: [], object }],
    [1, 'there are no rows', { heard: false, rows: [] }],
  ])('is %d where %s', (code, _, more) => {
    expect(exitCodeFor(report(more))).toBe(code);
  });
});

describe('--expiry-warning', () => {
  const leaf = (days: number, health: CertsRow['health'] = 'Healthy'): CertsRow => ({
    ...LEAF,
    health,
    notAfter: inDays(days),
    message: 'why',
  });
  it('counts a certificate as expiring that has less time left, and says so', () => {
    expect(withExpiryWarning(leaf(59), 60 * DAY, NOW)).toMatchObject({
      health: 'Expiring',
      message: '59d are left, which --expiry-warning counts as too little.',
    });
    expect(withExpiryWarning(leaf(61), 60 * DAY, NOW).health).toBe('Healthy');
  });

  it('takes back what the controller counts as expiring, with its message', () => {
    const row = withExpiryWarning(leaf(20, 'Expiring'), 10 * DAY, NOW);
    expect(row.health).toBe('Healthy');
    expect(row).not.toHaveProperty('message');
    expect(withExpiryWarning(leaf(9, 'Expiring'), 10 * DAY, NOW)).toEqual(leaf(9, 'Expiring'));
  });

  it.each(['Expired', 'Late', 'Intercepted', 'Unknown'] as const)('leaves %s as it is', (health) => {
    expect(withExpiryWarning(leaf(9, health), 60 * DAY, NOW)).toEqual(leaf(9, health));
    expect(withExpiryWarning(leaf(90, health), 60 * DAY, NOW)).toEqual(leaf(90, health));
  });

  it('leaves a row without dates as it is', () => {
    expect(withExpiryWarning(KEYS, 60 * DAY, NOW)).toBe(KEYS);
  });
});
