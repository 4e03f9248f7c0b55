import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SearchResult } from '../../../src/cluster-certificates/holders/holder.ts';
import { markOf, type ClusterMark } from '../../../src/cluster-certificates/holders/mark.ts';
import { findHolders, type SearchLimits } from '../../../src/cluster-certificates/read/holders.ts';
import { KubernetesError, type KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import { makeAuthority } from '../authority.ts';

const NEVER = new AbortController().signal;
const LIMITS: SearchLimits = { timeout: 5000, mostHolders: 100, mostObjects: 1000, smaller: 5 };
const base64 = (text: string) => Buffer.from(text).toString('base64');

let present: string;
let old: string;
let mark: ClusterMark;
beforeAll(async () => {
  const [now, before] = await Promise.all([makeAuthority(Date.now()), makeAuthority(Date.now() - 1e10)]);
  [present, old] = [now.certificate.toString(), before.certificate.toString()];
  const earlier = new X509Certificate(old).fingerprint256.replaceAll(':', '').toLowerCase();
  mark = { ...markOf([now.certificate], undefined), earlier: new Set([earlier]) };
});

const EMPTY = { metadata: { resourceVersion: '7' }, items: [] };
const secret = (name: string, pem: string, more: object = {}) => ({
  metadata: { namespace: 'a', name },
  data: { ca: base64(pem) },
  ...more,
});
const listOf = (...items: unknown[]) => ({ metadata: { resourceVersion: '7' }, items });

async function search(
  answer: (request: KubernetesRequest) => unknown,
  { limits = {}, secretsOf }: { limits?: Partial<SearchLimits>; secretsOf?: string } = {},
): Promise<SearchResult & { readonly asked: KubernetesRequest[] }> {
  const asked: KubernetesRequest[] = [];
  const request = async (one: KubernetesRequest): Promise<unknown> => {
    asked.push(one);
    return (await answer(one)) || EMPTY;
  };
  const searchee = { where: 'Cluster', connection: { request }, ...(secretsOf ? { secretsOf } : {}) } as const;
  return { ...(await findHolders([searchee], mark, { ...LIMITS, ...limits }, NEVER)), asked };
}

const isSecrets = ({ path }: KubernetesRequest) => path.endsWith('/secrets');

describe('a search for holders', () => {
  it('tells a CA that the cluster had before from one that only has its name', async () => {
    const other = (await makeAuthority(Date.now() - 2e10)).certificate.toString();
    const answer = listOf(
      secret('now', present),
      secret('before', old),
      secret('both', old + present),
      secret('x', other),
    );
    const { holders, counts } = await search((request) => isSecrets(request) && answer);
    expect(holders.map(({ name, holding }) => `${name} ${holding}`)).toEqual([
      'before OldCA',
      'both PresentCA',
      'now PresentCA',
      'x OtherCA',
    ]);
    expect(counts).toEqual({ PresentCA: 2, OldCA: 1, OtherCA: 1 });
  });

  it('of one namespace requests its Secrets and nothing else', async () => {
    const { asked } = await search(() => EMPTY, { secretsOf: 'team-a' });
    expect(asked.map(({ path }) => path)).toEqual(['/api/v1/namespaces/team-a/secrets']);
    expect(asked[0]?.query).toMatchObject({ limit: '8', fieldSelector: 'type!=helm.sh/release.v1' });
  });

  it('requests a page that is too large again in small ones, and counts its objects once', async () => {
    let pages = 0;
    const { holders, problems, read } = await search((request) => {
      if (!isSecrets(request)) return EMPTY;
      pages += 1;
      if (pages === 1)
        return { ...listOf(secret('one', present)), metadata: { resourceVersion: '7', continue: 'next' } };
      if (pages === 2) throw new KubernetesError(0, 'TooLarge', 'GET: the answer is refused');
      return listOf(secret('one', present), secret('two', present));
    });
    expect(problems).toEqual([]);
    expect(read).toBe(2);
    expect(holders.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it('gives up a single object that is too large, and says so', async () => {
    const { problems, asked } = await search((request) => {
      if (isSecrets(request)) throw new KubernetesError(0, 'TooLarge', 'GET: the answer is refused.');
      return EMPTY;
    });
    expect(problems).toEqual([
      { where: 'Cluster', kind: 'Secret', reason: 'Failed', message: 'GET: the answer is refused' },
    ]);
    expect(asked.filter(isSecrets)).toHaveLength(2);
  });

  it('ends a list with more objects than its limit, and goes on with the next kind', async () => {
    const many = listOf(...Array.from({ length: 40 }, (_, index) => secret(`s${index}`, present)));
    const { problems, counts, holders } = await search((request) => isSecrets(request) && many, {
      limits: { mostObjects: 30, mostHolders: 10 },
    });
    expect(problems).toMatchObject([{ kind: 'Secret', reason: 'Failed' }]);
    expect([counts, holders]).toEqual([{}, []]);
  });

  it('keeps so many holders, and counts the others', async () => {
    const many = listOf(...Array.from({ length: 40 }, (_, index) => secret(`s${index}`, present)));
    const { counts, holders } = await search((request) => isSecrets(request) && many, { limits: { mostHolders: 10 } });
    expect(counts).toEqual({ PresentCA: 40 });
    expect(holders).toHaveLength(10);
  });

  it('ends at its time where the server never answers', async () => {
    const { problems } = await search(
      ({ signal }) =>
        new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
        ),
      { limits: { timeout: 50 }, secretsOf: 'a' },
    );
    expect(problems).toMatchObject([{ kind: 'Secret', reason: 'Late' }]);
  });

  it('shows names from outside without what could hide text, and never the name of a whole essay', async () => {
    const odd = {
      metadata: { namespace: 'a\u202e', name: 'n'.repeat(10_000) },
      data: { ['k\u0000']: base64(present) },
    };
    const { holders } = await search((request) => isSecrets(request) && listOf(odd));
    expect(holders).toMatchObject([{ namespace: 'a\\u{202e}', part: 'k\\u{0}' }]);
    expect(holders[0]?.name).toHaveLength(253);
  });
});
