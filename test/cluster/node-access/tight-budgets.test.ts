import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTightBudgets } from '../../../src/cluster/node-access/tight-budgets.ts';
import { loadOwnCredentials } from '../../../src/kubernetes/auth/credentials.ts';
import { connect, KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';

const CALM = new AbortController().signal;
const namespace = `budgets-${randomBytes(4).toString('hex')}`;
const path = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;

let api: Connection;
beforeAll(async () => {
  api = connect(await loadOwnCredentials({ kubeconfig: process.env['AKS_CA_TRUST_KUBECONFIG']! }));
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await api.request({ method: 'POST', path: '/api/v1/namespaces', body });
});
afterAll(() => api.close());

async function budget(name: string, status?: { disruptionsAllowed: number; expectedPods: number }): Promise<void> {
  const head = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
  const spec = { minAvailable: 1, selector: { matchLabels: { app: name } } };
  const made = (await api.request({ method: 'POST', path, body: { ...head, metadata: { name }, spec } })) as object;
  if (!status) return;
  const counts = { currentHealthy: 1, desiredHealthy: 1, ...status };
  await api.request({ method: 'PUT', path: `${path}/${name}/status`, body: { ...made, status: counts } });
}

const answering = (answer: () => unknown) => ({ request: async () => answer() }) as unknown as Connection;

describe('budgets that allow no eviction', () => {
  it('are those with pods and without room, of every namespace', async () => {
    await budget('tight', { disruptionsAllowed: 0, expectedPods: 1 });
    await budget('loose', { disruptionsAllowed: 1, expectedPods: 2 });
    await budget('empty', { disruptionsAllowed: 0, expectedPods: 0 });
    await budget('unseen');
    const { tightBudgets } = await readTightBudgets(api, CALM);
    expect((tightBudgets as readonly string[]).filter((name) => name.startsWith(`${namespace}/`))).toEqual([
      `${namespace}/tight`,
    ]);
  });

  it('are not known where they may not be read, and that ends nothing else', async () => {
    const failing = (error: Error) => answering(() => Promise.reject(error));
    const refusing = failing(new KubernetesError(403, 'Forbidden', 'no'));
    expect(await readTightBudgets(refusing, CALM)).toEqual({ tightBudgets: 'Forbidden' });
    expect(await readTightBudgets(failing(new KubernetesError(500, 'InternalError', 'no')), CALM)).toEqual({});
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'x'],
    ['items of another shape', { items: [null, 7, { metadata: 'x', status: [] }] }],
    ['names that are none', { items: [tight('a b', 'x'), tight('web', '../x'), tight('web', '\u202ex')] }],
    [
      'numbers that are none',
      { items: [{ metadata: { namespace: 'a', name: 'b' }, status: { disruptionsAllowed: '0', expectedPods: '9' } }] },
    ],
  ])('are none in an answer of %s', async (_, answer) => {
    expect(
      await readTightBudgets(
        answering(() => answer),
        CALM,
      ),
    ).toEqual({ tightBudgets: [] });
  });

  it('are no more than 500, whatever the server sends', async () => {
    const items = Array.from({ length: 5000 }, (_, index) => tight('web', `b${index}`));
    expect(
      (
        await readTightBudgets(
          answering(() => ({ items })),
          CALM,
        )
      ).tightBudgets,
    ).toHaveLength(500);
  });

  it('are not read on after the reconcile was given up', async () => {
    const stop = AbortSignal.abort(new Error('stopped'));
    const failing = answering(() => {
      throw new Error('aborted');
    });
    await expect(readTightBudgets(failing, stop)).rejects.toThrow('stopped');
  });
});

function tight(namespace: string, name: string): object {
  return { metadata: { namespace, name }, status: { disruptionsAllowed: 0, expectedPods: 3 } };
}
