import { createServer as createSecureServer } from 'node:https';
import { gzipSync } from 'node:zlib';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';
import 'reflect-metadata'; // @peculiar/x509 wants it loaded first
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as identity from '@azure/identity';
import * as x509 from '@peculiar/x509';
import { CLOUDS } from '../../src/azure/clouds.ts';
import { createCredential, type CredentialConfig } from '../../src/azure/credentials.ts';
import { CALM, clustersOver, failureOf, idOf, startArmRig, valueOf, type ArmRig } from './arm-rig.ts';

/** MSAL rounds the time of an assertion to the next second; Microsoft Entra minds that as little as this clock does. */
const ahead = () => Date.now() + 1000;

let rig: ArmRig;
let folder: string;
beforeAll(async () => {
  [rig, folder] = await Promise.all([startArmRig({ realNow: ahead }), mkdtemp(join(tmpdir(), 'credentials-'))]);
});
afterEach(() => {
  jest.useRealTimers();
  rig.simulator.faults.clear();
});
afterAll(async () => {
  await rig.simulator.stop();
  await rm(folder, { recursive: true });
});

let clusters = 0;
const addCluster = () => idOf(rig.simulator.addCluster({ name: `c${++clusters}` }));

/** Reads a cluster as whoever signs in that way. */
async function readAs(config: CredentialConfig) {
  return clustersOver(await rig.transport(config)).arm.get(addCluster(), CALM);
}

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('a credential', () => {
  const ids = { tenantId: '11111111-1111-1111-1111-111111111111', clientId: '22222222-2222-2222-2222-222222222222' };

  it.each<[CredentialConfig, abstract new (...options: never[]) => identity.TokenCredential]>([
    [{ kind: 'WorkloadIdentity', ...ids, tokenFile: '/none' }, identity.WorkloadIdentityCredential],
    [{ kind: 'ClientSecret', ...ids, clientSecret: 'x' }, identity.ClientSecretCredential],
    [{ kind: 'ClientCertificate', ...ids, certificateFile: '/none' }, identity.ClientCertificateCredential],
    [{ kind: 'ManagedIdentity' }, identity.ManagedIdentityCredential],
    [{ kind: 'ManagedIdentity', clientId: ids.clientId }, identity.ManagedIdentityCredential],
    [{ kind: 'AzureCLI' }, identity.AzureCliCredential],
    [{ kind: 'AzureCLI', tenantId: ids.tenantId }, identity.AzureCliCredential],
  ])('of %j is made without any request', async (config, kind) => {
    const cloud = CLOUDS.AzureChina;
    expect(await createCredential(config, { cloud, disableInstanceDiscovery: false })).toBeInstanceOf(kind);
  });
});

describe('signing in', () => {
  it('with a secret reaches ARM', async () => {
    expect(valueOf(await readAs(rig.secret)).model.provisioningState).toBe('Succeeded');
  });

  it("with a pod's token reaches ARM", async () => {
    const { clientId } = rig.simulator.addClient();
    const tokenFile = await fileOf('token', rig.simulator.federatedToken(clientId));
    const config = { kind: 'WorkloadIdentity', tenantId: rig.simulator.tenantId, clientId, tokenFile } as const;
    expect((await readAs(config)).ok).toBe(true);
  });

  it("reads a pod's token again once the kubelet has renewed it", async () => {
    jest.useFakeTimers({ now: Date.now(), doNotFake: [...ALL_BUT_DATE] });
    const { clientId } = rig.simulator.addClient();
    const tokenFile = await fileOf('renewed', 'stale');
    const config = { kind: 'WorkloadIdentity', tenantId: rig.simulator.tenantId, clientId, tokenFile } as const;
    const { arm } = clustersOver(await rig.transport(config));
    const id = addCluster();
    expect(failureOf(await arm.get(id, CALM))).toMatchObject({ reason: 'AccessDenied', code: 'NoToken' });
    await fileOf('renewed', rig.simulator.federatedToken(clientId));
    // learn.microsoft.com/javascript/api/@azure/identity/workloadidentitycredential: kept for five minutes.
    jest.setSystemTime(Date.now() + 5 * 60_000);
    expect((await arm.get(id, CALM)).ok).toBe(true);
  });

  it('with a certificate reaches ARM', async () => {
    const { clientId } = rig.simulator.addClient();
    const { pem, publicKey } = await makeClientCertificate();
    rig.simulator.addFederatedCredential({
      clientId,
      issuer: clientId,
      subject: clientId,
      audience: `${rig.simulator.authority}/${rig.simulator.tenantId}/oauth2/v2.0/token`,
      keys: publicKey,
    });
    const certificateFile = await fileOf('certificate.pem', pem);
    const { tenantId } = rig.simulator;
    expect(valueOf(await readAs({ kind: 'ClientCertificate', tenantId, clientId, certificateFile })).text).toContain(
      tenantId,
    );
  });

  it('asks for a token of the cloud that ARM is in', async () => {
    const { clientId, clientSecret, tenantId } = { ...rig.simulator.addClient(), tenantId: rig.simulator.tenantId };
    const config = { kind: 'ClientSecret', tenantId, clientId, clientSecret } as const;
    const cloud = { ...rig.cloud, scope: CLOUDS.AzureChina.scope };
    const { arm } = clustersOver(await rig.transport(config, { cloud }));
    const failure = failureOf(await arm.get(addCluster(), CALM));
    expect(failure).toMatchObject({ status: 401, code: 'InvalidAuthenticationTokenAudience', reason: 'AccessDenied' });
    expect(failure.message).toContain("wrong audience or resource 'https://management.chinacloudapi.cn'");
  });
});

