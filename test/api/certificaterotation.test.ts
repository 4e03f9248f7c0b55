import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadOwnCredentials } from '../../src/kubernetes/auth/credentials.ts';
import { connect, KubernetesError, type Connection } from '../../src/kubernetes/client/connection.ts';
import { eventually } from '../eventually.ts';

const ID =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c1';
const GROUP = '/apis/aks-ca-trust.dev/v1alpha1';
const NODE_OS = 'aksManagedNodeOSUpgradeSchedule';
const rotate = { mode: 'Rotate', acceptDowntime: true };

let api: Connection;
beforeAll(async () => {
  api = connect(await loadOwnCredentials({ kubeconfig: process.env['AKS_CA_TRUST_KUBECONFIG']! }));
  await eventually(() => api.request({ path: `${GROUP}/certificaterotations` }).catch(() => undefined));
});
afterAll(() => api.close());

/** The API server's refusal of an object with this spec, or `accepted`. */
async function refusal(spec: Readonly<Record<string, unknown>>): Promise<string> {
  const metadata = { name: `o-${randomBytes(4).toString('hex')}` };
  const head = { apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'CertificateRotation' };
  const body = { ...head, metadata, spec: { target: { resourceId: ID }, ...spec } };
  const path = `${GROUP}/namespaces/default/certificaterotations`;
  try {
    await api.request({ method: 'POST', path, query: { dryRun: 'All', fieldValidation: 'Strict' }, body });
    return 'accepted';
  } catch (error) {
    if (error instanceof KubernetesError) return error.message;
    throw error;
  }
}

describe('a CertificateRotation', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['nothing but a cluster', {}],
    ['a rotation whose downtime is accepted', rotate],
    ['a window', { ...rotate, window: { schedule: '0 2 * * 6', timeZone: 'Europe/Berlin', durationHours: 4 } }],
    ["the cluster's own window", { ...rotate, window: { maintenanceConfiguration: NODE_OS } }],
    [
      'every finding that can be accepted',
      { ...rotate, accept: ['UnevictablePods', 'AutoProvisionedNodes', 'VirtualNodes', 'NotReadyNodes'] },
    ],
    ['a rotation every 30 days, the shortest', { ...rotate, every: '30d', notice: '1h' }],
    ['a rotation every 2160 hours', { ...rotate, every: '2160h' }],
    ['the longest durations', { ...rotate, every: '3650d', beforeExpiry: '87600h', notice: '30d' }],
    ['a rotation a day before expiry', { ...rotate, beforeExpiry: '24h' }],
  ])('takes %s', async (_, spec) => {
    expect(await refusal(spec)).toBe('accepted');
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['a rotation whose downtime is not accepted', { mode: 'Rotate' }, /acceptDowntime/],
    ['a window of nothing', { window: {} }, /exactly one of schedule and maintenanceConfiguration/],
    ['a schedule without a duration', { window: { schedule: '0 2 * * 6' } }, /durationHours/],
    ['a schedule of six fields', { window: { schedule: '0 0 2 * * 6', durationHours: 4 } }, /schedule in body/],
    ['another finding', { accept: ['ClusterStopped'] }, /Unsupported value/],
    ['a finding twice', { accept: ['VirtualNodes', 'VirtualNodes'] }, /Duplicate value/],
    ['a rotation by age whose downtime is not accepted', { mode: 'Rotate', every: '90d' }, /acceptDowntime/],
    ['a rotation every 29 days', { ...rotate, every: '29d' }, /at least 30d and at most 3650d/],
    ['a rotation every 719 hours', { ...rotate, every: '719h' }, /at least 30d and at most 3650d/],
    ['a rotation every eleven years', { ...rotate, every: '4015d' }, /at most 3650d/],
    ['a duration in weeks', { ...rotate, every: '12w' }, /a number of days or hours/],
    ['a duration of a number of seconds', { ...rotate, beforeExpiry: 86400 }, /must be of type string/],
    ['a duration of several units', { ...rotate, every: '90d12h' }, /a number of days or hours/],
    ['a duration with a fraction', { ...rotate, beforeExpiry: '1.5d' }, /a number of days or hours/],
    ['an expiry of less than a day', { ...rotate, beforeExpiry: '23h' }, /at least 1d/],
    ['no notice', { ...rotate, every: '90d', notice: '0h' }, /a number of hours or days/],
    ['a notice of 31 days', { ...rotate, every: '90d', notice: '31d' }, /at most 30d/],
  ])('refuses %s', async (_, spec, message) => {
    expect(await refusal(spec)).toMatch(message);
  });
});
