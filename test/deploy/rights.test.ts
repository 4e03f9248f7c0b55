import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { V1Secret } from '@kubernetes/client-node';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { customCATrustPath, FINALIZER, RECONCILE_REQUESTED_AT, targetClusterPath } from '../../src/api/names.ts';
import { remove } from '../../src/kubernetes/client/verbs.ts';
import { connect, type Connection, type KubernetesError } from '../../src/kubernetes/client/connection.ts';
import { eventually } from '../eventually.ts';
import { condition, entry, isReady, roots, SEES_NODES, startRig, type Rig } from '../integration/rig.ts';
import { controllerCredentials, letWriteKubeconfigs } from '../integration/roles.ts';
import { applyRotation, getRotation, removeRotation, rotationPath } from '../integration/rotation-object.ts';
import { bearer, scrape } from '../runtime/scraper.ts';
import { commandLine } from './command-line.ts';
import { manifestsIn, rightsOf } from './granted.ts';
import { installMetricsRoles, tokenOfReader } from './metrics-roles.ts';
import { startProgram, type Program } from './program.ts';
import { startRecordingProxy, type ApiRequest } from './recording-proxy.ts';

let rig: Rig;
let controller: Connection;
const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-rights-'));
beforeAll(async () => {
  rig = await startRig();
  controller = connect(await controllerCredentials(rig.admin, rig.plane.config));
}, 180_000);
afterAll(async () => {
  await controller.close();
  await rig.stop();
  rmSync(folder, { recursive: true });
});

const POLICY = `rules:
  - {namespaces: ['*'], clusters: ['/subscriptions/*/resourceGroups/*/*'], nodeAccess: [Secret], writeKubeconfigs: true}
`;

describe("the controller's rights", () => {
  it('are what it uses in the life of an object, each of them and no other', async () => {
    await dieBeforeAnyRecord();
    await letWriteKubeconfigs(rig.admin, rig.namespace);
    const policy = join(folder, 'policy.yaml');
    writeFileSync(policy, POLICY);
    const requests = await watched(['--policy-file', policy], async (program, asked) => {
      await program.line('The caches are filled.');
      await rig.untilGone('unrecorded');
      await liveAndDie();
      await eventually(async () => asked('patch events'));
    });
    expect(rightsUsed(requests)).toEqual(
      [...granted('base/rbac.yaml'), ...granted('base/kubeconfig-rbac.yaml')].sort(),
    );
    expect(refused(requests)).toEqual([]);
  }, 90_000);

  it('grow by those to one Lease where replicas elect a leader, and it uses them all', async () => {
    const role = 'base/leader-election-rbac.yaml';
    const flags = ['--leader-elect', '--lease-namespace=aks-ca-trust-system'];
    const requests = await watched(flags, async (program, asked) => {
      await program.line('This process leads.');
      await eventually(async () => asked('update leases'));
    });
    expect(rightsUsed(requests).filter((right) => right.includes('leases'))).toEqual(granted(role));
    expect(refused(requests)).toEqual([]);
  }, 60_000);

  it('grow by those to ask whose a token is where a scraper reads the metrics, and it uses them all', async () => {
    await installMetricsRoles(rig.admin);
    const token = await tokenOfReader(rig.admin);
    const requests = await watched([], async (program) => {
      const { port } = await program.line('The metrics server listens.');
      expect((await scrape(Number(port), bearer(token))).status).toBe(200);
    });
    expect(rightsUsed(requests).filter((right) => /review/.test(right))).toEqual(granted('base/metrics-rbac.yaml'));
    expect(refused(requests)).toEqual([]);
  }, 60_000);

  it.each([
    ['GET', '/api/v1/secrets'],
    ['GET', '/api/v1/namespaces/NS/secrets'],
    ['GET', '/api/v1/namespaces/NS/secrets?watch=true'],
    ['DELETE', '/api/v1/namespaces/NS/secrets/nodes'],
    ['GET', '/api/v1/namespaces/NS/configmaps'],
    ['GET', '/api/v1/namespaces/NS/configmaps/any'],
    ['GET', '/api/v1/nodes'],
    ['GET', '/api/v1/namespaces'],
    ['POST', '/api/v1/namespaces/NS/pods'],
    ['POST', '/api/v1/namespaces/aks-ca-trust-system/serviceaccounts/aks-ca-trust/token'],
    ['POST', '/apis/aks-ca-trust.dev/v1alpha1/namespaces/NS/customcatrusts'],
    ['DELETE', '/apis/aks-ca-trust.dev/v1alpha1/namespaces/NS/customcatrusts/any'],
    ['POST', '/apis/aks-ca-trust.dev/v1alpha1/namespaces/NS/certificaterotations'],
    ['PATCH', '/apis/aks-ca-trust.dev/v1alpha1/namespaces/NS/certificaterotations/any'],
    ['DELETE', '/apis/aks-ca-trust.dev/v1alpha1/namespaces/NS/certificaterotations/any'],
    ['PATCH', '/apis/aks-ca-trust.dev/v1alpha1/targetclusters/any'],
    ['DELETE', '/apis/aks-ca-trust.dev/v1alpha1/targetclusters'],
    ['POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'],
    ['GET', '/apis/coordination.k8s.io/v1/namespaces/aks-ca-trust-system/leases/another'],
    ['GET', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/aks-ca-trust'],
  ] as const)('do not include %s %s', async (method, path) => {
    const [pathname = '', query] = path.replace('NS', rig.namespace).split('?');
    const asked = controller.request({
      method,
      path: pathname,
      ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }),
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: {} }),
      ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}),
    });
    await expect(asked).rejects.toMatchObject({ status: 403 } satisfies Partial<KubernetesError>);
  });
});

