import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type SimulatedCluster, type Simulator } from '../../simulator/index.ts';
import { connect } from '../../src/kubernetes/client/connection.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';
import { eventually } from '../eventually.ts';
import { armClient, type ArmClient } from '../simulator/arm-client.ts';
import { kubeconfigOf, rotate, type HandedOut } from '../simulator/kubeconfigs.ts';
import { documentOf, file, messageOf, rowsOf, run, runWithAzure, type Document } from './certs-process.ts';

const DAY_MS = 24 * 3_600_000;
const base64 = (text: string) => Buffer.from(text).toString('base64');

let simulator: Simulator;
let plane: CertifiedControlPlane;
let arm: ArmClient;
let cluster: SimulatedCluster;
let folder: string;
let disk: string;
beforeAll(async () => {
  [simulator, plane] = await Promise.all([
    startSimulator({ speed: 1000, throttling: false }),
    startCertifiedControlPlane(),
  ]);
  arm = await armClient(simulator);
  cluster = simulator.addCluster({
    name: 'prod-weu',
    resourceGroup: 'platform',
    nodeResourceGroup: 'MC_platform_prod-weu_westeurope',
    controlPlane: plane,
    pools: [
      { name: 'system', count: 2 },
      { name: 'apps', count: 3 },
    ],
    certificates: { createdAt: new Date(Date.now() - 200 * DAY_MS).toISOString() },
    rotation: { listing: 'new' },
  });
  await cluster.ready();
  folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-certs-'));
  writeFileSync(join(folder, 'ca.pem'), simulator.caPem);
  const access = await kubeconfigOf(arm, cluster.resourceId);
  disk = file(folder, 'prod-weu.kubeconfig', kubeconfigText(access));
  await makeHolders(access);
}, 240_000);
afterAll(async () => {
  await arm.close();
  await simulator.stop();
  await plane.stop();
  rmSync(folder, { recursive: true });
});

function kubeconfigText({ server, caPem, certPem, keyPem }: HandedOut): string {
  return JSON.stringify({
    'current-context': 'prod-weu',
    contexts: [{ name: 'prod-weu', context: { cluster: 'prod-weu', user: 'user' } }],
    clusters: [{ name: 'prod-weu', cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    users: [{ name: 'user', user: { 'client-certificate-data': base64(certPem), 'client-key-data': base64(keyPem) } }],
  });
}

/** What other tools keep of a cluster: Argo CD its kubeconfig, a webhook its CA, a pipeline a token. */
async function makeHolders({ server, caPem, certPem, keyPem }: HandedOut): Promise<void> {
  const admin = connect({ server, caPem, certPem, keyPem });
  const create = (path: string, body: object) => admin.request({ method: 'POST', path, body });
  for (const name of ['argocd', 'ci']) await create('/api/v1/namespaces', { metadata: { name } });
  const config = JSON.stringify({ tlsClientConfig: { caData: base64(caPem) } });
  await create('/api/v1/namespaces/argocd/secrets', {
    metadata: { name: 'cluster-prod-weu' },
    stringData: { server, config },
  });
  await create('/api/v1/namespaces/ci/serviceaccounts', { metadata: { name: 'deployer' } });
  await create('/api/v1/namespaces/ci/secrets', {
    metadata: { name: 'deployer', annotations: { 'kubernetes.io/service-account.name': 'deployer' } },
    type: 'kubernetes.io/service-account-token',
  });
  await create('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
    metadata: { name: 'gmsa' },
    webhooks: [
      {
        name: 'admission.gmsa.example.com',
        clientConfig: { caBundle: base64(caPem), service: { name: 'gmsa', namespace: 'ci' } },
        rules: [],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  await admin.close();
}

const overArm = (...words: string[]) =>
  documentOf(runWithAzure(simulator, folder, simulator.addClient(), cluster.resourceId, '-o', 'json', ...words));
const held = ({ scan }: Document) =>
  (scan?.holders as { holding: string; name: string }[]).map(({ holding, name }) => `${holding} ${name}`);

describe('certs of a cluster whose certificates are rotated', () => {
  let before: Document;
  it('shows every row, and for the pools what their kubelets have requested', async () => {
    before = await overArm('--scan');
    expect(before.exitCode).toBe(0);
    expect(rowsOf(before)).toMatchObject({
      ClusterCA: 'Healthy: kubeconfig from ARM',
      FrontProxyCA: 'Healthy: ConfigMap extension-apiserver-authentication',
      APIServer: 'Healthy: TLS handshake',
      KubeconfigClient: 'Healthy: kubeconfig from ARM',
      ServiceAccountKeys: 'Healthy: /openid/v1/jwks',
      KubeletClient: expect.stringMatching(/^Healthy: certificate signing request csr-/),
    });
    expect(held(before)).toEqual(['PresentCA cluster-prod-weu', 'Token deployer', 'PresentCA gmsa']);
    expect(before.nodeCommands.map(({ command }) => / --name (\S+) /.exec(command)?.[1])).toEqual([
      expect.stringMatching(/^aks-apps-/),
      expect.stringMatching(/^aks-system-/),
    ]);
  });

  it('shows a pool whose kubelets renew their certificates as Enabled', async () => {
    const [node] = cluster.nodes().filter(({ name }) => name.includes('apps'));
    await cluster.renewKubelet(node!.name);
    const { autoRotation } = await overArm();
    expect(autoRotation.find(({ pool }) => pool === 'apps')?.state).toBe('Enabled');
  });

  it('shows the new CA after a rotation, what still has the old one, and a kubeconfig on disk that is dead', async () => {
    const fingerprintIn = ({ certificates }: Document) =>
      certificates.find(({ name }) => name === 'ClusterCA')?.fingerprintSHA256;
    await rotate(arm, cluster.resourceId);
    await eventually(async () => {
      const document = await overArm();
      return document.exitCode === 0 && fingerprintIn(document) !== fingerprintIn(before);
    }, 60_000);

    const after = await overArm('-f', disk, '--scan');
    expect(after.exitCode).toBe(3);
    expect(after.notices).toEqual([expect.stringMatching(/ has another CA than ARM returns: /)]);
    expect(rowsOf(after)).toMatchObject({
      APIServer: 'Healthy: TLS handshake',
      KubeconfigFile: `Healthy: kubeconfig ${disk}`,
    });
    expect(messageOf(after, 'KubeconfigFile')).toMatch(/^No CA of the cluster signed it, /);
    expect(held(after)).toEqual(['OtherCA cluster-prod-weu', 'Token deployer', 'OtherCA gmsa']);

    const { code, out, err } = await run('-f', disk);
    expect(code).toBe(3);
    expect(out).toMatch(/^APIServer .* Intercepted +TLS handshake$/m);
    expect(err).toMatch(/may be older than a rotation/);
  }, 120_000);
});
