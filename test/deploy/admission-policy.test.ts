import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { API_VERSION, customCATrustPath, FINALIZER, TARGET_CLUSTERS, targetClusterPath } from '../../src/api/names.ts';
import { connect, KubernetesError, type Connection } from '../../src/kubernetes/client/connection.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { eventually } from '../eventually.ts';
import { roots } from '../integration/rig.ts';
import { admissionPolicies, controllerCredentials, installRoles } from '../integration/roles.ts';
import { rotationPath } from '../integration/rotation-object.ts';
import { manifestsIn, rightsOf } from './granted.ts';
import type { Manifest } from './kustomize.ts';
import { applyAll, pathOf } from './object-path.ts';

const RESOURCE_ID = `/subscriptions/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c`;
jest.setTimeout(60_000);

type Ask = Parameters<Connection['request']>[0];

const MERGE = { contentType: 'application/merge-patch+json' } as const;
const OBJECT = customCATrustPath('default', 'roots');
const RECORD = targetClusterPath('c-1');

// RBAC allows each of these everything, so that only the policies refuse.
let plane: ControlPlane;
let admin: Connection;
let controller: Connection;
let stranger: Connection;
let restorer: Connection;
beforeAll(async () => {
  plane = await startControlPlane('management', () => {});
  admin = connect(plane.config);
  await installRoles(admin);
  await applyAll(admin, [...admissionPolicies(['dba', 'restorers']), everythingFor('rita', 'otto', 'ServiceAccount')]);
  controller = connect(await controllerCredentials(admin, plane.config));
  stranger = connect(await plane.environment.addUser({ name: 'otto', groups: ['platform'] }));
  restorer = connect(await plane.environment.addUser({ name: 'rita', groups: ['restorers'] }));
  // A policy takes a moment until it is enforced.
  await eventually(() => isRefused(admin.request({ ...record('probe'), query: { dryRun: 'All' } })));
  await eventually(() => isRefused(controller.request({ ...object('probe'), query: { dryRun: 'All' } })));
  const unmarked = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'probe' } };
  const probe = { method: 'POST', path: '/api/v1/namespaces/default/secrets', body: unmarked } as const;
  await eventually(() => isRefused(controller.request({ ...probe, query: { dryRun: 'All' } })));
}, 180_000);
afterAll(async () => {
  for (const connection of [restorer, stranger, controller, admin]) await connection.close();
  await plane.stop();
});

describe('what the account of the controller may change of a CustomCATrust', () => {
  beforeAll(async () => {
    const metadata = { name: 'roots', labels: { a: 'b' }, annotations: { a: 'b' }, finalizers: ['example.com/other'] };
    await stranger.request(object('roots', metadata));
  });

  it.each([
    ['the spec', { spec: { suspend: true } }],
    ['a label', { metadata: { labels: { a: 'c' } } }],
    ['the first owner', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] } }],
    ['an annotation', { metadata: { annotations: { new: 'one' } } }],
    ['all annotations, which go', { metadata: { annotations: null } }],
    ["another client's finalizer", { metadata: { finalizers: [] } }],
    ["another client's finalizer, with its own", { metadata: { finalizers: [FINALIZER] } }],
  ])('is not %s', async (_, body) => {
    const change = { method: 'PATCH', path: OBJECT, ...MERGE, body, query: { dryRun: 'All' } } as const;
    await expect(controller.request(change)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('The controller may change only its own finalizer and the status'),
    });
    await expect(stranger.request(change)).resolves.toMatchObject({ kind: 'CustomCATrust' });
  });

  it('is not a new one', async () => {
    await expect(controller.request(object('new'))).rejects.toMatchObject({ status: 403 });
  });

  it('is the status and its own finalizer, also where the object is as large as one may be, and is deleted', async () => {
    const pem = `${roots(0)[0]}${'#'.repeat(1024 * 1024 - 3000)}`;
    await stranger.request({
      method: 'PATCH',
      path: OBJECT,
      ...MERGE,
      body: { spec: { certificates: [{ name: 'a', pem }] } },
    });
    const guarded = { metadata: { finalizers: ['example.com/other', FINALIZER] } };
    await controller.request({ method: 'PATCH', path: OBJECT, ...MERGE, body: guarded });
    const status = { observedGeneration: 1 };
    await controller.request({ method: 'PATCH', path: `${OBJECT}/status`, ...MERGE, body: { status } });
    await stranger.request({ method: 'DELETE', path: OBJECT });
    await controller.request({
      method: 'PATCH',
      path: OBJECT,
      ...MERGE,
      body: { metadata: { finalizers: ['example.com/other'] } },
    });
    await stranger.request({ method: 'PATCH', path: OBJECT, ...MERGE, body: { metadata: { finalizers: null } } });
    await expect(admin.request({ path: OBJECT })).rejects.toMatchObject({ status: 404 });
  });
});

