import { expect, it } from '@jest/globals';
import type { Connection, KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
import { fenceWrites } from '../../src/runtime/fence.ts';

it('refuses writes, and only writes, from the moment another may lead', async () => {
  const asked: KubernetesRequest[] = [];
  const connection: Connection = {
    server: 'https://here',
    request: async (request) => void asked.push(request),
    stream: () => Promise.reject(new Error('not asked')),
    close: () => Promise.resolve(),
  };
  let leading = true;
  const fenced = fenceWrites(connection, () => leading);
  await fenced.request({ method: 'PATCH', path: '/a' });
  expect(() => asked[0]?.mayLeave?.()).not.toThrow();
  leading = false;
  // What was let in then, and waited since, is kept back too.
  expect(() => asked[0]?.mayLeave?.()).toThrow('lease');
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    await expect(async () => fenced.request({ method, path: '/b' })).rejects.toThrow('lease');
  }
  await fenced.request({ path: '/c' });
  expect(asked.map(({ path }) => path)).toEqual(['/a', '/c']);
});
