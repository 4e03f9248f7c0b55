import { CORPUS } from '../corpus.ts';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, KubernetesError, type Connection } from '../../src/kubernetes/client/connection.ts';
import { eventually } from '../eventually.ts';
import { loadOwnCredentials } from '../../src/kubernetes/auth/credentials.ts';

const ID =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c1';
const namespace = `api-${randomBytes(4).toString('hex')}`;
const path = `/apis/aks-ca-trust.dev/v1alpha1/namespaces/${namespace}/customcatrusts`;

let api: Connection;
beforeAll(async () => {
  api = connect(await loadOwnCredentials({ kubeconfig: process.env['AKS_CA_TRUST_KUBECONFIG']! }));
  // A new kind answers 429 for a moment, until the API server's cache of it is filled.
  for (const kind of ['customcatrusts', 'targetclusters']) {
    await eventually(() => api.request({ path: `/apis/aks-ca-trust.dev/v1alpha1/${kind}` }).catch(() => undefined));
  }
  await api.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  });
});
afterAll(() => api.close());

const NODE_OS = 'aksManagedNodeOSUpgradeSchedule';

type Spec = Record<string, unknown>;
const spec = (change: Spec = {}): Spec => ({
  target: { resourceId: ID },
  certificates: [{ name: 'a', pem: 'x' }],
  ...change,
});

async function create(
  body: Spec,
  name = `o-${randomBytes(4).toString('hex')}`,
): Promise<{ metadata: { name: string }; spec: Spec }> {
  const object = { apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'CustomCATrust', metadata: { name }, spec: body };
  return (await api.request({
    method: 'POST',
    path,
    query: { dryRun: 'All', fieldValidation: 'Strict' },
    body: object,
  })) as { metadata: { name: string }; spec: Spec };
}

async function refusal(body: Spec): Promise<string> {
  try {
    await create(body);
  } catch (error) {
    if (error instanceof KubernetesError) return error.message;
    throw error;
  }
  return 'accepted';
}

/** Columns that `kubectl get` shows (priority 0), or only with `-o wide` (1); every kind has NAME. */
async function columns(path: string, priority = 0): Promise<string[]> {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const table = (await api.request({ path, accept })) as { columnDefinitions: { name: string; priority: number }[] };
  return table.columnDefinitions
    .filter((column) => column.priority === priority && column.name !== 'Name')
    .map(({ name }) => name);
}

const target = (change: Spec) => ({ target: { resourceId: ID, ...change } });
const entries = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `c${index}`, pem: 'x' }));

