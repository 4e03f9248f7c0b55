import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSigningRequests } from '../../../src/cluster-certificates/read/signing-requests.ts';
import type { SigningRequest } from '../../../src/cluster-certificates/evidence.ts';
import { connect, type Connection, type KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import { makeAuthority, makeRequest, type Authority } from '../authority.ts';
import { startApiServer, type ApiServer } from '../../kubernetes/api-server.ts';

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const HOUR = 3_600_000;
const CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING = 'kubernetes.io/kubelet-serving';

let server: ApiServer;
let authority: Authority;
const { signal } = new AbortController();
let made = 0;

beforeAll(async () => {
  server = await startApiServer();
  authority = await makeAuthority(Date.now() - HOUR);
});

afterAll(() => server.stop());

interface Asked {
  readonly user: string;
  /** The node in the subject. */
  readonly for: string;
  readonly signer?: string;
}

/** Creates a request as its requestor does, and returns its name. */
async function ask({ user, for: node, signer = CLIENT }: Asked): Promise<string> {
  const connection = connect({
    ...server.credentials,
    headers: async () => ({ 'impersonate-user': user, 'impersonate-group': 'system:masters' }),
  });
  const name = `csr-${++made}-${Date.now()}`;
  const usages = ['digital signature', signer === SERVING ? 'server auth' : 'client auth'];
  const request = await makeRequest(`O=system:nodes, CN=system:node:${node}`);
  const body = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: { request, signerName: signer, usages },
  };
  try {
    await connection.request({ method: 'POST', path: PATH, body });
  } finally {
    await connection.close();
  }
  return name;
}

async function change(name: string, sub: 'approval' | 'status', edit: object): Promise<void> {
  const present = (await server.connection.request({ path: `${PATH}/${name}` })) as { status?: object };
  const body = { ...present, status: { ...present.status, ...edit } };
  await server.connection.request({ method: 'PUT', path: `${PATH}/${name}/${sub}`, body });
}

function condition(type: string, message = ''): object {
  return { conditions: [{ type, status: 'True', reason: 'Test', message }] };
}

