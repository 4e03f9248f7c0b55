import { randomUUID, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { makeServingCertificate } from '../../../simulator/http/certificates.ts';
import { classifyFailure } from '../../../src/azure/failures.ts';
import type { Outcome } from '../../../src/azure/managed-clusters.ts';
import { createHandshake } from '../../../src/cluster-certificates/read/handshake.ts';
import { readEvidence, type EvidenceSources } from '../../../src/cluster-certificates/read/read-evidence.ts';
import type { EvidenceReader } from '../../../src/cluster-certificates/read/source.ts';
import { connectToTarget } from '../../../src/cluster/node-access/connect-target.ts';
import { startApiServer, type ApiServer } from '../../kubernetes/api-server.ts';
import { applyAll } from '../../deploy/object-path.ts';

jest.setTimeout(60_000);

const SIGNAL = new AbortController().signal;
/** The words of ARM: `error-credential-role` in simulator/corpus.json. */
const LACKS_RIGHT =
  "The client 'a' does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action' over scope '/subscriptions/s' or the scope is invalid.";
const handshake = createHandshake({ allowLocal: true });
const NODE = `aks-${randomUUID().slice(0, 8)}`;

let server: ApiServer;
let caPem: string;
/** Another authority than the cluster's. */
let other: { readonly caPem: string; readonly certPem: string; readonly keyPem: string };
beforeAll(async () => {
  server = await startApiServer();
  caPem = server.credentials.caPem ?? '';
  other = await makeServingCertificate(['127.0.0.1'], Date.now());
  const inKubeSystem = (name: string, data: object) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'kube-system' } },
    data,
  });
  await applyAll(server.connection, [
    inKubeSystem('kube-root-ca.crt', { 'ca.crt': caPem }),
    // The API server of the tests has no front proxy of its own, and keeps what others add.
    inKubeSystem('extension-apiserver-authentication', { 'requestheader-client-ca-file': caPem }),
  ]);
  const labels = { 'kubernetes.azure.com/agentpool': 'system', 'kubernetes.azure.com/kubelet-serving-ca': 'cluster' };
  await server.connection.request({
    method: 'POST',
    path: '/api/v1/nodes',
    body: { metadata: { name: NODE, labels } },
  });
}, 90_000);
afterAll(async () => {
  await server.connection.request({ method: 'DELETE', path: `/api/v1/nodes/${NODE}` });
  await server.stop();
});

const ofServer = () => ({ server: server.credentials.server, caPem, certPem: server.credentials.certPem ?? '' });

interface Parts {
  readonly server?: string;
  readonly caPem?: string;
  readonly certPem?: string;
  readonly user?: object;
}

/** A kubeconfig as ARM returns it. */
function kubeconfigOf({ server: url, caPem: ca, certPem, user = {} }: Parts): string {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  return JSON.stringify({
    'current-context': 'aks',
    contexts: [{ name: 'aks', context: { cluster: 'aks', user: 'clusterUser' } }],
    clusters: [
      {
        name: 'aks',
        cluster: { server: url, ...(ca === undefined ? {} : { 'certificate-authority-data': base64(ca) }) },
      },
    ],
    users: [
      {
        name: 'clusterUser',
        user: {
          ...(certPem === undefined ? {} : { 'client-certificate-data': base64(certPem), 'client-key-data': 'SECRET' }),
          token: 'SECRET',
          ...user,
        },
      },
    ],
  });
}

const listing = (text: string) => () => Promise.resolve<Outcome<string>>({ ok: true, value: text });
const read = (sources: EvidenceSources) => readEvidence(sources, Date.now, SIGNAL);
const subjectsOf = (finding: unknown) => JSON.stringify(finding);