describe('a CustomCATrust', () => {
  it('gets the documented defaults', async () => {
    const { spec } = await create({ target: { resourceId: ID, nodeAccess: { kubeconfigSecretRef: { name: 's' } } } });
    expect(spec).toEqual({
      target: { resourceId: ID, nodeAccess: { kubeconfigSecretRef: { name: 's', key: 'value' } } },
      certificates: [],
      adopt: false,
      allowEmpty: false,
      suspend: false,
      unmanagedCertificates: 'Keep',
      invalidCertificates: 'Hold',
      deletionPolicy: 'Retain',
      settleSeconds: 30,
    });
  });

  it.each<[string, Spec]>([
    ['a resource id in any case', target({ resourceId: ID.toUpperCase() })],
    ['a group with dots and brackets', target({ resourceId: ID.replace('/rg/', '/my.group_(1)-x/') })],
    ...CORPUS.ids.map(({ id, resourceId }): [string, Spec] => [`the id ${id}`, target({ resourceId })]),
    ...[
      'Überwachung',
      'Instruktører',
      '生产',
      'производство',
      'إنتاج',
      'ΠΑΡΑΓΩΓΗ',
      'প١٢',
      'a.b(c)-d_',
      'ü'.repeat(90),
    ].map((group): [string, Spec] => [`the group ${group}`, target({ resourceId: ID.replace('/rg/', `/${group}/`) })]),
    ['a cluster name of 63 characters', target({ resourceId: ID.replace(/c1$/, 'a'.repeat(63)) })],
    ['64 entries', { certificates: entries(64) }],
    ['an entry name of 63 characters', { certificates: [{ name: 'a'.repeat(63), pem: 'x' }] }],
    ['no settle time', { settleSeconds: 0 }],
    ['an hour of settle time', { settleSeconds: 3600 }],
    [
      'Remove, Skip and Remove',
      { unmanagedCertificates: 'Remove', invalidCertificates: 'Skip', deletionPolicy: 'Remove' },
    ],
    ['suspension', { suspend: true }],
    [
      'a key of the kubeconfig Secret',
      target({ nodeAccess: { kubeconfigSecretRef: { name: 's', key: 'kubeconfig' } } }),
    ],
    ['nodes by way of Azure', target({ nodeAccess: { azure: {} } })],
    ['nodes of the cluster it is in', target({ nodeAccess: { inCluster: {} } })],
    [
      'proof by an image',
      { verify: { image: 'images.example.com/team/app:1', imagePullSecrets: ['s'], nodes: 'Every' } },
    ],
    ['proof by an image with a port and a digest', { verify: { image: `10.0.0.9:5000/app@sha256:${'a'.repeat(64)}` } }],
    ['proof by the trust store', { verify: { trustStore: {} } }],
    [
      'a window',
      {
        window: { schedule: '*/15 22-23,0 1-7 JAN-MAR SAT#1', timeZone: 'America/Port-au-Prince', durationHours: 168 },
      },
    ],
    ['a window without a time zone', { window: { schedule: '0  2 * * 6#L', durationHours: 1 } }],
    ["the cluster's own window", { window: { maintenanceConfiguration: NODE_OS } }],
  ])('takes %s', async (_what, change) => {
    await expect(refusal(spec(change))).resolves.toBe('accepted');
  });

  it.each<[string, Spec, RegExp]>([
    ['no target', { target: undefined }, /spec\.target: Required/],
    ['no resource id', { target: {} }, /spec\.target\.resourceId: Required/],
    [
      'a resource id of something else',
      target({ resourceId: ID.replace('managedClusters', 'fleets') }),
      /az aks show --query id/,
    ],
    [
      'a subscription that is no GUID',
      target({ resourceId: ID.replace('00000000-', 'x-') }),
      /must be \/subscriptions/,
    ],
    ...[
      '.',
      '..',
      'ends.',
      'a b',
      'a%20b',
      'a/b',
      'a?b',
      'a#b',
      'a;b',
      'a\u202eb',
      'a\u200bb',
      'a\nb',
      '€',
      '🙂',
      '',
      'ü'.repeat(91),
    ].map((group): [string, Spec, RegExp] => [
      `the group ${JSON.stringify(group)}`,
      target({ resourceId: ID.replace('/rg/', `/${group}/`) }),
      /must be \/subscriptions.*letters and digits of any script/,
    ]),
    ['a resource id of a pool', target({ resourceId: `${ID}/agentPools/p` }), /must be \/subscriptions/],
    [
      'a cluster name of 64 characters',
      target({ resourceId: ID.replace(/c1$/, 'a'.repeat(64)) }),
      /must be \/subscriptions/,
    ],
    ['a resource id of 401 characters', target({ resourceId: ID + 'a'.repeat(401 - ID.length) }), /Too long/],
    [
      'node access without a way',
      target({ nodeAccess: {} }),
      /exactly one of kubeconfigSecretRef, azure and inCluster/,
    ],
    [
      'two ways to the nodes',
      target({ nodeAccess: { azure: {}, inCluster: {} } }),
      /exactly one of kubeconfigSecretRef, azure and inCluster/,
    ],
    [
      'all three ways to the nodes',
      target({ nodeAccess: { kubeconfigSecretRef: { name: 's' }, azure: {}, inCluster: {} } }),
      /exactly one of kubeconfigSecretRef, azure and inCluster/,
    ],
    ['a kubeconfig Secret without a name', target({ nodeAccess: { kubeconfigSecretRef: {} } }), /name: Required/],
    ['a window of nothing', { window: {} }, /exactly one of schedule and maintenanceConfiguration/],
    [
      'a window of both sorts',
      { window: { schedule: '0 2 * * 6', durationHours: 4, maintenanceConfiguration: NODE_OS } },
      /exactly one of schedule and maintenanceConfiguration/,
    ],
    ['a schedule without a duration', { window: { schedule: '0 2 * * 6' } }, /needs durationHours with a schedule/],
    [
      "a duration of the cluster's own window",
      { window: { maintenanceConfiguration: NODE_OS, durationHours: 4 } },
      /only with a schedule/,
    ],
    [
      "a time zone of the cluster's own window",
      { window: { maintenanceConfiguration: NODE_OS, timeZone: 'Etc/UTC' } },
      /timeZone only with a schedule/,
    ],
    ['another configuration', { window: { maintenanceConfiguration: 'default' } }, /Unsupported value/],
    ...['@daily', '* * * * * *', '0 2 * *', '0 2 * * \u202e', ' 0 2 * * 6', ''].map(
      (schedule): [string, Spec, RegExp] => [
        `the schedule ${JSON.stringify(schedule)}`,
        { window: { schedule, durationHours: 4 } },
        /schedule in body should match/,
      ],
    ),
    ...[0, 169, -1].map((durationHours): [string, Spec, RegExp] => [
      `a window of ${durationHours} hours`,
      { window: { schedule: '0 2 * * 6', durationHours } },
      /durationHours/,
    ]),
    [
      'a time zone of another form',
      { window: { schedule: '0 2 * * 6', durationHours: 4, timeZone: 'a b' } },
      /timeZone/,
    ],
    ['proof by nothing', { verify: {} }, /exactly one of image and trustStore/],
    [
      'proof by both ways',
      { verify: { image: 'images.example.com/app', trustStore: {} } },
      /exactly one of image and trustStore/,
    ],
    ['proof by an image without its registry', { verify: { image: 'library/busybox' } }, /should match/],
    ['proof by an image with a space', { verify: { image: 'images.example.com/app 1' } }, /should match/],
    [
      'an image for reading trust stores, which the operator names',
      { verify: { trustStore: { image: 'evil.example.com/shell:1' } } },
      /unknown field "spec.verify.trustStore.image"/,
    ],
    ['proof on other nodes', { verify: { image: 'images.example.com/app', nodes: 'Some' } }, /Unsupported value/],
    [
      'a namespace for the pods of a proof, which the operator names',
      { verify: { image: 'images.example.com/app:1', namespace: 'proofs' } },
      /unknown field "spec.verify.namespace"/,
    ],
    ['65 entries', { certificates: entries(65) }, /must have at most 64 items/],
    [
      'two entries of one name',
      {
        certificates: [
          { name: 'a', pem: 'x' },
          { name: 'a', pem: 'y' },
        ],
      },
      /Duplicate value/,
    ],
    ['an entry without a certificate', { certificates: [{ name: 'a' }] }, /pem: Required/],
    ['an empty certificate', { certificates: [{ name: 'a', pem: '' }] }, /should be at least 1 chars long/],
    ['a certificate of over a mebibyte', { certificates: [{ name: 'a', pem: 'x'.repeat(1_048_577) }] }, /Too long/],
    ['an entry name with capitals', { certificates: [{ name: 'A', pem: 'x' }] }, /should match/],
    ['an entry name of 64 characters', { certificates: [{ name: 'a'.repeat(64), pem: 'x' }] }, /Too long/],
    ['another policy for unmanaged ones', { unmanagedCertificates: 'Delete' }, /Unsupported value/],
    ['another policy for invalid ones', { invalidCertificates: 'Ignore' }, /Unsupported value/],
    ['another deletion policy', { deletionPolicy: 'Orphan' }, /Unsupported value/],
    ['a negative settle time', { settleSeconds: -1 }, /greater than or equal to 0/],
    ['over an hour of settle time', { settleSeconds: 3601 }, /less than or equal to 3600/],
    ['a text for suspend', { suspend: 'yes' }, /must be of type boolean/],
    ['a field nobody knows', { certficates: [] }, /unknown field/],
  ])('refuses %s', async (_what, change, message) => {
    await expect(refusal(spec(change))).resolves.toMatch(message);
  });

  it('asks one node of each pool unless it says otherwise', async () => {
    const { spec: made } = await create(spec({ verify: { image: 'images.example.com/app:1' } }));
    expect(made['verify']).toEqual({ image: 'images.example.com/app:1', nodes: 'PerPool' });
  });

  it('keeps its cluster, but for the case of the letters', async () => {
    const object = {
      apiVersion: 'aks-ca-trust.dev/v1alpha1',
      kind: 'CustomCATrust',
      metadata: { name: 'fixed' },
      spec: spec(),
    };
    await api.request({ method: 'POST', path, body: object });
    const patch = (resourceId: string) =>
      api.request({
        method: 'PATCH',
        path: `${path}/fixed`,
        contentType: 'application/merge-patch+json',
        body: { spec: { target: { resourceId } } },
      });
    await expect(patch(ID.toUpperCase())).resolves.toBeDefined();
    await expect(patch(ID.replace(/c1$/, 'c2'))).rejects.toThrow(/is immutable; create another object/);
  });

  it('shows readiness, certificates, slots, nodes and cluster in kubectl’s columns', async () => {
    expect(await columns(path)).toEqual(['READY', 'REASON', 'CERTS', 'SLOTS', 'NODES', 'CLUSTER', 'AGE']);
    expect(await columns(path, 1)).toEqual(['MESSAGE', 'SUSPENDED', 'EARLIEST EXPIRY', 'LAST APPLIED', 'RESOURCE ID']);
  });
});

