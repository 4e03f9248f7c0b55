import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import {
  send,
  startPrometheus,
  type PrometheusServer,
  type Series,
} from '../cluster-certificates/prometheus-server.ts';
import * as certs from './certs-process.ts';
import { documentOf, run, SOON, type Document } from './certs-process.ts';
import { startCheckRig, type CheckRig } from './check-rig.ts';

jest.setTimeout(60_000);

const DAY = 86_400;
let rig: CheckRig;
let prometheus: PrometheusServer | undefined;
beforeAll(async () => {
  rig = await startCheckRig();
}, 180_000);
afterEach(async () => {
  await prometheus?.stop();
  prometheus = undefined;
  await rig.cleanUp();
});
afterAll(() => rig.stop());

/** A Prometheus with the kubelets of the cluster, each with its certificate for so many days. */
async function scraping(cluster: SimulatedCluster, days: number): Promise<PrometheusServer> {
  const series = cluster.nodes().flatMap(({ name: instance }): Series[] => {
    const labels = { instance, cluster: 'prod' };
    return [
      { metric: 'kubelet_running_pods', labels, samples: [[0, '7']] },
      { metric: 'kubelet_certificate_manager_client_ttl_seconds', labels, samples: [[0, String(days * DAY)]] },
    ];
  });
  prometheus = await startPrometheus(series, Date.now);
  return prometheus;
}

const ofKubelets = ({ certificates }: Document) => certificates.filter(({ name }) => name === 'KubeletClient');

describe('certs with a Prometheus', () => {
  it('shows the certificates of the kubelets of every pool, which the API server does not have', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const path = certs.file(rig.files, 'prod.kc', rig.plane.config.kubeconfigYaml);
    const without = await documentOf(run('-f', path, '-o', 'json', ...SOON));
    expect(ofKubelets(without).map(({ health }) => health)).not.toContain('Healthy');
    const { url, asked } = await scraping(cluster, 200);
    const token = certs.file(rig.files, 'token', 'of-the-file\n');
    const flags = [
      '--prometheus-url',
      url,
      '--prometheus-matchers',
      'cluster="prod"',
      '--prometheus-token-file',
      token,
    ];
    const began = Date.now();
    const document = await documentOf(run('-f', path, '-o', 'json', ...SOON, ...flags));
    expect(ofKubelets(document).length).toBeGreaterThan(0);
    for (const row of ofKubelets(document))
      expect(row).toMatchObject({ health: 'Healthy', source: `kubelet metrics of ${new URL(url).host}` });
    expect(document.autoRotation.map(({ state }) => state)).not.toContain('Unknown');
    expect(document.nodeCommands).toEqual([]);
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer of-the-file']));
    expect(asked.every(({ query }) => query.includes('{cluster="prod"}'))).toBe(true);
    // No idle connection keeps the program.
    expect(Date.now() - began).toBeLessThan(15_000);
  });

  it('says why it has none, without the token', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const server = await scraping(cluster, 200);
    server.answer((_, response) => send(response, 403, { status: 'error' }));
    const path = certs.file(rig.files, 'prod.kc', rig.plane.config.kubeconfigYaml);
    const token = certs.file(rig.files, 'token', 'of-the-file\n');
    const flags = ['--prometheus-url', server.url, '--prometheus-token-file', token];
    const ended = await run('-f', path, '-o', 'json', ...SOON, ...flags);
    expect(ended.out).toContain(`could not be read from ${new URL(server.url).host}: it answers 403`);
    expect(ended.out).toContain('another Prometheus needs a token that it takes');
    expect(`${ended.out}${ended.err}`).not.toContain('of-the-file');
  });
});

describe('check of the Prometheus of the policy file', () => {
  const ID = '/subscriptions/*/resourceGroups/*/*';
  async function found(entries: readonly string[], more: Record<string, string> = {}) {
    const policyFile = join(rig.files, 'metrics.yaml');
    const list = entries.map((entry) => `  - { ${entry} }\n`).join('');
    writeFileSync(policyFile, `rules:\n  - namespaces: ['*']\n    clusters: ['${ID}']\nprometheus:\n${list}`);
    const findings = await rig.check({ kubeconfig: rig.kubeconfigOf(rig.plane.config), policyFile, ...more });
    return findings.filter(({ check }) => check.startsWith('Prometheus'));
  }

  it('passes where it answers with the metrics of the cluster, asks once an entry, and names what is missing', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const { url, asked } = await scraping(cluster, 200);
    const count = cluster.nodes().length;
    const target = cluster.resourceId;
    const ofCluster = await found([`clusters: ['${ID}'], url: '${url}', matchers: 'cluster="prod"'`], { target });
    expect(ofCluster).toMatchObject([
      {
        outcome: 'Passed',
        check: `Prometheus ${new URL(url).host}`,
        message: expect.stringContaining(`${count} kubelets`) as unknown,
      },
    ]);
    expect(asked).toEqual([{ query: 'kubelet_running_pods{cluster="prod"}[6m]', authorization: undefined }]);
    const named = `clusters: ['${ID}'], url: '${url}', matchers: 'cluster="{cluster}"'`;
    expect(await found([named], { target })).toMatchObject([
      { outcome: 'Warning', message: expect.stringContaining('has no series kubelet_running_pods') as unknown },
    ]);
    const others = `clusters: ['/subscriptions/*/resourceGroups/other/*'], url: '${url}', matchers: 'cluster="{cluster}"'`;
    expect(await found([others], { target })).toMatchObject([
      { outcome: 'Passed', message: expect.stringContaining('No cluster that is checked belongs to') as unknown },
    ]);
    expect(asked.at(-1)?.query).toBe('kubelet_running_pods{cluster="-"}[6m]');
  });

  it('fails where it refuses or does not answer, and only warns of what the pod of the controller may have', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const server = await scraping(cluster, 200);
    server.answer((_, response) => send(response, 401, { status: 'error' }));
    const gone = await startPrometheus([], Date.now);
    await gone.stop();
    const all = `clusters: ['${ID}']`;
    const findings = await found([
      `${all}, url: '${server.url}'`,
      `${all}, url: '${gone.url}'`,
      `${all}, url: 'http://prometheus.monitoring.svc'`,
      `${all}, url: '${server.url}', auth: bearerToken, bearerTokenFile: /nowhere/token`,
      `${all}, url: 'https://a-1.westeurope.prometheus.monitor.azure.com', auth: azure`,
    ]);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['Failed', 'Failed', 'Warning', 'Warning', 'Skipped']);
    const [refused, , , file, azure] = findings;
    expect(refused).toMatchObject({ message: expect.stringContaining('it answers 401') as unknown });
    expect(refused?.fix).toContain('needs a token that it takes');
    expect(file?.message).toContain('/nowhere/token');
    expect(azure?.message).toContain('needs a sign-in to Azure');
  });
});
