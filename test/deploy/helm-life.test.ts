import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_VERSION, customCATrustPath, targetClusterPath } from '../../src/api/names.ts';
import { parseClusterId, recordName } from '../../src/api/resource-id.ts';
import { connect, type Connection, KubernetesError } from '../../src/kubernetes/client/connection.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { toolPath } from '../go-tools/find.ts';
import { entry, roots } from '../integration/rig.ts';
import { controllerCredentials } from '../integration/roles.ts';
import { CHART, helm, NAMESPACE, withValues, type HelmRun } from './chart.ts';
import { canRender, render } from './kustomize.ts';
import { applyAll } from './object-path.ts';

const withHelm = toolPath('helm') !== undefined && canRender() ? describe : describe.skip;

const DEPLOYMENTS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
const DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/customcatrusts.aks-ca-trust.dev';
const RESOURCE_ID =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c';
const RECORD = recordName(parseClusterId(RESOURCE_ID)!);

interface Stored {
  readonly metadata: { readonly name: string; readonly uid: string; readonly annotations?: Record<string, string> };
}

let plane: ControlPlane;
let admin: Connection;
const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-helm-life-'));

function run(command: string, release: string, values: object = {}, chart = CHART, flags: string[] = []): HelmRun {
  return withValues(values, (file) =>
    helm([command, release, chart, '--namespace', NAMESPACE, '--create-namespace', '--values', file, ...flags], {
      KUBECONFIG: plane.config.kubeconfigPath,
    }),
  );
}

function bare(...args: string[]): HelmRun {
  return helm([...args, '--namespace', NAMESPACE], { KUBECONFIG: plane.config.kubeconfigPath });
}

async function find<T = Stored>(path: string): Promise<T | undefined> {
  return admin.request({ path }).catch((error: unknown) => {
    if (error instanceof KubernetesError && error.status === 404) return undefined;
    throw error;
  }) as Promise<T | undefined>;
}

async function deployments(): Promise<string[]> {
  const { items } = (await admin.request({ path: DEPLOYMENTS })) as { items: Stored[] };
  return items.map(({ metadata }) => metadata.name).sort();
}

/** Whether the controller's service account may do this. */
async function may(verb: string, group: string, resource: string, namespace?: string, name?: string): Promise<boolean> {
  return isAllowed('aks-ca-trust', { resourceAttributes: { verb, group, resource, namespace, name } });
}

async function isAllowed(serviceAccount: string, attributes: object): Promise<boolean> {
  const user = `system:serviceaccount:${NAMESPACE}:${serviceAccount}`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'];
  const { status } = (await admin.request({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, groups, ...attributes },
    },
  })) as { status: { allowed: boolean } };
  return status.allowed;
}