describe('a TargetCluster', () => {
  const clusters = '/apis/aks-ca-trust.dev/v1alpha1/targetclusters';
  const body = (name: string, resourceId: string | undefined) => ({
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'TargetCluster',
    metadata: { name },
    spec: { resourceId },
  });

  it('shows slots, nodes, state and corrections in kubectl’s columns', async () => {
    expect(await columns(clusters)).toEqual(['CLUSTER', 'SLOTS', 'NODES', 'STATE', 'CORRECTIONS', 'AGE']);
  });

  it('needs a resource id and keeps it', async () => {
    const name = `t-${randomBytes(4).toString('hex')}`;
    await expect(api.request({ method: 'POST', path: clusters, body: body(name, undefined) })).rejects.toThrow(
      /resourceId: Required/,
    );
    await api.request({ method: 'POST', path: clusters, body: body(name, ID) });
    const patch = { spec: { resourceId: ID.replace(/c1$/, 'c2') } };
    await expect(
      api.request({
        method: 'PATCH',
        path: `${clusters}/${name}`,
        contentType: 'application/merge-patch+json',
        body: patch,
      }),
    ).rejects.toThrow(/is immutable/);
    await api.request({ method: 'DELETE', path: `${clusters}/${name}` });
  });

  const at = '2026-03-01T00:00:00Z';
  const sent = { id: 'x', kind: 'UpdateTrust', startedAt: at, attempts: 1, lastAttemptAt: at, phase: 'Sent' };
  const updateTrust = { listDigest: 'd' };
  const end = { code: 'C', message: 'm', at };
  it.each([
    ['Sent', { ...sent, updateTrust }, undefined],
    ['Rolling', { ...sent, updateTrust, phase: 'Rolling', rolling: { succeededSince: at } }, undefined],
    ['Canceled', { ...sent, updateTrust, phase: 'Canceled', canceled: { ...end, heldFor: [] } }, undefined],
    // The schema's date-time lets these pass, so whoever reads a record has to check its times.
    ['sent at a time that is none', { ...sent, updateTrust, lastAttemptAt: '2026-03-01T00:00:00+99:99' }, undefined],
    ['sent at a time with more after it', { ...sent, updateTrust, lastAttemptAt: '2026-03-01T00:00:00Zt' }, undefined],
    ['Failed without how it ended', { ...sent, updateTrust, phase: 'Failed' }, /member of its kind and of its phase/],
    ['Sent with how it ended', { ...sent, updateTrust, failed: end }, /member of its kind and of its phase/],
    ['Failed as Rolling', { ...sent, updateTrust, phase: 'Failed', failed: end, rolling: {} }, /and of no other phase/],
    ['Sent without its change', sent, /member of its kind and of its phase/],
    ['in no phase', { ...sent, updateTrust, phase: undefined }, /phase: Required/],
  ])('has an operation with the members of its phase: %s', async (_name, operation, message) => {
    const name = `t-${randomBytes(4).toString('hex')}`;
    const write = api.request({ method: 'POST', path: clusters, body: { ...body(name, ID), status: { operation } } });
    if (message) return await expect(write).rejects.toThrow(message);
    await write;
    await api.request({ method: 'DELETE', path: `${clusters}/${name}` });
  });
});