describe('what the account of the controller may change of a CertificateRotation', () => {
  const path = rotationPath('default', 'watch');
  beforeAll(async () => {
    await stranger.request(rotation('watch', { name: 'watch', finalizers: ['example.com/other'] }));
  });

  it.each([
    ['the spec', { spec: { suspend: true } }],
    ['an annotation', { metadata: { annotations: { new: 'one' } } }],
    ["another client's finalizer", { metadata: { finalizers: [] } }],
    ['the finalizer of a CustomCATrust', { metadata: { finalizers: ['example.com/other', FINALIZER] } }],
  ])('is not %s', async (_, body) => {
    const change = { method: 'PATCH', path, ...MERGE, body, query: { dryRun: 'All' } } as const;
    await expect(controller.request(change)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('only the status of a CertificateRotation'),
    });
    await expect(stranger.request(change)).resolves.toMatchObject({ kind: 'CertificateRotation' });
  });

  it('is not a new one', async () => {
    await expect(controller.request(rotation('new'))).rejects.toMatchObject({ status: 403 });
  });

  it('is the status, and none of its deletion is refused', async () => {
    const body = { status: { observedGeneration: 1 } };
    await controller.request({ method: 'PATCH', path: `${path}/status`, ...MERGE, body });
    await stranger.request({ method: 'DELETE', path });
    await stranger.request({ method: 'PATCH', path, ...MERGE, body: { metadata: { finalizers: null } } });
    await expect(admin.request({ path })).rejects.toMatchObject({ status: 404 });
  });
});

describe('who may write a TargetCluster', () => {
  it('is the controller, and a group that is named for restores', async () => {
    await restorer.request(record('restored'));
    await controller.request(record('c-1'));
    const change = { method: 'PATCH', path: RECORD, ...MERGE, body: { status: { state: 'Idle' } } } as const;
    await controller.request(change);
    await restorer.request({ ...change, body: { status: { state: 'Held' } } });
    await expect(stranger.request(record('forged'))).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('only the controller writes it. To restore records from a backup'),
    });
  });

  it.each([
    ['the status', { status: { state: 'Updating' } }],
    ['all of the status', { status: null }],
    ['a label', { metadata: { labels: { a: 'b' } } }],
    ['an annotation', { metadata: { annotations: { a: 'b' } } }],
    ['a finalizer', { metadata: { finalizers: ['example.com/mine'] } }],
    ['an owner', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] } }],
  ])('is no other client, even an administrator: %s', async (_, body) => {
    for (const client of [stranger, admin])
      await expect(client.request({ method: 'PATCH', path: RECORD, ...MERGE, body })).rejects.toMatchObject({
        status: 403,
      });
  });

  it('is no other client, but the migration of storage versions may write it as it is', async () => {
    const now = (await stranger.request({ path: RECORD })) as object;
    await stranger.request({ method: 'PUT', path: RECORD, body: now });
  });

  it('never keeps a deletion from being finished: garbage collection takes its finalizer off', async () => {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
    await stranger.request({ method: 'DELETE', path: RECORD, body });
    const { metadata } = (await stranger.request({ path: RECORD })) as { metadata: { finalizers: string[] } };
    expect(metadata.finalizers).toEqual(['foregroundDeletion']);
    await stranger.request({ method: 'PATCH', path: RECORD, ...MERGE, body: { metadata: { finalizers: [] } } });
    await expect(admin.request({ path: RECORD })).rejects.toMatchObject({ status: 404 });
  });
});

