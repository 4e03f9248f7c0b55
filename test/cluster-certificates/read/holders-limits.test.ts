import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEndlessTarget } from '../../../simulator/endless-target.ts';
import { COLLECTIONS } from '../../../src/cluster-certificates/holders/collections.ts';
import { markOf, type ClusterMark } from '../../../src/cluster-certificates/holders/mark.ts';
import { findHolders, type Searchee, type SearchLimits } from '../../../src/cluster-certificates/read/holders.ts';
import { connectToTarget } from '../../../src/cluster/node-access/connect-target.ts';
import type { Credentials } from '../../../src/kubernetes/auth/types.ts';
import { startApiServer, type ApiServer } from '../../kubernetes/api-server.ts';
import { makeAuthority } from '../authority.ts';

const NEVER = new AbortController().signal;
const LIMITS: SearchLimits = { timeout: 30_000, mostHolders: 100, mostObjects: 1000 };

let pem: string;
let mark: ClusterMark;
beforeAll(async () => {
  const { certificate } = await makeAuthority(Date.now());
  pem = certificate.toString();
  mark = markOf([certificate], undefined);
});

async function search(credentials: Credentials, limits: SearchLimits, more: Partial<Searchee> = {}) {
  const connection = connectToTarget(credentials, { allowLocal: true });
  try {
    return await findHolders([{ where: 'Cluster', connection, ...more }], mark, limits, NEVER);
  } finally {
    await connection.close();
  }
}

describe('a search of a real API server with more than one answer may have', () => {
  const NAMESPACE = `t-${randomUUID().slice(0, 8)}`;
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    const create = (path: string, body: object) => server.connection.request({ method: 'POST', path, body });
    await create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    // Fourteen times a mebibyte: 19 MiB in base64, and answers of targets have 16 at most.
    const filling = 'x'.repeat(2 ** 20 - pem.length - 100);
    for (let index = 0; index < 14; index++)
      await create(`/api/v1/namespaces/${NAMESPACE}/secrets`, {
        metadata: { name: `large-${index}` },
        stringData: { filling, ca: pem },
      });
  }, 90_000);
  afterAll(async () => {
    await server.connection.request({ method: 'DELETE', path: `/api/v1/namespaces/${NAMESPACE}/secrets` });
    await server.stop();
  });

  it.each([1, 5])('reads all of it, in pages that are %i times smaller', async (smaller) => {
    const { problems, counts } = await search(server.credentials, { ...LIMITS, smaller }, { secretsOf: NAMESPACE });
    expect(problems).toEqual([]);
    expect(counts).toEqual({ PresentCA: 14 });
  });
});

it('a search of a server whose lists never end is over in its time, and says so of each kind', async () => {
  const target = await startEndlessTarget({ pageMs: 20 });
  try {
    const { problems, read } = await search(target.access, { ...LIMITS, timeout: 500 });
    expect(problems.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual(
      COLLECTIONS.map(({ kind }) => `${kind} Late`),
    );
    expect(read).toBe(0);
    const pages = target.pages();
    expect(pages).toBeLessThan(40);
  } finally {
    await target.stop();
  }
});