describe('the name of a Secret and its key', () => {
  const ODD = ['a b', ' ', '.', '..', '../other', 'a/b', 'a?b', 'a#b', 'a%2fb', 'p€', 'a\n', '__proto__'];
  const secret = (name: string, key?: string) =>
    target({ nodeAccess: { kubeconfigSecretRef: { name, ...(key === undefined ? {} : { key }) } } });

  it.each([...ODD, 'Upper', 'under_score', '-a', 'a-', 'a..b', 'a.-b', ''])('%j is no name', async (name) => {
    const message = await refusal(secret(name));
    expect(message).toMatch(
      name === '' ? /should be at least 1 chars/ : /must be the name of a Secret: lower-case letters/,
    );
    expect(await refusal(spec({ verify: { image: 'r.example.com/a:1', imagePullSecrets: ['good', name] } }))).toMatch(
      /imagePullSecrets\[1\]/,
    );
  });

  it.each([...ODD, '...', '..data', 'constructor', 'prototype', ''])('%j is no key', async (key) => {
    expect(await refusal(secret('nodes', key))).toMatch(
      /must be a key of a Secret|must not be __proto__, constructor or prototype|at least 1 chars/,
    );
  });

  it.each([
    ['nodes', 'value'],
    ['prod-weu.kubeconfig', 'kube_config.YAML'],
    ['constructor', '.dockerconfigjson'],
    ['0', 'a..b'],
  ])('%s with key %s is taken', async (name, key) => {
    expect(await refusal(secret(name, key))).toBe('accepted');
  });
});

