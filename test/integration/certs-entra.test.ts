import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SimulatedCluster, TargetAccess } from '../../simulator/index.ts';
import { eventually } from '../eventually.ts';
import {
  documentOf,
  file,
  KUBECONFIG_ACTION,
  messageOf,
  READ_ACTION,
  rowsOf,
  runWithAzure,
  SOON,
} from './certs-process.ts';
import type { Who } from './check-rig.ts';
import { startRig, type Rig } from './rig.ts';
import { startTargetApiServer, type TargetApiServer } from './target-api-server.ts';

const ENTRA = { properties: { aadProfile: { managed: true }, disableLocalAccounts: true } };
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';

let rig: Rig;
let target: TargetApiServer;
let person: Who & { readonly objectId: string };
let folder: string;
beforeAll(async () => {
  rig = await startRig();
  target = await startTargetApiServer(rig.simulator);
  person = rig.simulator.addClient({ roles: [{ scope: '/', actions: [READ_ACTION, KUBECONFIG_ACTION] }] });
  folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-certs-'));
  writeFileSync(join(folder, 'ca.pem'), rig.simulator.caPem);
}, 240_000);
afterEach(() => rig.cleanUp());
afterAll(async () => {
  await target.stop();
  await rig.stop();
  rmSync(folder, { recursive: true });
});

async function addCluster(extraBody: Record<string, unknown> = {}): Promise<SimulatedCluster> {
  const cluster = await rig.addCluster({ name: 'prod', kubeconfig: target.seed, extraBody });
  cluster.setAccess(await target.access());
  return cluster;
}

const certs = (...words: string[]) =>
  documentOf(runWithAzure(rig.simulator, folder, person, ...words, '-o', 'json', ...SOON));

describe('certs of a cluster with Microsoft Entra ID', () => {
  it('asks the API server as the person, names each right that is missing, and shows the rest', async () => {
    const { resourceId } = await addCluster(ENTRA);
    const document = await certs(resourceId);
    expect(rowsOf(document)).toMatchObject({
      ClusterCA: 'Healthy: kubeconfig from ARM',
      APIServer: 'Healthy: TLS handshake',
      KubeconfigClient: 'Healthy: kubeconfig from ARM',
      FrontProxyCA: 'Unknown',
    });
    expect(messageOf(document, 'KubeconfigClient')).toMatch(/has no client certificate/);
    expect(messageOf(document, 'FrontProxyCA')).toContain(`User "${person.objectId}"`);
    expect(document.exitCode).toBe(0);
  });

  it('shows all that the rights of the person show', async () => {
    await target.admin.request({
      method: 'POST',
      path: BINDINGS,
      body: {
        metadata: { name: 'person' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: person.objectId }],
      },
    });
    const { resourceId } = await addCluster(ENTRA);
    const document = await certs(resourceId, '--scan');
    expect(rowsOf(document)).toMatchObject({ ServiceAccountKeys: expect.stringMatching(/^Healthy/) });
    expect(document.scan?.problems).toEqual([]);
    await target.admin.request({ method: 'DELETE', path: `${BINDINGS}/person` });
  });
});

describe('certs after a rotation', () => {
  const kubeconfigOf = ({ server, caPem, certPem, keyPem }: TargetAccess) => {
    const base64 = (pem: string) => Buffer.from(pem).toString('base64');
    return JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster: { server, 'certificate-authority-data': base64(caPem) } }],
      users: [{ name: 'a', user: { 'client-certificate-data': base64(certPem), 'client-key-data': base64(keyPem) } }],
    });
  };

  it('tells the kubeconfig on disk from the one that ARM returns now, with the command that replaces it', async () => {
    const old = file(folder, 'old.kc', kubeconfigOf(await target.access()));
    await target.rotate();
    const { resourceId } = await addCluster();
    // The API server reads its new certificate when it notices the files.
    await eventually(async () => rowsOf(await certs(resourceId))['APIServer'] === 'Healthy: TLS handshake');
    const document = await certs(resourceId, '-f', old);
    expect(rowsOf(document)).toMatchObject({
      ClusterCA: 'Healthy: kubeconfig from ARM',
      APIServer: 'Healthy: TLS handshake',
      KubeconfigFile: `Healthy: kubeconfig ${old}`,
      // The API server is asked with what ARM returns.
      ServiceAccountKeys: 'Healthy: /openid/v1/jwks',
    });
    expect(document.exitCode).toBe(3);
    expect(document.notices).toEqual([
      expect.stringMatching(
        / has another CA than ARM returns: .* --name prod --overwrite-existing writes the present one\.$/,
      ),
    ]);
    const fresh = await certs(resourceId, '-f', file(folder, 'new.kc', kubeconfigOf(await target.access())));
    expect(fresh).toMatchObject({ notices: [], exitCode: 0 });
  });
});