describe('the evidence of a real API server', () => {
  it('has every certificate that ARM, a handshake and the API server show', async () => {
    const connection = connectToTarget(server.credentials, { allowLocal: true });
    const evidence = await read({
      kubeconfig: listing(kubeconfigOf(ofServer())),
      handshake,
      access: { ok: true, connection },
    });
    await connection.close();
    const ca = new X509Certificate(caPem);
    const { clusterCA, apiServer, kubeconfigClient, clientCAs, frontProxyCA, signingKeys, nodes } = evidence;
    if (!clusterCA?.known || !apiServer?.known || !clientCAs?.known || !frontProxyCA?.known || !kubeconfigClient?.known)
      throw new Error(JSON.stringify(evidence));
    expect(clusterCA.source).toBe('kubeconfig from ARM');
    expect(clusterCA.note).toBeUndefined();
    for (const found of [clusterCA, clientCAs, frontProxyCA])
      expect(found.value.map(({ fingerprint256 }) => fingerprint256)).toEqual([ca.fingerprint256]);
    expect(apiServer.value.verify(ca.publicKey)).toBe(true);
    expect(kubeconfigClient.value?.subject).toBe(new X509Certificate(ofServer().certPem).subject);
    expect(signingKeys).toMatchObject({ known: true, value: [expect.stringMatching(/^[\w-]{43}$/)] });
    const facts = nodes?.known ? nodes.value.find(({ name }) => name === NODE) : undefined;
    expect(facts).toMatchObject({ pool: 'system', ready: false, servingSignedByCluster: true });
    expect(Math.abs((facts?.createdAt ?? 0) - Date.now())).toBeLessThan(120_000);
  });

  it('has the cluster CA of the API server where ARM returns no kubeconfig, and says why', async () => {
    const { connection } = server;
    const refused = { status: 403, code: 'AuthorizationFailed', message: LACKS_RIGHT };
    const failure = classifyFailure(refused, 'ListClusterUserCredential');
    const evidence = await read({
      kubeconfig: () => Promise.resolve({ ok: false, failure }),
      servers: [server.credentials.server],
      handshake,
      access: { ok: true, connection },
    });
    expect(evidence.clusterCA).toMatchObject({ known: true, source: 'ConfigMap kube-root-ca.crt' });
    expect(evidence.apiServer).toMatchObject({ known: true });
    expect(evidence.kubeconfigClient).toMatchObject({
      known: false,
      why: `ARM returned no kubeconfig of the cluster (HTTP 403, AuthorizationFailed): ${LACKS_RIGHT}`,
      fix: expect.stringContaining('Azure Kubernetes Service Cluster User Role'),
    });
  });

  it('says that the access leads to another cluster than ARM names', async () => {
    const { connection } = server;
    const kubeconfig = listing(kubeconfigOf({ ...ofServer(), caPem: other.caPem }));
    const { clusterCA } = await read({ kubeconfig, access: { ok: true, connection } });
    expect(clusterCA).toMatchObject({
      known: true,
      source: 'kubeconfig from ARM',
      note: expect.stringContaining('leads to another cluster'),
    });
    expect(clusterCA?.known && clusterCA.value[0]?.fingerprint256).toBe(
      new X509Certificate(other.caPem).fingerprint256,
    );
  });

  it('has no client certificate where people sign in with Microsoft Entra ID, which is known', async () => {
    const { server: url, caPem: ca } = ofServer();
    const user = { exec: { command: 'kubelogin' } };
    const { kubeconfigClient } = await read({ kubeconfig: listing(kubeconfigOf({ server: url, caPem: ca, user })) });
    expect(kubeconfigClient).toEqual({ known: true, value: undefined, source: 'kubeconfig from ARM' });
  });

  it('asks for the kubeconfig once, and leaves out what it has no source for', async () => {
    let asked = 0;
    const evidence = await readEvidence(
      { kubeconfig: () => ((asked += 1), listing(kubeconfigOf(ofServer()))()) },
      () => 42,
      SIGNAL,
    );
    expect(asked).toBe(1);
    expect(Object.keys(evidence).sort()).toEqual(['clusterCA', 'kubeconfigClient', 'readAt']);
    expect(await readEvidence({}, () => 42, SIGNAL)).toEqual({ readAt: 42 });
  });

  it('tells a copy that a person has from what ARM returns', async () => {
    const sources = { kubeconfig: listing(kubeconfigOf(ofServer())), kubeconfigName: 'kubeconfig file' };
    const evidence = await read({ ...sources, kubeconfigIsCopy: true });
    expect(evidence).toMatchObject({ kubeconfigIsCopy: true, clusterCA: { source: 'kubeconfig file' } });
  });

  it('shows no secret, whatever is wrong with the kubeconfig', async () => {
    const { server: url, certPem } = ofServer();
    const texts = [
      kubeconfigOf({ server: url, caPem: 'SECRET', certPem: 'SECRET' }),
      kubeconfigOf({ server: 'https://SECRET@[', caPem: caPem.replace(/[A-Z]{5}/, '-----'), certPem }),
      'users: [SECRET',
      'SECRET',
      '',
    ];
    for (const text of texts) {
      const evidence = await read({ kubeconfig: listing(text), handshake });
      expect(JSON.stringify(evidence)).not.toContain('SECRET');
      expect(subjectsOf(evidence.clusterCA)).toMatch(/"known":false,"why":"The kubeconfig from ARM [^"]*\."/);
    }
  });
});

