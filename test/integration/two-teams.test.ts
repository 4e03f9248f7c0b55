import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { kubeconfig } from '../../simulator/arm/kubeconfig.ts';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { API_VERSION, customCATrustPath } from '../../src/api/names.ts';
import { KubernetesError } from '../../src/kubernetes/client/connection.ts';
import { eventually } from '../eventually.ts';
import { condition, entry, fingerprints, isReady, listed, roots, SEES_NODES, startRig, type Rig } from './rig.ts';
import { letReadKubeconfigs } from './roles.ts';

jest.setTimeout(90_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 120_000);
beforeEach(() => rig.cleanUp());
afterAll(() => rig.stop());

/** A team with a namespace of its own, made for one test. */
async function team(name: string, { bound = true } = {}) {
  const namespace = `${name}-${randomBytes(3).toString('hex')}`;
  const post = (path: string, body: object) => rig.admin.request({ method: 'POST', path, body });
  await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  if (bound) await letReadKubeconfigs(rig.admin, namespace);
  const path = customCATrustPath(namespace, 'trust');
  const get = async () => {
    try {
      return (await rig.admin.request({ path })) as CustomCATrust;
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 404) return undefined;
      throw error;
    }
  };
  return {
    namespace,
    get,
    says: async (type: string) => {
      const found = condition(await get(), type);
      return `${found?.status} ${found?.reason}`;
    },
    apply: (cluster: SimulatedCluster, spec: Partial<CustomCATrust['spec']>) =>
      rig.admin.request({
        method: 'PATCH',
        path,
        query: { fieldManager: 'kubectl', force: 'true' },
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: API_VERSION,
          kind: 'CustomCATrust',
          metadata: { name: 'trust', namespace },
          spec: { settleSeconds: 0, ...spec, target: { ...spec.target, resourceId: cluster.resourceId } },
        },
      }),
    putKubeconfig: (text: string) =>
      post(`/api/v1/namespaces/${namespace}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'nodes', namespace },
        data: { value: Buffer.from(text).toString('base64') },
      }),
    /** As `kubectl delete namespace` goes on: no Secret outlives it, and nothing new can be made there. */
    async deleteNamespace() {
      await rig.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
      await rig.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}/secrets/nodes` });
      await rig.admin.request({ method: 'DELETE', path });
    },
  };
}

const wants = (index: number, spec: Partial<CustomCATrust['spec']> = {}) => ({
  certificates: [entry('a', ...roots(index))],
  ...spec,
});