describe('a managed identity', () => {
  let asked: URL[];
  let metadata: Server;
  beforeAll(async () => {
    metadata = createServer((request, response) => {
      asked.push(new URL(request.url ?? '/', 'http://metadata'));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: 'of-the-machine', expires_in: '3600', token_type: 'Bearer' }));
    });
    await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve));
    const { port } = metadata.address() as AddressInfo;
    process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = `http://127.0.0.1:${port}`;
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(async () => {
    delete process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'];
    await new Promise((resolve) => metadata.close(resolve));
  });

  it.each([
    ['the only one', {}, null],
    [
      'the one that is named',
      { clientId: 'b5b0c2f1-0000-0000-0000-000000000001' },
      'b5b0c2f1-0000-0000-0000-000000000001',
    ],
  ])('of the machine is %s', async (_which, more, expected) => {
    const options = { cloud: CLOUDS.AzureUSGovernment, disableInstanceDiscovery: false };
    const credential = await createCredential({ kind: 'ManagedIdentity', ...more }, options);
    const token = await credential.getToken(CLOUDS.AzureUSGovernment.scope);
    expect(token?.token).toBe('of-the-machine');
    const last = asked.at(-1)?.searchParams;
    expect(last?.get('client_id')).toBe(expected);
    expect(last?.get('resource')).toBe('https://management.usgovcloudapi.net');
  });
});

