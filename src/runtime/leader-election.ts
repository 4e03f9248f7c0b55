import { type Lease, type LeaseAddress, readLease, writeLease } from '../kubernetes/client/lease.ts';
import { type Clock, pause } from './clock.ts';
import type { Logger } from './logging.ts';

export interface LeaderElectionOptions extends LeaseAddress {
  /** Unique among all candidates, earlier runs of this process included: pod name and a random part. */
  readonly identity: string;
  readonly clock: Clock;
  /** Same as `Math.random`. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Time for which other candidates respect a lease that does not change. Default 15 s. */
  readonly leaseMs?: number;
  /** A leader that could not renew for this time steps down. Less than `leaseMs`; default 10 s. */
  readonly renewMs?: number;
  /** Time between renewals; a candidate reads twice as often. Default 2 s. */
  readonly retryMs?: number;
  /** Monotonic milliseconds; default `performance.now`. A step of the wall clock must not affect the lease. */
  readonly elapsed?: () => number;
  readonly onChange?: (leading: boolean) => void;
}

/** One candidate. The semantics are those of client-go's leaderelection package. */
export interface LeaderElection {
  /**
   * Campaigns, leads, and releases the lease when the signal aborts. Call it once.
   *
   * @throws Error when the lease is lost: the process should end, because its caches may be stale
   */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when this process leads; never if it never does. */
  readonly acquired: Promise<void>;
  /** Aborts when the lease is lost, not when it is released. */
  readonly lost: AbortSignal;
  /** Call it right before every write. False as soon as another process may lead, even if this one has not noticed yet. */
  isLeader(): boolean;
}

/** A lease at its last observed change. */
interface Observed {
  readonly state: string;
  readonly since: number;
  readonly durationMs: number;
}

export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { clock, random, logger, identity, name, onChange } = options;
  const { leaseMs = 15_000, renewMs = 10_000, retryMs = 2000, elapsed = () => performance.now() } = options;
  if (!(retryMs < renewMs && renewMs < leaseMs)) throw new RangeError('retryMs < renewMs < leaseMs');
  const acquired = Promise.withResolvers<void>();
  const lost = new AbortController();
  let leading = false;
  /** Start of the request that last renewed the lease: the renewal cannot have arrived earlier. */
  let renewedAt = -Infinity;
  /** The lease as last read, and since when it has not changed, by our own clock: times of other processes are not compared. */
  let observed: Observed | undefined;

  /** @returns the present holder of the lease */
  async function attempt(timeoutMs: number): Promise<'ours' | 'theirs' | 'failed'> {
    const startedAt = elapsed();
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const found = await readLease(options, limit);
      if (found !== undefined && (leading ? found.spec?.holderIdentity !== identity : heldByAnother(found))) {
        return 'theirs';
      }
      const written = await writeLease(
        options,
        found,
        { holder: identity, durationMs: leaseMs, now: clock.now() },
        limit,
      );
      observe(written);
      renewedAt = startedAt;
      return 'ours';
    } catch (error) {
      logger.warn({ err: error, lease: name }, 'The lease could not be renewed or taken.');
      return 'failed';
    }
  }

  function observe({ spec }: Lease): Observed {
    const state = JSON.stringify(spec ?? {});
    if (observed?.state !== state) {
      const durationMs = (spec?.leaseDurationSeconds ?? leaseMs / 1000) * 1000;
      observed = { state, since: elapsed(), durationMs };
    }
    return observed;
  }

  function heldByAnother(lease: Lease): boolean {
    const { since, durationMs } = observe(lease);
    const { holderIdentity = '' } = lease.spec ?? {};
    if (holderIdentity === '' || holderIdentity === identity) return false;
    return elapsed() - since < durationMs;
  }

  async function campaign(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if ((await attempt(renewMs / 2)) === 'ours') return;
      await pause(clock, untilNextAttempt(), signal);
    }
  }

  /**
   * Twice as often as client-go's candidates, with less jitter, and once exactly when the lease expires: a leader that stops is
   * replaced within a second and a half, one that dies within a second and a half after its 15.
   */
  function untilNextAttempt(): number {
    const ms = (retryMs / 2) * (1 + 0.2 * random());
    const left = observed === undefined ? 0 : observed.since + observed.durationMs - elapsed();
    return left > 0 ? Math.min(ms, left) : ms;
  }

  /** @throws Error when the lease is lost */
  async function lead(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(clock, retryMs, signal);
      if (signal.aborted) return;
      const left = renewedAt + renewMs - elapsed();
      if (left <= 0) throw new Error(`lease ${name}: not renewed for ${renewMs} ms`);
      // Half the time, so that one hanging request is not the last attempt.
      const outcome = await attempt(Math.ceil(Math.min(renewMs / 2, left)));
      // Even when the other leader has ended again: our caches may be older than its writes.
      if (outcome === 'theirs') throw new Error(`lease ${name}: another took it`);
    }
  }

  function change(now: boolean): void {
    leading = now;
    onChange?.(now);
    logger.info({ lease: name, identity }, now ? 'This process leads.' : 'This process does not lead any more.');
  }

  async function letGo(): Promise<void> {
    const limit = AbortSignal.timeout(renewMs / 2);
    try {
      const found = await readLease(options, limit);
      if (found?.spec?.holderIdentity !== identity) return;
      await writeLease(options, found, { holder: '', durationMs: 1000, now: clock.now() }, limit);
    } catch (error) {
      logger.warn(
        { err: error, lease: name },
        'The lease could not be released. The next leader waits until it runs out.',
      );
    }
  }

  return {
    async run(signal) {
      await campaign(signal);
      // The lease was taken at the very moment of the stop, so it has to be released.
      if (renewedAt === -Infinity) return;
      change(true);
      acquired.resolve();
      try {
        await lead(signal);
      } catch (error) {
        lost.abort(error);
        throw error;
      } finally {
        change(false);
      }
      await letGo();
    },
    acquired: acquired.promise,
    lost: lost.signal,
    isLeader: () => leading && elapsed() - renewedAt < renewMs,
  };
}