/**
 * Comes, is suspended twice (the second event only counts up the first), loses its record to another client, and goes with its
 * certificates. Meanwhile the certificates of the cluster are watched, and its kubeconfig is written into a Secret twice.
 */
async function liveAndDie(): Promise<void> {
  const cluster = await rig.addCluster({ nodes: true });
  const spec: Partial<CustomCATrust['spec']> = {
    certificates: [entry('a', ...roots(0))],
    target: SEES_NODES,
    deletionPolicy: 'Remove',
  };
  await rig.apply('life', cluster, spec);
  await rig.until('life', isReady, 'Ready');
  await applyRotation(rig, 'watch', cluster, { kubeconfig: { secretName: 'watch' } });
  const secret = `/api/v1/namespaces/${rig.namespace}/secrets/watch`;
  await eventually(async () => (await getRotation(rig, 'watch'))?.status?.kubeconfig !== undefined);
  await patch(secret, { data: { value: null } });
  await patch(rotationPath(rig.namespace, 'watch'), { metadata: { annotations: { [RECONCILE_REQUESTED_AT]: 'now' } } });
  await eventually(async () => ((await rig.admin.request({ path: secret })) as V1Secret).data?.['value'] !== undefined);
  await eventually(async () => notedIn(await rig.record(cluster)).includes(`${rig.namespace}/watch`));
  // Whether the object that is noted is gone is asked before the record forgets it.
  await removeRotation(rig, 'watch');
  for (const _time of [1, 2]) {
    await rig.apply('life', cluster, { ...spec, suspend: true });
    await rig.until('life', (object) => condition(object, 'Ready')?.reason === 'Suspended', 'suspended');
    await rig.apply('life', cluster, { ...spec, suspend: false });
    await rig.until('life', isReady, 'Ready again');
  }
  const lost = await rig.record(cluster);
  await remove(rig.admin, targetClusterPath(lost?.metadata.name ?? ''), { uid: lost?.metadata.uid ?? '' });
  await eventually(async () => ![undefined, lost?.metadata.uid].includes((await rig.record(cluster))?.metadata.uid));
  await rig.remove('life');
  await rig.untilGone('life');
  await eventually(async () => (await rig.record(cluster)) === undefined);
}

/** Names of the objects that a record notes. */
function notedIn(record: TargetCluster | undefined): string[] {
  return record?.status?.objects?.map(({ name }) => name) ?? [];
}

/** Whether there is a record is asked before such an object is released. */
async function dieBeforeAnyRecord(): Promise<void> {
  await rig.apply('unrecorded', await rig.addCluster(), {});
  await patch(customCATrustPath(rig.namespace, 'unrecorded'), { metadata: { finalizers: [FINALIZER] } });
  await rig.remove('unrecorded');
}

async function patch(path: string, body: object): Promise<void> {
  await rig.admin.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
}

/** Runs the controller while `during` does its part, and returns what it asked of the API server. */
async function watched(
  flags: readonly string[],
  during: (program: Program, asked: (right: string) => boolean) => Promise<void>,
): Promise<readonly ApiRequest[]> {
  // An API server that does not stream lists is asked for all that others are asked for, and for lists.
  const proxy = await startRecordingProxy(rig.plane.config, (url) => url.searchParams.has('sendInitialEvents'));
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const program = startProgram([main, ...(await commandLine(rig, folder, proxy)), ...flags], folder);
  try {
    await during(program, (right) => proxy.requests.some(({ verb, resource }) => `${verb} ${resource}` === right));
  } finally {
    program.kill('SIGKILL');
    await program.exit;
    await proxy.stop();
  }
  return proxy.requests;
}

function rightsUsed(requests: readonly ApiRequest[]): string[] {
  return [...new Set(requests.map(({ verb, group, resource }) => `${verb} ${resource} ${group}`.trim()))].sort();
}

function refused(requests: readonly ApiRequest[]): readonly ApiRequest[] {
  return requests.filter(({ status }) => status === 401 || status === 403);
}

function granted(file: string): string[] {
  return rightsOf(manifestsIn(`kustomize/${file}`));
}