describe('signing in fails', () => {
  const HUSH = 'hush-hush-this-is-a-secret';

  it('with an answer that unpacks to more than can be held, and the process goes on', async () => {
    const { certPem, keyPem, caPem } = await makeServingCertificate([], Date.now());
    const piece = gzipSync(Buffer.alloc(1024 * 1024, ' '));
    const authority = createSecureServer({ cert: certPem, key: keyPem }, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      let sent = 0;
      const more = (): void => {
        while (sent++ < 600) if (!response.write(piece)) return void response.once('drain', more);
        response.end();
      };
      more();
    });
    await new Promise<void>((resolve) => authority.listen(0, '127.0.0.1', resolve));
    const authorityHost = `https://127.0.0.1:${(authority.address() as AddressInfo).port}`;
    const before = process.memoryUsage.rss();
    const credential = await createCredential(rig.secret, {
      cloud: { ...rig.cloud, authorityHost },
      disableInstanceDiscovery: true,
      ca: [caPem],
    });
    await expect(credential.getToken('x/.default')).rejects.toThrow();
    expect((process.memoryUsage.rss() - before) / 1024 / 1024).toBeLessThan(150);
    authority.closeAllConnections();
    await new Promise((closed) => authority.close(closed));
  });

  it('with a wrong secret, and no message quotes it', async () => {
    const failure = failureOf(await readAs({ ...rig.secret, clientSecret: HUSH }));
    expect(failure).toMatchObject({ reason: 'AccessDenied', code: 'NoToken', status: 0, refused: true });
    expect(failure.message).toMatch(/^AADSTS7000215: Invalid client secret provided\./);
    expect(failure.fix).toContain('secret or federated credential');
    expect(JSON.stringify(failure)).not.toContain(HUSH);
  });

  it("with a pod's token that is not trusted, and no message quotes it", async () => {
    const { clientId } = rig.simulator.addClient();
    const other = rig.simulator.federatedToken(rig.simulator.addClient().clientId);
    const config = { kind: 'WorkloadIdentity', tenantId: rig.simulator.tenantId, clientId } as const;
    const failure = failureOf(await readAs({ ...config, tokenFile: await fileOf('other', other) }));
    expect(failure).toMatchObject({ reason: 'AccessDenied', code: 'NoToken' });
    expect(failure.message).toMatch(/^AADSTS70021: No matching federated identity record found/);
    expect(JSON.stringify(failure)).not.toContain(other.slice(0, 40));
  });

  it.each<CredentialConfig['kind']>(['WorkloadIdentity', 'ClientCertificate'])(
    'as %s without its file, and the file is named',
    async (kind) => {
      const path = join(folder, 'missing');
      const { tenantId, clientId } = rig.secret;
      const ids = { tenantId, clientId };
      const failure = failureOf(
        await readAs(
          kind === 'WorkloadIdentity'
            ? { kind, ...ids, tokenFile: path }
            : { kind: 'ClientCertificate', ...ids, certificateFile: path },
        ),
      );
      expect(failure).toMatchObject({ reason: 'AccessDenied', code: 'NoToken' });
      expect(failure.message).toContain(path);
    },
  );

  it('where the authority’s certificate is not trusted: that is no fault of the credential', async () => {
    const { cloud, secret } = rig;
    const credential = await createCredential(secret, { cloud, disableInstanceDiscovery: true });
    const { createTransport } = await import('../../src/azure/transport.ts');
    const transport = createTransport({ cloud, credential, apiVersion: '2026-06-01', timeoutMs: 5000 });
    const failure = failureOf(await clustersOver(transport).arm.get(addCluster(), CALM));
    expect(failure).toMatchObject({ reason: 'Unreachable', code: 'NoAnswer' });
    expect(failure.message).toContain('its certificate is not trusted');
  });

  it('where a page comes instead of a token', async () => {
    rig.simulator.faults.add({ operation: 'GetToken', rawBody: '<html>', contentType: 'text/html', times: Infinity });
    expect(failureOf(await readAs(rig.secret))).toMatchObject({ reason: 'Unreachable', code: 'NoAnswer' });
  });

  it('in time, where the authority is silent, and what was to be sent is not sent later either', async () => {
    rig.simulator.faults.add({ operation: 'GetToken', latencyMs: 60_000 });
    const { arm } = clustersOver(await rig.transport(rig.secret, { timeoutMs: 1000 }));
    const id = addCluster();
    rig.simulator.clearJournal();
    const failure = failureOf(await arm.put(id, '{}', undefined, 'op/1', CALM));
    expect(failure).toMatchObject({ reason: 'Unreachable', refused: false, message: 'no answer within 1 s' });
    await rig.clock.advance(60_000);
    expect((await arm.get(id, CALM)).ok).toBe(true);
    expect(rig.simulator.journal().map(({ operation }) => operation)).toEqual(['GetManagedCluster']);
  });

  it('for a while only, where the authority was silent once', async () => {
    rig.simulator.faults.add({ operation: 'GetToken', latencyMs: 3_600_000 });
    const { arm } = clustersOver(await rig.transport(rig.secret, { signInMs: 500 }));
    const id = addCluster();
    expect(failureOf(await arm.get(id, CALM))).toMatchObject({ reason: 'Unreachable', code: 'NoAnswer' });
    expect((await arm.get(id, CALM)).ok).toBe(true);
  });
});

const ALL_BUT_DATE = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/** Microsoft Entra takes RSA keys only. */
async function makeClientCertificate() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const keys = {
    publicKey: await webcrypto.subtle.importKey(
      'spki',
      publicKey.export({ type: 'spki', format: 'der' }),
      algorithm,
      true,
      ['verify'],
    ),
    privateKey: await webcrypto.subtle.importKey(
      'pkcs8',
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      algorithm,
      true,
      ['sign'],
    ),
  };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=controller',
    keys,
    signingAlgorithm: algorithm,
  });
  return { pem: `${certificate.toString('pem')}\n${String(pkcs8)}`, publicKey: publicKey.export({ format: 'jwk' }) };
}
