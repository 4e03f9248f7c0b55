import { describe, expect, it } from '@jest/globals';
import type { Found } from '../../../src/cluster/model/observation.ts';
import { readTroubledRequests } from '../../../src/cluster/node-access/troubled-requests.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { MINUTE, START } from '../../harness/build.ts';

const CALM = new AbortController().signal;
const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';

/** A request of a node for its own renewal. */
function request(name: string, createdAt: number, conditions: object[] = []) {
  const metadata = { name, creationTimestamp: new Date(createdAt).toISOString() };
  return {
    metadata,
    spec: { signerName: SIGNER, username: `system:node:${name}`, request: '' },
    status: { conditions },
  };
}

/** Answers with these requests to the list of the signer for clients. */
function answering(items: readonly unknown[]): Connection {
  return {
    request: async ({ query }: { query: { fieldSelector: string } }) => ({
      metadata: { resourceVersion: '1' },
      items: query.fieldSelector.endsWith(SIGNER) ? items : [],
    }),
  } as unknown as Connection;
}

const DENIED = [{ type: 'Denied', status: 'True', message: 'Denied by a person.' }];

describe('the requests of kubelets that got no certificate', () => {
  it('are those that were denied, or are without an answer for ten minutes', async () => {
    const items = [request('n1', START - 11 * MINUTE), request('n2', START - 9 * MINUTE), request('n3', START, DENIED)];
    const { troubledRequests } = await readTroubledRequests(answering(items), START, CALM);
    expect(troubledRequests).toMatchObject({ count: 2 });
    const [pending, denied] = (troubledRequests as Found).first;
    expect(pending).toMatch(/^Request n1 of node n1 .* is pending since /);
    expect(denied).toMatch(/^Request n3 of node n3 .* was denied\. Denied by a person\./);
  });

  it('are counted, and a few of them named', async () => {
    const items = Array.from({ length: 900 }, (_, index) => request(`n${index}`, START, DENIED));
    const { troubledRequests } = await readTroubledRequests(answering(items), START, CALM);
    expect(troubledRequests).toMatchObject({ count: 900, first: { length: 2 } });
  });

  it('are not known where they may not be read, and that ends nothing else', async () => {
    const failing = (error: Error) => ({ request: () => Promise.reject(error) }) as unknown as Connection;
    const refusing = failing(new KubernetesError(403, 'Forbidden', 'no'));
    expect(await readTroubledRequests(refusing, START, CALM)).toEqual({ troubledRequests: 'Forbidden' });
    expect(await readTroubledRequests(failing(new Error('reset')), START, CALM)).toEqual({});
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(readTroubledRequests(refusing, START, stop)).rejects.toThrow('stopped');
  });
});
