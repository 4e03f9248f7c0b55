import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../simulator/index.ts';
import { readFile } from '../../src/certificates/formats/read-file.ts';
import { root } from '../commands/lint/made-up.ts';
import { armClient, type ArmClient } from '../simulator/arm-client.ts';
import { READ_ACTION } from './certs-process.ts';
import type { Who } from './check-rig.ts';
import type { Ended } from './status-rig.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const TARGET =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/prod/providers/Microsoft.ContainerService/managedClusters/prod-weu';
const ROOTS = Array.from({ length: 10 }, (_, index) => root(`Root ${index}`));

let simulator: Simulator;
let arm: ArmClient;
let reader: Who;
let folder: string;
beforeAll(async () => {
  simulator = await startSimulator({ speed: 1000, throttling: false });
  arm = await armClient(simulator);
  reader = simulator.addClient({ roles: [{ scope: '/', actions: [READ_ACTION] }] });
  folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-convert-'));
  writeFileSync(join(folder, 'ca.pem'), simulator.caPem);
  writeFileSync(join(folder, 'roots.pem'), `${ROOTS.join('\n')}\n`);
});
afterAll(async () => {
  await arm.close();
  await simulator.stop();
  rmSync(folder, { recursive: true });
});

/** `aks-ca-trust convert` as a process; with the sign-in of a person at the simulator where one is given. */
function convert(words: readonly string[], who?: Who): Promise<Ended> {
  const { url, authority, tenantId } = simulator;
  const flags = who
    ? ['--arm-endpoint', url, '--authority-host', authority, '--disable-instance-discovery', '--ca-file', 'ca.pem']
    : [];
  const env = who && {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: who.clientId,
    AZURE_CLIENT_SECRET: who.clientSecret,
  };
  const child = spawn(process.execPath, ['--no-warnings', MAIN, 'convert', ...words, ...flags], {
    cwd: folder,
    env: { PATH: '/nowhere', ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What each tool makes of its file: the elements that it sends. */
const SENDS: Readonly<Record<string, (text: string) => string[]>> = {
  // The Azure CLI cuts its file at blank lines.
  'az-file': (text) => text.split('\n\n').map(base64),
  'arm-json': (text) => JSON.parse(text) as string[],
  terraform: (text) => [...text.matchAll(/^ {2}"(.*)",$/gm)].map(([, element = '']) => element),
};

describe('each form', () => {
  it.each(Object.keys(SENDS))(
    '%s is accepted by ARM, as ten certificates, and read back as they were',
    async (form) => {
      const { code, out, err } = await convert(['roots.pem', '--to', form]);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const elements = SENDS[form]?.(out) ?? [];
      expect(elements).toHaveLength(10);
      const cluster = simulator.addCluster({ name: `by-${form}` });
      const body = { location: 'westeurope', properties: { securityProfile: { customCATrustCertificates: elements } } };
      expect((await arm.put(cluster.resourceId, JSON.stringify(body))).status).toBe(200);

      const back = await convert(['--from-cluster', cluster.resourceId, '--to', 'pem'], reader);
      expect({ code: back.code, err: back.err }).toEqual({ code: 0, err: '' });
      expect(fingerprints(back.out)).toEqual(fingerprints(ROOTS.join('\n')));
    },
  );
});

function fingerprints(text: string): unknown[] {
  return readFile(Buffer.from(text)).items.map((item) => item.kind === 'certificate' && item.certificate.fingerprint);
}

describe('convert --from-cluster', () => {
  it('writes a manifest for adoption, which names the cluster, and sends nothing', async () => {
    const list = ROOTS.slice(0, 2).map(base64);
    const cluster = simulator.addCluster({ name: 'adopted', customCATrustCertificates: list });
    const { code, out, err } = await convert(
      ['--from-cluster', cluster.resourceId, '--to', 'manifest', '-n', 'platform'],
      reader,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`resourceId: ${JSON.stringify(cluster.resourceId)}`);
    expect(out.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    const writes = simulator
      .journal()
      .filter(({ operation, resourceId }) => operation !== 'GetManagedCluster' && resourceId === cluster.resourceId);
    expect(writes).toEqual([]);
  });

  it('says that a list is empty', async () => {
    const cluster = simulator.addCluster({ name: 'empty' });
    const { code, out, err } = await convert(['--from-cluster', cluster.resourceId, '--to', 'pem'], reader);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^empty:1: Error Empty: The cluster's list has no certificate\.\n$/);
  });

  it('refuses a list with an element that is no certificate', async () => {
    const cluster = simulator.addCluster({ name: 'odd', customCATrustCertificates: [base64('odd')] });
    const { code, out, err } = await convert(['--from-cluster', cluster.resourceId, '--to', 'pem'], reader);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^odd:2:2: Error /);
  });

  it('says why ARM does not return the cluster', async () => {
    const missing = await convert(['--from-cluster', TARGET, '--to', 'pem'], reader);
    expect(missing).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^aks-ca-trust: ARM did not return the cluster: /),
    });
    const stranger = simulator.addClient({ roles: [] });
    const cluster = simulator.addCluster({ name: 'denied' });
    const denied = await convert(['--from-cluster', cluster.resourceId, '--to', 'pem'], stranger);
    expect(denied).toMatchObject({ code: 1, out: '', err: expect.stringContaining(READ_ACTION) });
  });
});

describe('convert', () => {
  it.each<[string, string[], RegExp]>([
    ['no form', ['roots.pem'], /--to is missing; it can be pem, az-file/],
    ['an unknown form', ['roots.pem', '--to', 'der'], /--to is "der"; it can be pem/],
    ['nothing to read', ['--to', 'pem'], /there is nothing to read/],
    ['files and a cluster', ['roots.pem', '--from-cluster', TARGET, '--to', 'pem'], /leave one of them out/],
    ['a manifest without a cluster', ['roots.pem', '--to', 'manifest'], /--to manifest needs --target/],
    ['a bad cluster', ['roots.pem', '--to', 'manifest', '--target', '/x'], /--target is "\/x"/],
    ['a bad name', ['roots.pem', '--to', 'manifest', '--target', TARGET, '--name', 'A'], /--name is "A"/],
    ['a name for another form', ['roots.pem', '--to', 'pem', '--name', 'a'], /--name is for --to manifest/],
    ['an empty value', ['roots.pem', '--to', 'manifest', '--target', ''], /--target is empty/],
  ])('refuses %s', async (_, words, said) => {
    const { code, out, err } = await convert(words);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(said);
  });
});
