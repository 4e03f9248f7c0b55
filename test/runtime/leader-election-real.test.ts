import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readLease } from '../../src/kubernetes/client/lease.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createLeaderElection } from '../../src/runtime/leader-election.ts';
import { silentLogger } from '../../src/runtime/logging.ts';
import { type ApiServer, startApiServer } from '../kubernetes/api-server.ts';

jest.setTimeout(30_000);

describe('leader election on a real API server', () => {
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer();
  }, 90_000);

  afterAll(() => server.stop());

  it('hands the lease on from the one that stops to the one that waits', async () => {
    const address = { connection: server.connection, namespace: await server.namespace(), name: 'lease' };
    const start = (identity: string) => {
      const stop = new AbortController();
      const election = createLeaderElection({
        ...address,
        identity,
        clock: systemClock,
        random: () => Math.random(),
        logger: silentLogger,
        retryMs: 100,
      });
      return { election, stop, running: election.run(stop.signal) };
    };
    const a = start('a');
    await a.election.acquired;
    const b = start('b');
    a.stop.abort();
    await a.running;
    await b.election.acquired;
    expect([a.election.isLeader(), b.election.isLeader()]).toEqual([false, true]);
    expect((await readLease(address))?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
    b.stop.abort();
    await b.running;
    expect((await readLease(address))?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  });
});
