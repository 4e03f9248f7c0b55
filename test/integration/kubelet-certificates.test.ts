import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { DAY } from '../cluster-certificates/authority.ts';
import { startPrometheus, type PrometheusServer, type Series } from '../cluster-certificates/prometheus-server.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';
import { startRig, type Rig } from './rig.ts';
import { applyRotation, removeRotation, rotationPath } from './rotation-object.ts';
import { untilWanted } from './watched.ts';

jest.setTimeout(120_000);

let rig: Rig;
let plane: CertifiedControlPlane;
let prometheus: PrometheusServer | undefined;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
// The nodes of a cluster stay in its etcd.
beforeEach(async () => {
  plane = await startCertifiedControlPlane();
}, 180_000);
afterEach(async () => {
  await removeRotation(rig, 'own');
  await rig.cleanUp();
  await plane.stop();
  await prometheus?.stop();
  prometheus = undefined;
});
afterAll(() => rig.stop());

const until = (wanted: (object: CertificateRotation) => boolean, what: string) => {
  const collection = `/apis/${API_VERSION}/namespaces/${rig.namespace}/certificaterotations`;
  return untilWanted<CertificateRotation>(rig.admin, collection, 'own', wanted, { what, limitMs: 30_000 });
};

let asks = 0;
async function askAgain(): Promise<void> {
  const body = { metadata: { annotations: { [RECONCILE_REQUESTED_AT]: `again ${++asks}` } } };
  const path = rotationPath(rig.namespace, 'own');
  await rig.admin.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
}

const clientRow = ({ status }: CertificateRotation) =>
  status?.certificates?.find(({ name, pool }) => name === 'KubeletClient' && pool === 'system');
const rotation = ({ status }: CertificateRotation) => status?.autoRotation?.find(({ pool }) => pool === 'system');

const AZURE = { nodeAccess: { azure: {} } };

async function watch(cluster: SimulatedCluster): Promise<void> {
  const { resourceId } = cluster;
  await applyRotation(rig, 'own', cluster, { target: { resourceId, ...AZURE } });
}

describe('the kubelets of a cluster', () => {
  it('are known by the requests that a real API server has, from the first certificate to a renewal', async () => {
    const cluster = await rig.addCluster({ controlPlane: plane });
    await rig.startController();
    await watch(cluster);
    const first = await until((object) => clientRow(object)?.nodes === 2, 'both nodes are known');
    expect(clientRow(first)).toMatchObject({
      nodesTotal: 2,
      health: 'Healthy',
      maintainedBy: 'Microsoft',
      issuer: 'CN=ca',
    });
    expect(clientRow(first)?.source).toMatch(/^certificate signing request csr-/);
    expect(rotation(first)).toMatchObject({ state: 'Unknown' });
    expect(rotation(first)?.message).toContain('A renewal is due from');

    const [node] = cluster.nodes();
    await cluster.renewKubelet(node!.name);
    await askAgain();
    const renewed = await until((object) => rotation(object)?.state === 'Enabled', 'a renewal was seen');
    expect(rotation(renewed)?.evidence).toContain(`Renewal by node ${node!.name}`);

    await cluster.renewKubelet(node!.name, { end: 'Denied' });
    await askAgain();
    const denied = await until(
      (object) => clientRow(object)?.message?.includes('was denied') === true,
      'the refusal is said',
    );
    expect(clientRow(denied)).toMatchObject({ nodes: 2, health: 'Healthy' });
    expect(rotation(denied)?.state).toBe('Enabled');
  });

  it('are known by a Prometheus that the policy file names, and not without an entry for the cluster', async () => {
    const cluster = await rig.addCluster({ controlPlane: plane });
    const [one, two] = cluster.nodes();
    const [, name = ''] = /([^/]+)$/.exec(cluster.resourceId) ?? [];
    const series = (node: string, of: string, days: number): Series => ({
      metric: 'kubelet_certificate_manager_client_ttl_seconds',
      labels: { instance: node, cluster: of },
      samples: [[0, String((days * DAY) / 1000)]],
    });
    prometheus = await startPrometheus(
      [series(one!.name, name, 20), series(two!.name, name, 300), series(one!.name, 'other', 3)],
      Date.now,
    );
    const clusters = "clusters: ['/subscriptions/*/resourceGroups/*/*']";
    const policies = [
      `rules: [{ namespaces: ['*'], ${clusters}, nodeAccess: [azure] }]\nprometheus: [{ ${clusters}, url: '${prometheus.url}', matchers: 'cluster="{cluster}"' }]`,
      `rules: [{ namespaces: ['*'], ${clusters}, nodeAccess: [azure] }]`,
    ].map((text) => {
      const reading = readPolicy(text);
      if (!reading.ok) throw new Error(reading.message);
      return reading.policy;
    });
    let policy = policies[0]!;
    await rig.startController({ policy: () => policy });
    await watch(cluster);
    const late = await until((object) => rotation(object)?.state === 'Late', 'a late kubelet');
    expect(clientRow(late)).toMatchObject({ node: one!.name, nodes: 2, health: 'Late' });
    expect(clientRow(late)?.source).toContain('kubelet metrics of 127.0.0.1');
    expect(rotation(late)?.message).toContain(one!.name);

    policy = policies[1]!;
    const asked = prometheus.asked.length;
    await askAgain();
    await until(({ status }) => status?.lastHandledReconcileAt === `again ${asks}`, 'another read');
    expect(prometheus.asked).toHaveLength(asked);
  });
});
