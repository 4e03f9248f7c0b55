import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FLAGS } from '../../src/commands/controller/config.ts';
import { entry, isReady, roots, SEES_NODES, startRig, type Rig } from '../integration/rig.ts';
import { bearer, scrape } from '../runtime/scraper.ts';
import { buildBundle, type Bundle } from './bundle.ts';
import { commandLine } from './command-line.ts';
import { installMetricsRoles, tokenOfReader } from './metrics-roles.ts';
import type { Program } from './program.ts';

let bundle: Bundle;
beforeAll(async () => {
  bundle = await buildBundle();
}, 60_000);
afterAll(() => bundle.remove());

describe('the bundle, alone in a folder', () => {
  it('is one file', () => {
    expect(readdirSync(bundle.folder)).toEqual(['aks-ca-trust.mjs']);
  });

  it('lists every flag of the controller in its help', async () => {
    const { code, output, errors } = await bundle.start(['controller', '--help']).exit;
    for (const [flag] of Object.values(FLAGS)) expect(output).toContain(flag);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });

  it('has the library for containers, which is loaded late', async () => {
    const file = fileURLToPath(new URL('../certificates/fixtures/containers/two.p7b', import.meta.url));
    const { code, output } = await bundle.start(['convert', '--to', 'pem', file]).exit;
    expect({ code, certificates: output.match(/-----BEGIN CERTIFICATE-----/g)?.length }).toEqual({
      code: 0,
      certificates: 2,
    });
  });

  it('names every fault of a wrong configuration at once and ends with 2', async () => {
    const program = bundle.start(['controller', '--cloud=Moon', '--workers=0', '--credential=ManagedIdentity']);
    const { code, output, errors } = await program.exit;
    expect(errors.trimEnd().split('\n')).toEqual([
      'aks-ca-trust: The configuration is wrong:',
      expect.stringContaining('--cloud is "Moon"'),
      expect.stringContaining('--workers is "0"'),
    ]);
    expect({ code, output }).toEqual({ code: 2, output: '' });
  });
});

describe('the bundle between a real API server and the simulator', () => {
  let rig: Rig;
  let program: Program | undefined;
  beforeAll(async () => {
    rig = await startRig();
    await installMetricsRoles(rig.admin);
  }, 180_000);
  afterAll(async () => {
    program?.kill('SIGKILL');
    await rig.stop();
  });

  it('signs in with a federated token and brings an object to Ready', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    await rig.apply('roots', cluster, { certificates: [entry('a', ...roots(0, 1))], target: SEES_NODES });

    program = bundle.start(await commandLine(rig, bundle.besides));
    const { port } = await program.line('The health server listens.');
    const { port: metricsPort } = await program.line('The metrics server listens.');
    await program.line('The caches are filled.');
    const object = await rig.until('roots', isReady, 'Ready');
    const ready = await fetch(`http://127.0.0.1:${Number(port)}/readyz`);
    const token = await tokenOfReader(rig.admin);
    const refused = await scrape(Number(metricsPort));
    const metrics = await scrape(Number(metricsPort), bearer(token));

    expect(object.status?.nodes?.summary).toBe('2/2');
    expect(rig.puts(cluster)).toHaveLength(1);
    expect(ready.status).toBe(200);
    expect(refused.status).toBe(401);
    expect(metrics.body).toMatch(/^aks_ca_trust_arm_requests_total\{operation="PutManagedCluster",code="20[01]"\} 1$/m);
  }, 60_000);

  it('ends with 0 on SIGTERM, well before the kubelet would kill it', async () => {
    program?.kill('SIGTERM');
    const ended = await Promise.race([program?.exit, late(10_000)]);
    expect(ended).toMatchObject({ code: 0, errors: '' });
  }, 20_000);
});

function late(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve(`not ended after ${ms} ms`), ms).unref());
}