withHelm('a release of the chart, from the first installation on', () => {
  beforeAll(async () => {
    // Without our kinds: the chart brings them.
    plane = await startControlPlane('target', () => {});
    admin = connect(plane.config);
  }, 180_000);
  afterAll(async () => {
    await admin.close();
    await plane.stop();
    rmSync(folder, { recursive: true });
  });

  it('says what a service account needs that it does not make', () => {
    const { output } = run('install', 'aks-ca-trust', { serviceAccount: { create: false, name: 'mine' } }, CHART, [
      '--dry-run',
    ]);
    expect(output).toContain(`kubectl -n ${NAMESPACE} get serviceaccount mine`);
    expect(output).toContain('annotation azure.workload.identity/client-id');
  });

  it('is installed, and says what to do next', () => {
    const { ok, output, errors } = run('install', 'aks-ca-trust');
    expect([ok, errors]).toEqual([true, '']);
    expect(output).toContain(`kubectl -n ${NAMESPACE} rollout status deployment/aks-ca-trust`);
    expect(output).toContain(`system:serviceaccount:${NAMESPACE}:aks-ca-trust`);
    expect(output).toContain('set workloadIdentity.clientId');
    expect(output).toContain('set image.repository');
  }, 60_000);

  it('gives the service account its rights, and none to Secrets', async () => {
    const controller = connect(await controllerCredentials(admin, plane.config));
    await admin.request({
      method: 'POST',
      path: `/apis/${API_VERSION}/namespaces/default/customcatrusts`,
      body: {
        apiVersion: API_VERSION,
        kind: 'CustomCATrust',
        metadata: { name: 'kept' },
        spec: { target: { resourceId: RESOURCE_ID }, certificates: [entry('a', ...roots(0))] },
      },
    });
    await controller.request({
      method: 'POST',
      path: `/apis/${API_VERSION}/targetclusters`,
      body: {
        apiVersion: API_VERSION,
        kind: 'TargetCluster',
        metadata: { name: RECORD },
        spec: { resourceId: RESOURCE_ID },
      },
    });
    await controller.close();
    expect(await may('patch', 'aks-ca-trust.dev', 'customcatrusts/status', 'default', 'kept')).toBe(true);
    expect(await may('update', 'coordination.k8s.io', 'leases', NAMESPACE, 'aks-ca-trust')).toBe(true);
    expect(await may('get', '', 'secrets', 'team-a')).toBe(false);
    expect(await may('get', '', 'secrets', NAMESPACE)).toBe(false);
  });

  it('is upgraded to other values, whose rights count', async () => {
    await admin.request({
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team-a' } },
    });
    const policy = {
      enabled: true,
      nodeAccess: [{ clusters: ['/subscriptions/*/resourceGroups/*/*'], kubeconfigSecretRef: { name: 'nodes' } }],
    };
    const nodeAccess = { secretNamespaces: ['team-a'] };
    const values = { shards: 2, replicas: 2, policy, nodeAccess, metrics: { scraperToken: true } };
    const { ok, errors } = run('upgrade', 'aks-ca-trust', values);
    expect([ok, errors]).toEqual([true, '']);
    expect(await deployments()).toEqual(['aks-ca-trust', 'aks-ca-trust-shard-2-of-2']);
    expect(await find(`/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets/aks-ca-trust`)).toBeDefined();
    expect(await may('update', 'coordination.k8s.io', 'leases', NAMESPACE, 'aks-ca-trust')).toBe(false);
    expect(await may('update', 'coordination.k8s.io', 'leases', NAMESPACE, 'aks-ca-trust-shard-2-of-2')).toBe(true);
    expect(await may('get', '', 'secrets', 'team-a', 'any')).toBe(true);
    expect(await may('list', '', 'secrets', 'team-a')).toBe(false);
    expect(await may('get', '', 'secrets', NAMESPACE, 'nodes')).toBe(true);
    expect(await may('get', '', 'secrets', NAMESPACE, 'any')).toBe(false);
    const scrape = { nonResourceAttributes: { verb: 'get', path: '/metrics' } };
    expect([await isAllowed('aks-ca-trust-scraper', scrape), await isAllowed('another', scrape)]).toEqual([
      true,
      false,
    ]);
  }, 60_000);

  it('is rolled back to what it was', async () => {
    const { ok, errors } = bare('rollback', 'aks-ca-trust', '1');
    expect([ok, errors]).toEqual([true, '']);
    expect(await deployments()).toEqual(['aks-ca-trust']);
    expect(await find(`/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets/aks-ca-trust`)).toBeUndefined();
    expect(await may('update', 'coordination.k8s.io', 'leases', NAMESPACE, 'aks-ca-trust')).toBe(true);
    expect(await may('get', '', 'secrets', 'team-a', 'any')).toBe(false);
  }, 60_000);

  it('upgrades the resource definitions with the rest', async () => {
    cpSync(CHART, join(folder, 'chart'), { recursive: true });
    const file = join(folder, 'chart', 'charts', 'crds', 'templates', 'customcatrusts.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('shortNames: [cct]', 'shortNames: [cct, cctnew]'));
    const { ok, errors } = run('upgrade', 'aks-ca-trust', {}, join(folder, 'chart'));
    expect([ok, errors]).toEqual([true, '']);
    expect(await find(DEFINITION)).toMatchObject({ spec: { names: { shortNames: ['cct', 'cctnew'] } } });
    expect(await find(customCATrustPath('default', 'kept'))).toBeDefined();
  }, 60_000);

  it('keeps the resource definitions, with all objects, when they are no longer part of it, and takes them back', async () => {
    expect(run('upgrade', 'aks-ca-trust', { crds: { enabled: false } })).toMatchObject({ ok: true, errors: '' });
    expect(await find(customCATrustPath('default', 'kept'))).toBeDefined();
    expect(run('upgrade', 'aks-ca-trust', { crds: { enabled: true } })).toMatchObject({ ok: true, errors: '' });
    expect(await find(DEFINITION)).toMatchObject({ spec: { names: { shortNames: ['cct'] } } });
  }, 60_000);

  it('leaves resource definitions and objects when it is uninstalled, and nothing else', async () => {
    const { ok, output } = bare('uninstall', 'aks-ca-trust');
    expect(ok).toBe(true);
    expect(output).toContain('[CustomResourceDefinition] customcatrusts.aks-ca-trust.dev');
    expect(await deployments()).toEqual([]);
    expect(await find('/apis/rbac.authorization.k8s.io/v1/clusterroles/aks-ca-trust-controller')).toBeUndefined();
    expect(await find(customCATrustPath('default', 'kept'))).toBeDefined();
    expect(await find(targetClusterPath(RECORD))).toBeDefined();
  }, 60_000);

  it('takes them over when it is installed again', async () => {
    const before = await find(customCATrustPath('default', 'kept'));
    const { ok, errors } = run('install', 'aks-ca-trust');
    expect([ok, errors]).toEqual([true, '']);
    expect(await find(DEFINITION)).toMatchObject({ spec: { names: { shortNames: ['cct'] } } });
    expect((await find(customCATrustPath('default', 'kept')))?.metadata.uid).toBe(before?.metadata.uid);
  }, 60_000);

  it('is refused beside another one, and under another name takes over what was left only when that is asked for', async () => {
    const second = run('install', 'another');
    expect(second.ok).toBe(false);
    expect(second.errors).toContain('cannot be imported into the current release');
    expect(bare('uninstall', 'aks-ca-trust').ok).toBe(true);
    expect(run('install', 'another').errors).toContain(
      'CustomResourceDefinition "certificaterotations.aks-ca-trust.dev"',
    );
    const { ok, errors } = run('install', 'another', {}, CHART, ['--take-ownership']);
    expect([ok, errors]).toEqual([true, '']);
    expect((await find(DEFINITION))?.metadata.annotations).toMatchObject({ 'meta.helm.sh/release-name': 'another' });
    expect(bare('uninstall', 'another').ok).toBe(true);
  }, 120_000);

  it('takes over an installation of the plain manifests, whose Deployment stays', async () => {
    const plain = [...render('crds'), ...render('base')];
    await applyAll(
      admin,
      plain.filter(({ kind }) => kind !== 'Namespace'),
    );
    const before = await find(`${DEPLOYMENTS}/aks-ca-trust`);
    expect(run('upgrade', 'aks-ca-trust', {}, CHART, ['--install']).errors).toContain('invalid ownership metadata');
    const { ok, errors } = run('upgrade', 'aks-ca-trust', {}, CHART, ['--install', '--take-ownership']);
    expect([ok, errors]).toEqual([true, '']);
    expect((await find(`${DEPLOYMENTS}/aks-ca-trust`))?.metadata.uid).toBe(before?.metadata.uid);
  }, 120_000);
});