async function issue(name: string, node: string): Promise<void> {
  await change(name, 'approval', condition('Approved'));
  const dates = { notBefore: Date.now() - HOUR, notAfter: Date.now() + 24 * HOUR };
  const { raw } = await authority.issue(node, dates);
  const pem = `-----BEGIN CERTIFICATE-----\n${raw.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  await change(name, 'status', { certificate: Buffer.from(pem).toString('base64') });
}

async function read(name: string): Promise<SigningRequest | undefined> {
  const requests = await readSigningRequests(server.connection, signal);
  return requests.find((request) => request.name === name);
}

test('an issued renewal names its node, and has the certificate', async () => {
  const name = await ask({ user: 'system:node:np1-0', for: 'np1-0' });
  await issue(name, 'np1-0');
  const seen = await read(name);
  expect(seen).toMatchObject({ node: 'np1-0', use: 'Client', requestor: 'Renewal', state: 'Issued' });
  expect(seen?.certificate?.subject).toContain('CN=system:node:np1-0');
  expect(Math.abs((seen?.createdAt ?? 0) - Date.now())).toBeLessThan(HOUR);
});

test.each([
  ['system:bootstrap:abcdef', 'Bootstrap'],
  ['aksService', 'SecureBootstrap'],
  ['kubernetes-admin', 'Other'],
  ['system:node:np1-1', 'Renewal'],
])('the requestor %s counts as %s', async (user, requestor) => {
  const name = await ask({ user, for: 'np1-1' });
  expect(await read(name)).toMatchObject({ node: 'np1-1', requestor, state: 'Pending' });
});

test('a request of one node for the certificate of another shows a renewal of neither', async () => {
  const name = await ask({ user: 'system:node:np1-2', for: 'np1-3' });
  expect(await read(name)).toMatchObject({ node: 'np1-2', requestor: 'Other' });
});

test('a certificate for another node than the one that asked is no evidence', async () => {
  const name = await ask({ user: 'system:node:np1-4', for: 'np1-4' });
  await issue(name, 'np1-5');
  const seen = await read(name);
  expect(seen).toMatchObject({ node: 'np1-4', requestor: 'Other', state: 'Issued' });
  expect(seen?.certificate).toBeUndefined();
});

test('requests for serving certificates are told from those for client certificates', async () => {
  const name = await ask({ user: 'system:node:np1-6', for: 'np1-6', signer: SERVING });
  expect(await read(name)).toMatchObject({ node: 'np1-6', use: 'Serving', requestor: 'Renewal' });
});

test('requests for other signers are not read', async () => {
  const name = await ask({ user: 'system:node:np1-7', for: 'np1-7', signer: 'example.com/other' });
  expect(await read(name)).toBeUndefined();
});

test('denied, failed and approved requests without a certificate are told apart, and say why, safe to show', async () => {
  const denied = await ask({ user: 'system:node:np1-8', for: 'np1-8' });
  await change(denied, 'approval', condition('Denied', 'Not \u202e this one'));
  const approved = await ask({ user: 'system:node:np1-8', for: 'np1-8' });
  await change(approved, 'approval', condition('Approved'));
  const failed = await ask({ user: 'system:node:np1-8', for: 'np1-8' });
  await change(failed, 'status', condition('Failed', 'x'.repeat(1000)));
  expect(await read(denied)).toMatchObject({ state: 'Denied', refusal: 'Not \\u{202e} this one' });
  expect(await read(approved)).toMatchObject({ state: 'Approved' });
  const seen = await read(failed);
  expect(seen?.state).toBe('Failed');
  expect(seen?.refusal?.length).toBe(160);
});

const ITEM = {
  metadata: { name: 'csr-1', creationTimestamp: '2026-03-02T08:00:00Z' },
  spec: { signerName: CLIENT, username: 'system:node:a', request: '' },
};

/** A server that answers each list with these items. */
function answering(items: (request: KubernetesRequest) => unknown): Pick<Connection, 'request'> {
  return {
    request: async (request) => ({ metadata: { resourceVersion: '1' }, items: items(request) }),
  };
}

test.each<readonly [string, unknown]>([
  ['items that are no list', 7],
  ['a certificate that is none', [{ ...ITEM, status: { certificate: 'AAAA' } }]],
  ['a certificate that is huge', [{ ...ITEM, status: { certificate: 'A'.repeat(1_000_000) } }]],
  ['a request that is huge', [{ ...ITEM, spec: { ...ITEM.spec, request: 'A'.repeat(1_000_000) } }]],
  ['conditions that are none', [{ ...ITEM, status: { conditions: [null, 7, { type: 3 }] } }]],
  ['a user name of another kind', [{ ...ITEM, spec: { ...ITEM.spec, username: { a: 1 } } }]],
  ['a node whose name is none', [{ ...ITEM, spec: { ...ITEM.spec, username: 'system:node:\u202e' } }]],
])('a lying API server with %s shows no renewal', async (_, items) => {
  const requests = await readSigningRequests(
    answering(() => items),
    signal,
  );
  expect(requests.filter(({ requestor, certificate }) => requestor === 'Renewal' || certificate)).toEqual([]);
});

test('a lying API server cannot return more requests than a cluster can have', async () => {
  let count = 0;
  const many = () =>
    Array.from({ length: 5000 }, () => ({ ...ITEM, metadata: { ...ITEM.metadata, name: `csr-${++count}` } }));
  const endless = {
    request: async () => ({ metadata: { resourceVersion: '1', continue: `${count}` }, items: many() }),
  };
  await expect(readSigningRequests(endless as unknown as Connection, signal)).rejects.toThrow(
    'the list has more than 12000 certificate signing requests',
  );
});
