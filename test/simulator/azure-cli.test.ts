import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type SimulatedCluster, type Simulator } from '../../simulator/index.ts';
import { readFile } from '../../src/certificates/formats/read-file.ts';
import { toAzureCliFile } from '../../src/certificates/formats/write-list.ts';
import { root } from '../commands/lint/made-up.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';

const AZ = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'az'))
  .find(isProgram);
// Said in the output of the run, so that nobody takes it for tested.
if (AZ === undefined) process.stderr.write('No az on PATH: the simulator is not tested with the Azure CLI.\n');

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The CLI starts for seconds. */
const LIMIT = 300_000;

(AZ === undefined ? describe.skip : describe)('the Azure CLI', () => {
  let simulator: Simulator;
  let plane: CertifiedControlPlane;
  let cluster: SimulatedCluster;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aks-simulator-az-'));
    [simulator, plane] = await Promise.all([
      startSimulator({ speed: 1000, throttling: false, pollSeconds: 1 }),
      startCertifiedControlPlane(),
    ]);
    cluster = simulator.addCluster({
      ...{ resourceGroup: 'apps', name: 'prod', controlPlane: plane, pools: [{ name: 'system', count: 1 }] },
      rotation: { listing: 'new' },
    });
    await cluster.ready();
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, simulator.caPem);
    env = {
      ...process.env,
      AZURE_CONFIG_DIR: join(folder, 'azure'),
      AZURE_CORE_INSTANCE_DISCOVERY: 'false',
      AZURE_CORE_COLLECT_TELEMETRY: 'false',
      REQUESTS_CA_BUNDLE: caFile,
      // Requests to this machine take no way around.
      NO_PROXY: '127.0.0.1,localhost',
    };
    const { url, tenantId } = simulator;
    const { clientId, clientSecret } = simulator.addClient();
    const endpoints = `--endpoint-resource-manager ${url} --endpoint-active-directory ${url} --endpoint-active-directory-resource-id ${url}`;
    await az(`cloud register -n sim --skip-endpoint-discovery ${endpoints}`);
    await az('cloud set -n sim');
    await az(`login --service-principal -u ${clientId} -p ${clientSecret} --tenant ${tenantId}`);
  }, LIMIT);
  afterAll(async () => {
    await simulator.stop();
    await plane.stop();
    rmSync(folder, { recursive: true });
  });

  /** Standard output. */
  function az(words: string): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(AZ ?? '', words.split(' '), { env, timeout: LIMIT }, (error, stdout, stderr) => {
        if (error) reject(new Error(`az ${words.split(' ').slice(0, 2).join(' ')}: ${stderr}`, { cause: error }));
        else resolve(stdout);
      });
    });
  }

  it(
    'rotates the certificates of a cluster, and gets a kubeconfig that replaces the one of before',
    async () => {
      const file = join(folder, 'kubeconfig');
      const credentials = `aks get-credentials -g apps -n prod --overwrite-existing -f ${file}`;
      const caNow = async () => Buffer.from((await cluster.adminAccess()).caPem).toString('base64');
      await az(credentials);
      const before = readFileSync(file, 'utf8');
      expect(before).toContain(await caNow());

      await az('aks rotate-certs -g apps -n prod --yes');
      expect(cluster.provisioningState).toBe('Succeeded');
      expect((await cluster.certificates()).authorities).toHaveLength(2);
      expect(before).not.toContain(await caNow());

      await az(credentials);
      const after = readFileSync(file, 'utf8');
      expect(after).toContain(await caNow());
      expect(after.match(/certificate-authority-data/g)).toHaveLength(1);
    },
    LIMIT,
  );

  it(
    'makes an element of each certificate of the file that convert writes, and shows a list that convert reads',
    async () => {
      const certificates = Array.from({ length: 10 }, (_, index) => root(`Root ${index}`));
      const ofText = (text: string) =>
        readFile(Buffer.from(text)).items.flatMap((item) => (item.kind === 'certificate' ? [item.certificate] : []));
      const file = join(folder, 'trusted.txt');
      writeFileSync(file, toAzureCliFile(ofText(certificates.join(''))));
      await az(`aks update -g apps -n prod --custom-ca-trust-certificates ${file}`);
      const { properties } = JSON.parse(cluster.modelText()) as {
        properties: { securityProfile: { customCATrustCertificates: string[] } };
      };
      const list = properties.securityProfile.customCATrustCertificates;
      expect(list).toHaveLength(10);
      const pems = certificates.map((pem) => pem.trim());
      expect(list.map((element) => Buffer.from(element, 'base64').toString().trim())).toEqual(pems);

      const shown = await az('aks show -g apps -n prod -o json');
      expect(ofText(shown).map(({ pem }) => pem)).toEqual(certificates);
    },
    LIMIT,
  );
});
