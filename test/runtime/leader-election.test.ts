import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLeaderElection, type LeaderElection } from '../../src/runtime/leader-election.ts';
import { silentLogger } from '../../src/runtime/logging.ts';
import { LeaseServer } from './lease-server.ts';
import { ManualClock, settled } from './manual-clock.ts';

interface Candidate {
  readonly election: LeaderElection;
  readonly stop: AbortController;
  /** The message of the error it ended with; undefined while it runs, empty when it ended well. */
  ended: string | undefined;
}

describe('leader election', () => {
  let server: LeaseServer;
  let clock: ManualClock;

  beforeEach(() => {
    server = new LeaseServer();
    clock = new ManualClock();
  });

  function start(identity: string, own = clock): Candidate {
    const election = createLeaderElection({
      connection: server.connection,
      namespace: 'operators',
      name: 'aks-ca-trust',
      identity,
      clock: own,
      random: () => 0,
      elapsed: () => own.now(),
      logger: silentLogger,
    });
    const stop = new AbortController();
    const candidate: Candidate = { election, stop, ended: undefined };
    election.run(stop.signal).then(
      () => (candidate.ended = ''),
      (error: Error) => (candidate.ended = error.message),
    );
    return candidate;
  }

  it('makes the lease when there is none, and renews it every two seconds', async () => {
    const { election } = start('a');
    expect(election.isLeader()).toBe(false);
    await settled();
    await election.acquired;
    expect(election.isLeader()).toBe(true);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    const acquired = server.lease?.spec?.acquireTime;
    const renewed = server.lease?.spec?.renewTime;
    await clock.advance(2000);
    expect(server.lease?.spec?.acquireTime).toBe(acquired);
    expect(server.lease?.spec?.renewTime).not.toBe(renewed);
    expect(server.lease?.spec?.renewTime).toMatch(/\.\d{6}Z$/);
  });

  it('lets go when it stops, so that the next one leads at its next attempt', async () => {
    const a = start('a');
    await settled();
    const b = start('b');
    await clock.advance(60_000);
    expect([a.election.isLeader(), b.election.isLeader()]).toEqual([true, false]);
    a.stop.abort();
    await settled();
    expect(a.ended).toBe('');
    expect(server.holder).toBe('');
    expect(a.election.lost.aborted).toBe(false);
    await clock.advance(1000);
    expect(b.election.isLeader()).toBe(true);
    expect(server.lease?.spec?.leaseTransitions).toBe(1);
  });

  it('waits out a leader that died, counted from when the lease was last seen to change', async () => {
    const deadClock = new ManualClock();
    start('a', deadClock);
    await settled();
    // A wall clock that is far ahead says nothing: times in the lease are not compared.
    await clock.advance(3_600_000);
    const b = start('b');
    await settled();
    await clock.advance(14_999);
    expect(b.election.isLeader()).toBe(false);
    await clock.advance(1);
    expect(b.election.isLeader()).toBe(true);
  });

  it('steps down when it could not renew for ten seconds, before another process may take over', async () => {
    const a = start('a');
    await settled();
    server.away = true;
    await clock.advance(9_999);
    expect(a.election.isLeader()).toBe(true);
    expect(a.ended).toBeUndefined();
    await clock.advance(1);
    expect(a.election.isLeader()).toBe(false);
    expect(a.election.lost.aborted).toBe(true);
    expect(a.ended).toContain('not renewed for 10000 ms');
  });

  it('rides out an API server that is away for less', async () => {
    const a = start('a');
    await settled();
    server.away = true;
    await clock.advance(7000);
    server.away = false;
    await clock.advance(60_000);
    expect(a.election.isLeader()).toBe(true);
  });

  it('is no leader as soon as it wakes from a long sleep, before any request', async () => {
    const asleep = new ManualClock();
    const a = start('a', asleep);
    await settled();
    const b = start('b');
    await settled();
    await clock.advance(20_000);
    expect(b.election.isLeader()).toBe(true);
    asleep.jump(60_000);
    expect(a.election.isLeader()).toBe(false);
    await asleep.advance(0);
    expect(a.ended).toContain('not renewed');
    expect(server.holder).toBe('b');
  });

  it('steps down at once when another holds its lease, even if that one has let go again', async () => {
    const a = start('a');
    await settled();
    if (server.lease?.spec) server.lease.spec = { ...server.lease.spec, holderIdentity: '' };
    await clock.advance(2000);
    expect(a.ended).toContain('another took it');
  });

  it('makes the lease anew when another client deleted it', async () => {
    const a = start('a');
    await settled();
    server.lease = undefined;
    await clock.advance(2000);
    expect(a.election.isLeader()).toBe(true);
    expect(server.holder).toBe('a');
  });

  it('does not take the lease from another when it stops', async () => {
    const a = start('a');
    await settled();
    if (server.lease?.spec) server.lease.spec = { ...server.lease.spec, holderIdentity: 'b' };
    a.stop.abort();
    await settled();
    expect(server.holder).toBe('b');
  });

  it('can be stopped while it campaigns', async () => {
    start('a');
    await settled();
    const b = start('b');
    await settled();
    b.stop.abort();
    await settled();
    expect(b.ended).toBe('');
    expect(server.holder).toBe('a');
  });

  it('never has two leaders, whichever process sleeps and whenever the API server is away', async () => {
    const step = fc.record({
      who: fc.integer({ min: 0, max: 2 }),
      sleeps: fc.boolean(),
      away: fc.boolean(),
      ms: fc.integer({ min: 100, max: 6000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        server = new LeaseServer();
        const clocks = [0, 1, 2].map(() => new ManualClock());
        const behind = [0, 0, 0];
        const candidates = clocks.map((own, index) => start(`c${index}`, own));
        for (const { who, sleeps, away, ms } of steps) {
          server.away = away;
          for (const [index, own] of clocks.entries()) {
            behind[index] = (behind[index] ?? 0) + ms;
            // One that sleeps does nothing and asks nothing; its clock moves on when it wakes.
            if (sleeps && index === who) continue;
            own.jump((behind[index] ?? 0) - ms);
            behind[index] = 0;
            await own.advance(ms);
          }
          const awake = candidates.filter((_candidate, index) => behind[index] === 0);
          expect(awake.filter(({ election }) => election.isLeader()).length).toBeLessThanOrEqual(1);
        }
        for (const { stop } of candidates) stop.abort();
      }),
      { numRuns: 50 },
    );
  }, 60_000);
});
