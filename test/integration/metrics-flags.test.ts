import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';
import { installMetricsRoles, tokenOfReader } from '../deploy/metrics-roles.ts';
import { bearer, scrape } from '../runtime/scraper.ts';
import { createProcesses, type Processes } from './processes.ts';
import { entry, fingerprints, isReady, roots, startRig, type Rig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
let processes: Processes;
const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-serving-'));
beforeAll(async () => {
  rig = await startRig();
  await installMetricsRoles(rig.admin);
  processes = createProcesses(rig);
}, 600_000);
afterAll(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true });
  await rig.stop();
});

it('metrics are served with the certificate of --metrics-cert-dir, one series a certificate where that was asked for', async () => {
  const { certPem, keyPem, caPem } = await makeServingCertificate(['127.0.0.1'], Date.now());
  writeFileSync(join(folder, 'tls.crt'), certPem);
  writeFileSync(join(folder, 'tls.key'), keyPem);
  const program = await processes.start([`--metrics-cert-dir=${folder}`, '--metrics-per-certificate']);
  const { port } = await program.line('The metrics server listens.');
  await rig.apply('two', await rig.addCluster(), { certificates: [entry('a', ...roots(0, 1))] });
  await rig.until('two', isReady, 'Ready');

  const token = await tokenOfReader(rig.admin);
  const { status, body } = await scrape(Number(port), { ...bearer(token), rejectUnauthorized: true, ca: caPem });
  expect(status).toBe(200);
  const name = 'aks_ca_trust_certificate_not_after_timestamp_seconds';
  const series = body.split('\n').filter((line) => line.startsWith(`${name}{`));
  expect(series).toHaveLength(2);
  for (const fingerprint of fingerprints(0, 1)) expect(body).toContain(`fingerprint_sha256="${fingerprint}"`);
});
