import { afterEach, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseClusterId } from '../../src/api/resource-id.ts';
import { createPrometheusOpener, createPrometheusSources } from '../../src/controller/prometheus.ts';
import { createPolicy, OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { startPrometheus, type PrometheusServer } from '../cluster-certificates/prometheus-server.ts';

const ID = parseClusterId(
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/prod-weu',
)!;
const CLUSTERS = "clusters: ['/subscriptions/*/resourceGroups/*/*']";
const { signal } = new AbortController();

let server: PrometheusServer | undefined;
afterEach(() => server?.stop());

function policyOf(entry: string): Policy {
  const read = readPolicy(`rules: []\nprometheus: [{ ${CLUSTERS}, ${entry} }]`);
  if (!read.ok) throw new Error(read.message);
  return read.policy;
}

function sources(policy: () => Policy, prometheusHost?: string) {
  return createPrometheusSources({
    policy,
    cloud: prometheusHost === undefined ? {} : { prometheusHost },
    credential: {
      getToken: async (scope) => ({ token: `token for ${String(scope)}`, expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    now: Date.now,
  });
}

test('the matchers have the name of the cluster', async () => {
  server = await startPrometheus([], Date.now);
  const policy = policyOf(`url: '${server.url}', matchers: 'cluster="{cluster}", job="kubelet"'`);
  const found = sources(() => policy)(ID);
  expect(found?.ok && found.prometheus.matchers).toBe('cluster="prod-weu", job="kubelet"');
  if (found?.ok) await found.prometheus.query('up{}[6m]', signal);
  expect(server.asked).toEqual([{ query: 'up{}[6m]', authorization: undefined }]);
});

test('a token of a file is sent as it is now', async () => {
  server = await startPrometheus([], Date.now);
  const file = join(mkdtempSync(join(tmpdir(), 'prometheus-')), 'token');
  writeFileSync(file, 'first\n');
  const policy = policyOf(`url: '${server.url}', auth: bearerToken, bearerTokenFile: '${file}'`);
  const found = sources(() => policy)(ID);
  if (found?.ok) await found.prometheus.query('up', signal).catch(() => {});
  expect(server.asked[0]?.authorization).toBe('Bearer first');
});

test.each<readonly [string, string | undefined, boolean]>([
  ['https://a-1.westeurope.prometheus.monitor.azure.com', 'prometheus.monitor.azure.com', true],
  ['https://a-1.usgovvirginia.prometheus.monitor.azure.us', 'prometheus.monitor.azure.com', false],
  ['https://a-1.westeurope.prometheus.monitor.azure.com', undefined, false],
])('a token of Azure goes to %s from the cloud of %s: %s', (url, host, allowed) => {
  const policy = policyOf(`url: '${url}', auth: azure`);
  const found = sources(() => policy, host)(ID);
  expect(found?.ok).toBe(allowed);
  if (found?.ok === false) expect(found.why).toContain('no token is sent to it');
});

test('a token of Azure goes to no host that only ends like one of Azure Monitor, whatever the policy file allows', () => {
  const entry = { url: 'https://evilprometheus.monitor.azure.com', matchers: '', auth: 'azure' } as const;
  const policy = createPolicy({ rules: [], nodeAccess: [], prometheus: [{ clusters: [ID.resourceId], ...entry }] });
  expect(sources(() => policy, 'prometheus.monitor.azure.com')(ID)?.ok).toBe(false);
});

test('a workspace of Azure Monitor is not asked without a sign-in', () => {
  const open = createPrometheusOpener({ cloud: { prometheusHost: 'prometheus.monitor.azure.com' }, now: Date.now });
  const url = 'https://a-1.westeurope.prometheus.monitor.azure.com';
  const opened = open({ url, matchers: '', auth: 'azure' }, 'prod-weu');
  expect(opened.ok ? undefined : opened.why).toContain('needs a sign-in to Azure');
});

test('nothing is asked without an entry, nor after it is gone', async () => {
  server = await startPrometheus([], Date.now);
  let policy = OPEN_POLICY;
  const of = sources(() => policy);
  expect(of(ID)).toBeUndefined();
  policy = policyOf(`url: '${server.url}'`);
  expect(of(ID)?.ok).toBe(true);
  policy = OPEN_POLICY;
  expect(of(ID)).toBeUndefined();
});
