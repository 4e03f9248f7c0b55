import { afterEach, describe, expect, it, test } from '@jest/globals';
import type { Evidence } from '../../../src/cluster-certificates/evidence.ts';
import { kubeletMetrics, readKubeletMetrics } from '../../../src/cluster-certificates/read/kubelet-metrics.ts';
import { openPrometheus } from '../../../src/cluster-certificates/read/prometheus-endpoint.ts';
import { readEvidence, type EvidenceSources } from '../../../src/cluster-certificates/read/read-evidence.ts';
import { DAY } from '../authority.ts';
import { send, startPrometheus, type PrometheusServer, type Series } from '../prometheus-server.ts';

const CLIENT = 'kubelet_certificate_manager_client_ttl_seconds';
const SERVING = 'kubelet_certificate_manager_server_ttl_seconds';
const ERRORS = 'kubelet_certificate_manager_client_expiration_renew_errors';
const PODS = 'kubelet_running_pods';
const NOW = Date.parse('2026-03-02T08:00:00Z');
const now = () => NOW;
const { signal } = new AbortController();
const days = (count: number) => String(count * (DAY / 1000));

let server: PrometheusServer | undefined;
afterEach(() => server?.stop());

const one = (metric: string, value: string, labels: Readonly<Record<string, string>> = { node: 'n1' }): Series => ({
  metric,
  labels,
  samples: [
    [90, value],
    [30, value],
  ],
});

async function read(series: readonly Series[], matchers = '') {
  server = await startPrometheus(series, now);
  return readKubeletMetrics(openPrometheus({ url: server.url })(matchers), NOW, signal);
}

/** The finding of the source, over an access that is not used. */
async function finding(server: PrometheusServer): Promise<Evidence['kubeletMetrics']> {
  const sources: EvidenceSources = {
    prometheus: { ok: true, prometheus: openPrometheus({ url: server.url })('') },
    access: { ok: true, connection: { request: () => Promise.reject(new Error('not asked')) } },
  };
  return (await readEvidence(sources, now, signal, [kubeletMetrics])).kubeletMetrics;
}

describe('the metrics of a kubelet', () => {
  it('have the time of the newest sample, not that of the query', async () => {
    const seen = await read([one(CLIENT, days(300)), one(SERVING, '-60'), one(ERRORS, '3'), one(PODS, '12')]);
    const at = NOW - 30_000;
    expect(seen).toEqual([
      { node: 'n1', at, clientExpiresInMs: 300 * DAY },
      { node: 'n1', at, servingExpiresInMs: -60_000 },
      { node: 'n1', at, renewErrors: 3 },
      { node: 'n1', at },
    ]);
  });

  test.each<readonly [string, number | 'None' | undefined]>([
    ['+Inf', 'None'],
    ['1.2e+07', 12_000_000_000],
    ['-1e300', -100 * 365 * DAY],
    ['NaN', undefined],
    ['-Inf', undefined],
    ['0x10', undefined],
    ['', undefined],
  ])('%s is read as %s', async (value, expected) => {
    const [seen] = await read([one(CLIENT, value)]);
    expect(seen?.clientExpiresInMs).toBe(expected);
  });

  it('that are stale are not read', async () => {
    expect(await read([{ ...one(CLIENT, days(9)), samples: [[420, days(9)]] }])).toEqual([]);
  });

  test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    ['kube-prometheus', { node: 'n1', instance: '10.0.0.4:10250', job: 'kubelet' }, ['n1', '10.0.0.4']],
    ['Azure Monitor', { instance: 'n1', cluster: 'c' }, ['n1']],
    [
      'a scrape through the API server',
      { instance: 'kubernetes.default.svc:443', kubernetes_io_hostname: 'n1' },
      ['n1', 'kubernetes.default.svc'],
    ],
    ['no label of a node', { job: 'kubelet' }, []],
    ['labels that are no names', { node: '\u202e', instance: 'a b' }, []],
  ])('name their node as %s does', async (_, labels, names) => {
    const seen = await read([one(CLIENT, days(9), labels)]);
    expect(seen.flatMap(({ node, otherNames = [] }) => [node, ...otherNames])).toEqual(names);
  });

  it('are asked for with the matchers of the cluster, one metric a query', async () => {
    const seen = await read(
      [one(CLIENT, days(9), { node: 'n1', cluster: 'a' }), one(CLIENT, days(9), { node: 'n2', cluster: 'b' })],
      'cluster="b"',
    );
    expect(seen.map(({ node }) => node)).toEqual(['n2']);
    expect(server?.asked.map(({ query }) => query)).toEqual(
      [CLIENT, SERVING, ERRORS, PODS].map((name) => `${name}{cluster="b"}[6m]`),
    );
  });
});

describe('a Prometheus that', () => {
  test.each<readonly [string, Parameters<PrometheusServer['answer']>[0], string]>([
    ['refuses the token', (_, response) => send(response, 401, { status: 'error' }), 'role Monitoring Data Reader'],
    [
      'has an error',
      (_, response) => send(response, 422, { status: 'error', error: 'too many samples' }),
      'it answers 422',
    ],
    [
      'answers with a part',
      (_, response) =>
        send(response, 200, {
          status: 'success',
          warnings: ['a store is away'],
          data: { resultType: 'matrix', result: [] },
        }),
      'only a part',
    ],
    [
      'is another server',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      'not JSON',
    ],
    [
      'has another form',
      (_, response) => send(response, 200, { status: 'success', data: { resultType: 'vector', result: [] } }),
      'not that of a Prometheus',
    ],
    ['redirects', (_, response) => void response.writeHead(302, { location: 'https://elsewhere.test/' }).end(), '302'],
    ['closes', (_, response) => void response.destroy(), 'could not be read from'],
    [
      'sends more series than a cluster has',
      (_, response) =>
        send(response, 200, {
          status: 'success',
          data: { resultType: 'matrix', result: Array.from({ length: 20_001 }, () => ({})) },
        }),
      'set matchers',
    ],
    [
      'sends without end',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('['.repeat(2_000_000));
      },
      'refused',
    ],
  ])('%s is a finding that says why', async (_, answer, words) => {
    server = await startPrometheus([], now);
    server.answer(answer);
    const found = await finding(server);
    expect(found?.known).toBe(false);
    const { why = '', fix = '' } = found?.known === false ? found : {};
    expect(`${why} ${fix}`).toContain(words);
    expect(why.length).toBeLessThan(600);
  });

  it('has odd series shows nothing of them', async () => {
    server = await startPrometheus([], now);
    const result = [
      null,
      7,
      {},
      { metric: null, values: [] },
      { metric: { node: 'n1' }, values: [[1]] },
      { metric: { node: 7 }, values: [[NOW / 1000, '1']] },
    ];
    server.answer((_, response) => send(response, 200, { status: 'success', data: { resultType: 'matrix', result } }));
    expect(await finding(server)).toMatchObject({ known: true, value: [] });
  });
});

test('a Prometheus is not asked without access to the API server', async () => {
  server = await startPrometheus([], now);
  const prometheus = { ok: true, prometheus: openPrometheus({ url: server.url })('') } as const;
  const evidence = await readEvidence({ prometheus, access: { ok: false, why: 'No.' } }, now, signal, [kubeletMetrics]);
  expect(evidence.kubeletMetrics).toBeUndefined();
  expect(server.asked).toEqual([]);
});