describe('an edit that leaves no certificate', () => {
  const made = `e-${randomBytes(4).toString('hex')}`;
  const object = (body: Spec) => ({
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CustomCATrust',
    metadata: { name: made },
    spec: body,
  });
  const patch = async (contentType: string, body: unknown, query: Record<string, string> = {}) => {
    const request = { method: 'PATCH', path: `${path}/${made}`, query, contentType, body } as const;
    return (await api.request(request)) as { spec: Spec };
  };
  const apply = (body: Spec) =>
    patch('application/apply-patch+yaml', object(body), { fieldManager: 'kubectl', force: 'true' });
  const merge = (body: Spec) => patch('application/merge-patch+json', { spec: body });
  const { certificates: _, ...dropped } = spec();

  beforeAll(() => apply(spec()));

  it.each([
    ['a dropped list, applied', () => apply(dropped)],
    ['[], applied', () => apply(spec({ certificates: [] }))],
    ['null, applied', () => apply(spec({ certificates: null }))],
    ['[], patched', () => merge({ certificates: [] })],
    ['null, patched', () => merge({ certificates: null })],
    ['[] and allowEmpty: false', () => merge({ certificates: [], allowEmpty: false })],
  ])('is refused with what to do: %s', async (_, edit) => {
    await expect(edit()).rejects.toThrow(/would empty the list of certificates.*set allowEmpty to true/);
  });

  it.each([
    ['one certificate for another', () => merge({ certificates: [{ name: 'b', pem: 'y' }] })],
    ['none, with allowEmpty', () => merge({ certificates: [], allowEmpty: true })],
    ['none again, without allowEmpty', () => merge({ allowEmpty: false })],
    ['none to some', () => merge({ certificates: [{ name: 'b', pem: 'y' }] })],
    ['some to none by server-side apply, with allowEmpty', () => apply({ ...dropped, allowEmpty: true })],
    ['another field of an object that has none', () => merge({ settleSeconds: 5, allowEmpty: false })],
  ])('is taken: %s', async (_, edit) => {
    await expect(edit()).resolves.toBeDefined();
  });

  it('is no matter for a new object: it may want none', async () => {
    expect(await refusal(spec({ certificates: [] }))).toBe('accepted');
    expect(await refusal(dropped)).toBe('accepted');
  });
});
