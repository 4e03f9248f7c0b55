import { describe, expect, it } from '@jest/globals';
import { findEvictionBlockers } from '../../../src/cluster/node-access/eviction-blockers.ts';
import { KubernetesError, type Connection, type KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';

const SIGNAL = new AbortController().signal;
const LABELS = { app: 'web', tier: 'front' };

/** Pods by namespace/name, on node `a`. */
type Pods = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Answers as an API server with some pods and budgets; `refuses` says what may not be read. */
function server(pods: Pods = { 'web/web-1': LABELS }, refuses: (path: string) => number | undefined = () => undefined) {
  const asked: KubernetesRequest[] = [];
  const budget = (name: string, app: string, disruptionsAllowed: number) => ({
    metadata: { name },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed },
  });
  const objects = Object.entries(pods).map(([path, labels]) => {
    const [namespace, name] = path.split('/');
    return { metadata: { namespace, name, labels } };
  });
  const connection: Pick<Connection, 'request'> = {
    async request(request) {
      const { path, query = {} } = request;
      asked.push(request);
      const status = refuses(path);
      if (status !== undefined) throw new KubernetesError(status, 'Refused', 'm');
      if (path.endsWith('/poddisruptionbudgets'))
        return { items: [budget('tight', 'web', 0), budget('loose', 'web', 1), budget('other', 'api', 0), null] };
      if (path === '/api/v1/pods')
        return {
          items: objects.filter(
            ({ metadata }) => query['fieldSelector'] === `metadata.name=${metadata.name},spec.nodeName=a`,
          ),
        };
      const found = objects.find(
        ({ metadata: { namespace, name } }) => path === `/api/v1/namespaces/${namespace}/pods/${name}`,
      );
      if (found) return found;
      throw new KubernetesError(404, 'NotFound', 'not found');
    },
  };
  const find = async (...about: string[]) => {
    const refused = about.map((pod) => ({ node: 'a', about: pod }));
    const { budgets, nameOf, forbidden } = await findEvictionBlockers(connection as Connection, refused, SIGNAL);
    return { budgets: Object.fromEntries(budgets), names: refused.map(nameOf), forbidden };
  };
  return { asked, paths: () => asked.map(({ path }) => path), find };
}

describe('who refuses', () => {
  it('is each budget that selects the pod and allows nothing', async () => {
    expect(await server().find('web/web-1')).toEqual({
      budgets: { 'web/web-1': ['web/tight'] },
      names: ['web/web-1'],
      forbidden: false,
    });
  });

  it('is found by name and node where AKS does not say the namespace of the pod', async () => {
    const { find, asked } = server();
    expect(await find('web-1')).toEqual({
      budgets: { 'web/web-1': ['web/tight'] },
      names: ['web/web-1'],
      forbidden: false,
    });
    expect(asked[0]).toMatchObject({
      path: '/api/v1/pods',
      query: { fieldSelector: 'metadata.name=web-1,spec.nodeName=a' },
    });
  });

  it('names the pod that may not be evicted, where two namespaces have one of that name on the node', async () => {
    const pods = { 'a/db-0': { app: 'db' }, 'b/db-0': LABELS, 'c/db-0': { app: 'db' } };
    expect(await server(pods).find('db-0')).toMatchObject({ budgets: { 'b/db-0': ['b/tight'] }, names: ['b/db-0'] });
  });

  it('is empty where each pod of that name may be evicted by now', async () => {
    const pods = { 'a/db-0': { app: 'db' }, 'b/db-0': { app: 'db' } };
    expect(await server(pods).find('db-0')).toMatchObject({ budgets: { 'a/db-0': [] }, names: ['a/db-0'] });
  });

  it('is empty for a pod that is gone, with and without its namespace', async () => {
    expect(await server().find('web/gone', 'gone')).toEqual({
      budgets: { 'web/gone': [], gone: [] },
      names: ['web/gone', 'gone'],
      forbidden: false,
    });
  });

  it('is not asked twice, nor of many', async () => {
    const { find, paths } = server();
    const pods = ['web/gone', 'web/gone', 'gone', 'gone', ...Array.from({ length: 20 }, (_, pod) => `z/pod-${pod}`)];
    expect(Object.keys((await find(...pods)).budgets)).toEqual(['web/gone', 'gone', 'z/pod-0', 'z/pod-1', 'z/pod-2']);
    expect(paths().filter((path) => path.endsWith('/gone'))).toHaveLength(1);
    expect(paths()).toHaveLength(5);
  });

  it.each(['/pods', '/poddisruptionbudgets'])('is not known where %s may not be read, which is said', async (part) => {
    for (const pod of ['web/web-1', 'web-1']) {
      const { find } = server(undefined, (path) => (path.includes(part) ? 403 : undefined));
      expect(await find(pod)).toMatchObject({ budgets: {}, forbidden: true });
    }
  });

  it('is not known where the API server fails, which no right would fix', async () => {
    expect(await server(undefined, () => 500).find('web/web-1')).toMatchObject({ budgets: {}, forbidden: false });
  });

  it.each(['', 'a b', 'web/a b', 'web/../secrets', 'web/p€', 'w/x/y', 'WEB/web', '\u202eweb'])(
    'is not asked of %j, which is no name of a pod',
    async (about) => {
      const { find, asked } = server();
      expect(await find(about)).toMatchObject({ budgets: {} });
      expect(asked).toEqual([]);
    },
  );

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'pods'],
    ['a list of null', { items: [null, 5, 'x', { metadata: null }] }],
    ['items that are no list', { items: { length: 5 } }],
    ['a pod whose namespace is none', { items: [{ metadata: { name: 'web-1', namespace: '../x', labels: LABELS } }] }],
    ['a pod of another name', { items: [{ metadata: { name: 'web-2', namespace: 'web', labels: LABELS } }] }],
  ])('is empty where the answer is %s', async (_what, answer) => {
    const connection: Pick<Connection, 'request'> = { request: async () => answer };
    for (const about of ['web-1', 'web/web-1']) {
      const { budgets } = await findEvictionBlockers(connection as Connection, [{ node: 'a', about }], SIGNAL);
      expect([...budgets.values()].flat()).toEqual([]);
    }
  });
});

it('a pod of another name than the one that was asked for refuses nothing, whatever a server answers', async () => {
  const connection: Pick<Connection, 'request'> = {
    request: async ({ path }) =>
      path === '/api/v1/pods'
        ? { items: [{ metadata: { namespace: 'web', name: 'other', labels: LABELS } }] }
        : { items: [{ metadata: { name: 'tight' }, spec: { selector: {} }, status: { disruptionsAllowed: 0 } }] },
  };
  const { budgets } = await findEvictionBlockers(connection as Connection, [{ node: 'a', about: 'web-1' }], SIGNAL);
  expect([...budgets]).toEqual([['web-1', []]]);
});