/** An API server that shows two nodes that are always born a moment ago, and notes whose tokens it gets. */
async function startLiar(pool: string) {
  const pems = await makeServingCertificate([], Date.now());
  const tokens = new Set<string>();
  const paths: string[] = [];
  const server: Server = createServer({ cert: pems.certPem, key: pems.keyPem }, (request, response) => {
    tokens.add(request.headers.authorization ?? '');
    paths.push(`${request.method} ${request.url?.split('?')[0]}`);
    const creationTimestamp = new Date(Date.now() - 1000).toISOString();
    const labels = { 'kubernetes.azure.com/agentpool': pool };
    const rows = ['n1', 'n2'].map((name) => ({
      cells: ['Ready'],
      object: { metadata: { name, uid: name, creationTimestamp, labels } },
    }));
    const isNodes = request.url?.startsWith('/api/v1/nodes') && !request.url.includes('watch');
    response.writeHead(isNodes ? 200 : 403, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        isNodes
          ? { metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Status' }], rows }
          : { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', message: 'no', code: 403 },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const text = kubeconfig({
    ...{ cluster: 'c', userName: 'u', caPem: pems.caPem },
    server: `https://127.0.0.1:${port}`,
    user: '    token: token-of-the-liar\n',
  });
  return {
    ...{ text, tokens, paths },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('two teams on one cluster', () => {
  it('one whose kubeconfig Secret is not there holds no change of the other, and only its own status says why', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const [a, b] = [await team('team-a'), await team('team-b')];
    await rig.startController();
    await a.apply(cluster, wants(0, { target: SEES_NODES }));
    await b.apply(cluster, wants(1));
    await eventually(async () => isReady((await b.get())!));
    expect(listed(cluster)).toContain(fingerprints(1)[0]);
    await eventually(async () => (await a.says('NodesReimaged')) === 'Unknown NodesUnreadable');
    const told = condition(await a.get(), 'NodesReimaged')?.message;
    expect(told).toContain(`Secret ${a.namespace}/nodes`);
    const status = JSON.stringify((await b.get())?.status);
    expect(status).not.toContain(a.namespace);
    expect(status).not.toContain('Secret');
    // It goes on by itself once the Secret is there.
    await a.putKubeconfig(rig.plane.config.kubeconfigYaml);
    await eventually(async () => isReady((await a.get())!), 30_000);
  });

  it('one whose kubeconfig Secret the controller may not read is said what to bind, and goes on once that is done', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const a = await team('team-a', { bound: false });
    await a.putKubeconfig(rig.plane.config.kubeconfigYaml);
    await rig.startController();
    await a.apply(cluster, wants(0, { target: SEES_NODES }));
    const message = await eventually(async () => {
      const said = condition(await a.get(), 'Applied')?.message;
      return /cannot be read/.test(said ?? '') && said;
    });
    expect(message).toContain(
      'User "system:serviceaccount:aks-ca-trust-system:aks-ca-trust" cannot get resource "secrets"',
    );
    expect(message).toContain(
      'Bind the ClusterRole aks-ca-trust-kubeconfig-reader to that service account in that namespace',
    );
    expect(rig.puts(cluster)).toEqual([]);
    await letReadKubeconfigs(rig.admin, a.namespace);
    await eventually(async () => isReady((await a.get())!), 30_000);
  });

  it('a third one with a broken Secret leaves two that are Ready as they are', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const [platform, web, data] = [await team('platform'), await team('web'), await team('data')];
    await rig.startController();
    for (const [one, index] of [[platform, 0] as const, [web, 1] as const]) await one.apply(cluster, wants(index));
    for (const one of [platform, web]) await eventually(async () => isReady((await one.get())!), 30_000);
    // Sorts before both.
    await data.apply(cluster, wants(2, { target: SEES_NODES }));
    await eventually(async () => (await data.says('NodesReimaged')) === 'Unknown NodesUnreadable', 30_000);
    for (const one of [platform, web]) {
      expect(await one.says('Ready')).toBe('True Trusted');
      expect(JSON.stringify((await one.get())?.status)).not.toMatch(/Secret|NodesUnreadable/);
    }
    await platform.apply(cluster, wants(3));
    await eventually(async () => listed(cluster).includes(fingerprints(3)[0]!), 30_000);
  });

  it('one whose API server lies deceives only itself', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const liar = await startLiar('system');
    try {
      const [a, b] = [await team('aaa'), await team('bbb')];
      await a.putKubeconfig(liar.text);
      await b.putKubeconfig(rig.plane.config.kubeconfigYaml);
      await rig.startController();
      await b.apply(cluster, wants(1, { target: SEES_NODES, verify: { image: 'images.example.com/app:1' } }));
      await a.apply(cluster, wants(0, { target: SEES_NODES }));
      await eventually(async () => (await a.says('NodesReimaged')) === 'True Reimaged', 30_000);
      await eventually(async () => (await b.says('NodesReimaged')) === 'True Reimaged', 30_000);
      // Its count is of the real nodes: they were replaced by then.
      expect((await b.get())?.status?.nodes?.summary).toBe('2/2');
      const nodes = (await rig.admin.request({ path: '/api/v1/nodes' })) as { items: { metadata: { uid: string } }[] };
      expect(nodes.items.every(({ metadata }) => metadata.uid !== 'n1')).toBe(true);
      expect([...liar.tokens]).toEqual(['Bearer token-of-the-liar']);
      // The other team's pods and what they name are not for it.
      expect(liar.paths.filter((path) => path.includes('/pods'))).toEqual([]);
    } finally {
      await liar.stop();
    }
  });

  it('one that verifies reaches no cluster with the other one’s kubeconfig', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const [a, b] = [await team('team-a'), await team('team-b')];
    await b.putKubeconfig(rig.plane.config.kubeconfigYaml);
    await rig.startController();
    await b.apply(cluster, wants(0, { target: SEES_NODES }));
    await eventually(async () => isReady((await b.get())!), 30_000);
    await a.apply(cluster, wants(0, { verify: { image: 'evil.example.com/shell:1', nodes: 'Every' } }));
    await eventually(async () => (await a.says('NodesTrust')) === 'Unknown NoNodeAccess', 30_000);
    const { items } = (await rig.admin.request({ path: '/api/v1/pods' })) as { items: unknown[] };
    expect(items).toEqual([]);
  });
});

describe('a namespace that is being deleted', () => {
  it('ends: its object with Remove waits for the removal, and for no Secret', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const gone = await team('gone');
    await gone.putKubeconfig(rig.plane.config.kubeconfigYaml);
    await rig.startController();
    await gone.apply(cluster, wants(0, { target: SEES_NODES, deletionPolicy: 'Remove' }));
    await eventually(async () => isReady((await gone.get())!), 30_000);
    await gone.deleteNamespace();
    await eventually(async () => (await gone.get()) === undefined, 30_000);
    expect(listed(cluster)).toEqual([]);
    await eventually(async () => (await rig.record(cluster)) === undefined);
  });
});