describe('the example that fences targets by namespace', () => {
  const ID = (group: string, subscription = 0, name = 'c') =>
    `/subscriptions/${String(subscription).repeat(8)}-${'0000-'.replaceAll('0', String(subscription)).repeat(3)}${String(subscription).repeat(12)}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`;
  const create = (namespace: string, resourceId: string, make: typeof object = object) =>
    stranger.request({ ...make('fenced', { name: 'fenced' }, { namespace, resourceId }), query: { dryRun: 'All' } });
  const [targets, ...policy] = fence();
  const before = customCATrustPath('team-b', 'before');
  const edit = (body: object) => ({ method: 'PATCH', path: before, ...MERGE, body }) as const;

  beforeAll(async () => {
    for (const name of ['team-a', 'team-b', 'platform'])
      await admin.request({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } });
    await stranger.request(object('before', { name: 'before' }, { namespace: 'team-b', resourceId: ID('team-b') }));
    await applyAll(admin, policy);
    await eventually(() => isRefused(create('team-a', ID('team-a'))));
  });

  afterAll(async () => {
    for (const one of policy) await admin.request({ method: 'DELETE', path: pathOf(one) });
    await eventually(async () => !(await isRefused(create('default', ID('any')))));
  });

  it('allows no namespace anything until its ConfigMap is there, and then what that says at once', async () => {
    await expect(create('platform', ID('any'))).rejects.toThrow('no params found');
    await applyAll(admin, [targets!]);
    await eventually(async () => !(await isRefused(create('team-a', ID('team-a')))));
  });

  it.each([
    ['team-a', ID('team-a'), true],
    ['team-a', ID('TEAM-A').toLowerCase(), true],
    ['team-a', ID('team-ab'), false],
    ['team-a', ID('team-a', 1), false],
    ['platform', ID('any'), true],
    ['platform', ID('prod', 1, 'PROD-WEU'), true],
    ['platform', ID('prod', 1, 'prod-weu-2'), false],
    ['team-b', ID('team-b'), false],
    ['default', ID('team-a'), false],
  ])('lets %s name %s: %s', async (namespace, resourceId, allowed) => {
    for (const make of [object, rotation]) {
      const outcome = create(namespace, resourceId, make);
      if (allowed) await expect(outcome).resolves.toMatchObject({ metadata: { name: 'fenced' } });
      else
        await expect(outcome).rejects.toMatchObject({
          status: 403,
          message: expect.stringContaining(`The namespace ${namespace} may not name the cluster ${resourceId}.`),
        });
    }
  });

  it.each([
    ['another cluster', { spec: { target: { resourceId: ID('team-a') } } }, 'is immutable'],
    ['no cluster', { spec: { target: null } }, 'spec.target'],
  ])('needs to see no edit, because none can name %s', async (_, body, message) => {
    await expect(stranger.request(edit(body))).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining(message),
    });
  });

  it('holds no edit, deletion or release of an object from before that is outside, even without its ConfigMap', async () => {
    await admin.request({ method: 'DELETE', path: pathOf(targets!) });
    await eventually(async () => isRefused(create('platform', ID('any'))));
    await expect(create('platform', ID('any'))).rejects.toThrow('no params found');
    await stranger.request(edit({ spec: { suspend: true } }));
    await controller.request(edit({ metadata: { finalizers: [FINALIZER] } }));
    await stranger.request({ method: 'DELETE', path: before });
    await stranger.request(edit({ spec: { deletionPolicy: 'Remove' } }));
    await controller.request(edit({ metadata: { finalizers: [] } }));
    await expect(admin.request({ path: before })).rejects.toMatchObject({ status: 404 });
  });
});

describe('the roles for people', () => {
  const person = (role: string) => `person-${role}`;
  const ROLES: Record<string, readonly string[]> = {
    viewer: [],
    editor: ['customcatrusts'],
    'rotation-editor': ['certificaterotations'],
  };
  const WRITES = ['create', 'delete', 'patch', 'update'];

  /** Each request that a right is for; those of one resource are in the order of an object's life. */
  const requestsFor = (resource: string, path: string, create?: Ask): Record<string, Ask> => {
    const collection = path.replace(/\/[^/]+$/, '');
    const mine = { method: 'PATCH', path, ...MERGE } as const;
    return {
      ...(create ? { [`create ${resource}`]: create } : {}),
      [`get ${resource}`]: { path },
      [`list ${resource}`]: { path: collection },
      [`watch ${resource}`]: { path: collection, query: { watch: 'true', timeoutSeconds: '1' } },
      ...(create && {
        [`patch ${resource}`]: { ...mine, body: { spec: { suspend: true } } },
        [`update ${resource}`]: { ...mine, method: 'PUT', contentType: 'application/json' },
        [`delete ${resource}`]: { method: 'DELETE', path },
      }),
    };
  };
  const REQUESTS: Record<string, Ask> = {
    ...requestsFor('customcatrusts', customCATrustPath('default', 'mine'), object('mine')),
    ...requestsFor('certificaterotations', rotationPath('default', 'mine'), rotation('mine')),
    ...requestsFor('targetclusters', targetClusterPath('restored')),
  };

  it.each(Object.entries(ROLES))('let a person do this, and refuse everything else: %s', async (role, written) => {
    const name = `aks-ca-trust-${role}`;
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: person(role) }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const manifests = ['viewer', 'editor']
      .flatMap((file) => manifestsIn(`kustomize/base/${file}-rbac.yaml`))
      .filter(({ metadata }) => metadata.name === name);
    const binding = { apiVersion, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects };
    await applyAll(admin, [...manifests, binding]);
    const client = connect(await plane.environment.addUser({ name: person(role), groups: [] }));
    await eventually(async () => !(await isRefused(client.request({ path: TARGET_CLUSTERS }))));
    const may: string[] = [];
    for (const [right, request] of Object.entries(REQUESTS)) {
      const [verb = '', resource = ''] = right.split(' ');
      const create = REQUESTS[`create ${resource}`];
      if (verb === 'get' && create && !written.includes(resource)) await admin.request(create);
      const body = verb === 'update' ? { body: await admin.request({ path: request.path }) } : {};
      if (await isRefused(client.request({ ...request, ...(body as object) }))) continue;
      may.push(`${right} aks-ca-trust.dev`);
    }
    await client.close();
    for (const { path } of [REQUESTS['get customcatrusts']!, REQUESTS['get certificaterotations']!])
      await admin.request({ method: 'DELETE', path }).catch(() => undefined);
    expect(may.sort()).toEqual(rightsOf(manifests));
    const writes = written.flatMap((resource) => WRITES.map((verb) => `${verb} ${resource} aks-ca-trust.dev`));
    expect(may.filter((right) => !/^(get|list|watch) /.test(right))).toEqual(writes);
  });
});