describe('a source that does not answer', () => {
  it('is a finding after its time, and the others are there', async () => {
    const stuck: EvidenceReader = {
      members: ['nodes', 'frontProxyCA'],
      noun: 'The nodes',
      ms: 50,
      read: () => new Promise(() => {}),
    };
    const good: EvidenceReader = {
      members: ['signingKeys'],
      noun: 'The keys',
      read: () => Promise.resolve({ signingKeys: { known: true, value: ['a'], source: 'test' } }),
    };
    const broken: EvidenceReader = {
      members: ['clientCAs'],
      noun: 'The CAs',
      read: () => Promise.reject(new Error('odd\u202e')),
    };
    const evidence = await readEvidence({}, () => 1, SIGNAL, [stuck, good, broken]);
    expect(evidence).toEqual({
      readAt: 1,
      nodes: { known: false, why: 'The nodes could not be read within 0.05 s.' },
      frontProxyCA: { known: false, why: 'The nodes could not be read within 0.05 s.' },
      signingKeys: { known: true, value: ['a'], source: 'test' },
      clientCAs: { known: false, why: 'The CAs could not be read: odd\\u{202e}' },
    });
  });

  it('ends with the reason of the signal, and with nothing else', async () => {
    const caller = new AbortController();
    const reading = readEvidence({ kubeconfig: () => new Promise(() => {}) }, Date.now, caller.signal);
    caller.abort(new Error('over'));
    await expect(reading).rejects.toThrow('over');
  });
});

describe('the certificate of a server with another authority', () => {
  let web: Server;
  let url: string;
  beforeAll(async () => {
    web = createServer({ cert: other.certPem, key: other.keyPem });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const address = web.address();
    url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(() => new Promise((resolve) => web.close(resolve)));

  it('is evidence as well, because it is judged elsewhere', async () => {
    const { apiServer } = await read({ kubeconfig: listing(kubeconfigOf({ ...ofServer(), server: url })), handshake });
    expect(apiServer?.known && apiServer.value.verify(new X509Certificate(caPem).publicKey)).toBe(false);
  });

  it('is read at the next address where the first gives none, and at three at most', async () => {
    const asked: string[] = [];
    const counted: EvidenceSources['handshake'] = (address, signal) => {
      asked.push(address.server);
      return handshake(address, signal);
    };
    const dead = 'https://127.0.0.1:1';
    const found = await read({ servers: [dead, url], handshake: counted });
    expect(found.apiServer).toMatchObject({ known: true });
    expect(asked).toEqual([dead, url]);
    const { apiServer } = await read({ servers: [dead, dead, dead, url], handshake: counted });
    expect(apiServer).toMatchObject({ known: false, why: expect.stringContaining('refuses connections') });
    expect(await read({ servers: [], handshake: counted })).toMatchObject({ apiServer: { known: false } });
  });

  it('is not read from an address of the own machine without leave', async () => {
    const fenced = createHandshake();
    const { apiServer } = await read({ servers: [url], handshake: fenced });
    expect(apiServer).toMatchObject({ known: false, why: expect.stringContaining('not connected to') });
  });
});
