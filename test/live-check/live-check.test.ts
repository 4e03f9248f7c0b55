import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ASSUMPTIONS } from '../../scripts/live-check/assumptions.ts';
import { CONSENT_TAG, runLiveCheck } from '../../scripts/live-check/run.ts';
import { startSimulator, steppedClock, type SimulatedCluster, type Simulator } from '../../simulator/index.ts';
import { parseClusterId } from '../../src/api/resource-id.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { transportTo } from './transport.ts';

const CONSENT = { [CONSENT_TAG]: 'yes' };
const PROGRAM = fileURLToPath(new URL('../../scripts/live-check.ts', import.meta.url));

describe('the live check against the simulator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-live-check-'));
  let plane: ControlPlane;
  let simulator: Simulator;
  let cluster: SimulatedCluster;
  let output: string;
  beforeAll(async () => {
    plane = await startControlPlane('target', () => {});
    simulator = await startSimulator({ speed: 600, nodeSeconds: 30 });
    cluster = simulator.addCluster({
      name: 'throwaway',
      pools: [{ name: 'system', count: 1 }],
      kubeconfig: plane.config,
      extraBody: { tags: CONSENT },
    });
    await cluster.ready();
    // As on a line that is bad now and then.
    simulator.faults.add({ operation: 'GetManagedCluster', after: 20, resetBefore: true });
    simulator.faults.add({ operation: 'GetOperationStatus', status: 503, retryAfterSeconds: 0 });
    const { clientId, clientSecret } = simulator.addClient();
    const args = ['--cluster', cluster.resourceId, '--yes', '--abort', '--stop', '--rotate'];
    const elsewhere = [
      '--arm-endpoint',
      simulator.url,
      '--authority-host',
      simulator.authority,
      '--ca-file',
      simulator.caFile,
    ];
    const account = ['--credential', 'ClientSecret', '--tenant-id', simulator.tenantId, '--client-id', clientId];
    const words = [
      PROGRAM,
      ...args,
      ...elsewhere,
      ...account,
      '--poll-seconds',
      '0.04',
      '--out',
      join(folder, 'found'),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      env: { AZURE_CLIENT_SECRET: clientSecret },
    });
    output = stdout;
  }, 180_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await simulator.stop();
    await plane.stop();
  });
  const report = () => readFileSync(join(folder, 'found.md'), 'utf8');
  const requests = () => readFileSync(join(folder, 'found.jsonl'), 'utf8');

  it('has an answer to every question, as the simulator is built on the same assumptions', () => {
    const rows = [
      ...report().matchAll(/^\| `([\w-]+)` \| .* \| (as assumed|\*\*otherwise\*\*|not known) \| (.*) \|$/gm),
    ];
    const answers: Record<string, string | true | undefined> = Object.fromEntries(
      rows.map(([, id = '', verdict, seen]) => [id, verdict === 'as assumed' || seen] as const),
    );
    const agreed = Object.fromEntries(Object.keys(ASSUMPTIONS).map((id) => [id, true]));
    expect(answers).toEqual(agreed);
    expect(output).toContain(`${rows.length} as assumed, 0 otherwise, 0 not known.`);
  });

  it('sees nodes replaced, and the events of that', () => {
    expect(report()).toMatch(/`change-nodes` .* 1 of 1 nodes are new objects, 1 names stayed/);
    expect(report()).toMatch(/`change-events` .*Upgrade: Successfully reimaged node: <node>/);
  });

  it('leaves the cluster without a certificate', () => {
    expect(cluster.list()).toEqual([]);
  });

  it('writes no word of whose cluster it was', () => {
    const secrets = ['throwaway', simulator.subscriptionId, simulator.tenantId, '127.0.0.1', '-----BEGIN', '?t='];
    for (const text of [report(), requests()]) for (const secret of secrets) expect(text).not.toContain(secret);
    const lines = requests().trimEnd().split('\n');
    const sent = lines.map((line) => JSON.parse(line) as { what: string }).filter(({ what }) => what.startsWith('PUT'));
    expect(sent.length).toBeGreaterThan(15);
  });
});

describe('the live check', () => {
  const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c';
  it.each([
    ['without a cluster', [], 'Usage: node scripts/live-check.ts'],
    ['with an option that there is not', ['--bogus'], "Unknown option '--bogus'"],
    ['without a yes where nothing can be asked', ['--cluster', id], 'begins only with --yes'],
  ])('ends at once %s', async (_, args, words) => {
    const running = promisify(execFile)(process.execPath, [PROGRAM, ...args], { env: {} });
    const { code, stdout, stderr } = await running.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    expect(code).toBe(2);
    expect(stdout + stderr).toContain(words);
  });

  it.each([
    ['without the tag', {}, [], `has no tag ${CONSENT_TAG}=yes`],
    ['with certificates of another owner', CONSENT, ['LS0tLS1CRUdJTg=='], 'has custom certificate authorities already'],
  ])('leaves a cluster %s alone', async (_, tags, list, why) => {
    const simulator = await startSimulator({ clock: steppedClock(0) });
    try {
      const cluster = simulator.addCluster({ name: 'prod', extraBody: { tags }, customCATrustCertificates: list });
      const running = runLiveCheck({
        transport: await transportTo(simulator),
        id: parseClusterId(cluster.resourceId)!,
        nodes: undefined,
        abort: false,
        stop: false,
        rotate: false,
        say: () => {},
        wait: () => Promise.resolve(),
        now: Date.now,
        pollMs: 1,
        patienceMs: 1000,
      });
      await expect(running).rejects.toThrow(why);
      expect(simulator.journal().map(({ operation }) => operation)).toEqual(['GetManagedCluster']);
    } finally {
      await simulator.stop();
    }
  });
});