describe('the Secrets that the account of the controller may write', () => {
  const KUBECONFIG_OF = 'aks-ca-trust.dev/kubeconfig-of';
  const secret = (name: string, annotations: Readonly<Record<string, string>> = {}, labels = {}) =>
    ({
      method: 'POST',
      path: '/api/v1/namespaces/default/secrets',
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name, annotations, labels }, data: { value: 'b2xk' } },
    }) as const;
  const patch = (name: string, body: object) =>
    ({ method: 'PATCH', path: `/api/v1/namespaces/default/secrets/${name}`, ...MERGE, body }) as const;
  const REFUSED = { status: 403, message: expect.stringContaining('may create only Secrets with the annotation') };

  it('are those that name their cluster', async () => {
    await controller.request(secret('made', { [KUBECONFIG_OF]: RESOURCE_ID }));
    await controller.request(patch('made', { data: { value: 'bmV3' } }));
    await expect(controller.request(secret('unmarked'))).rejects.toMatchObject(REFUSED);
  });

  it('are not those of people, whom it cannot mark itself', async () => {
    await stranger.request(secret('theirs'));
    const data = { data: { value: 'bmV3' } };
    await expect(controller.request(patch('theirs', data))).rejects.toMatchObject(REFUSED);
    const marked = { metadata: { annotations: { [KUBECONFIG_OF]: RESOURCE_ID } } };
    await expect(controller.request(patch('theirs', { ...marked, ...data }))).rejects.toMatchObject(REFUSED);
    await stranger.request(patch('theirs', marked));
    await controller.request(patch('theirs', data));
  });

  it.each([
    ['labels', { metadata: { labels: { a: 'b' } } }],
    ['its cluster', { metadata: { annotations: { [KUBECONFIG_OF]: 'another' } } }],
    ['owners', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] } }],
    ['finalizers', { metadata: { finalizers: ['example.com/x'] } }],
  ])('keep %s', async (_, body) => {
    await stranger.request(secret(`kept-${_.replace(' ', '-')}`, { [KUBECONFIG_OF]: RESOURCE_ID }));
    await expect(controller.request(patch(`kept-${_.replace(' ', '-')}`, body))).rejects.toMatchObject(REFUSED);
  });
});

/** The ConfigMap of the example, and its policy. */
function fence(): Manifest[] {
  return ['targets.yaml', 'policy.yaml'].flatMap((file) => manifestsIn(`admission/fence-targets/${file}`));
}

function everythingFor(...names: readonly string[]): Manifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'everything' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: names.map((name) =>
      name === 'ServiceAccount'
        ? { kind: name, name: 'aks-ca-trust', namespace: 'aks-ca-trust-system' }
        : { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name },
    ),
  } as Manifest;
}

function object(
  name: string,
  metadata: object = { name },
  { namespace = 'default', resourceId = RESOURCE_ID }: { namespace?: string; resourceId?: string } = {},
) {
  const spec: object = { target: { resourceId }, certificates: [] };
  const path = customCATrustPath(namespace, name).replace(/\/[^/]+$/, '');
  return { method: 'POST' as const, path, body: { apiVersion: API_VERSION, kind: 'CustomCATrust', metadata, spec } };
}

function rotation(
  name: string,
  metadata: object = { name },
  { namespace = 'default', resourceId = RESOURCE_ID }: { namespace?: string; resourceId?: string } = {},
): ReturnType<typeof object> {
  const spec = { target: { resourceId } };
  const path = rotationPath(namespace, name).replace(/\/[^/]+$/, '');
  return { method: 'POST', path, body: { apiVersion: API_VERSION, kind: 'CertificateRotation', metadata, spec } };
}

function record(name: string) {
  const body = {
    apiVersion: API_VERSION,
    kind: 'TargetCluster',
    metadata: { name },
    spec: { resourceId: RESOURCE_ID },
  };
  return { method: 'POST', path: TARGET_CLUSTERS, body } as const;
}

async function isRefused(request: Promise<unknown>): Promise<boolean> {
  return request.then(
    () => false,
    (error: unknown) => error instanceof KubernetesError && (error.status === 403 || error.status === 422),
  );
}
