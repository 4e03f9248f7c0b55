import type { NodeView } from '../model/observation.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How far the clocks of one API server's instances may be apart, in ms. */
const AHEAD = 5 * MINUTE;
/** How far the target's clock and ours may be apart, in ms. A clock that is off by more is wrong, and so are its certificates. */
const APART = DAY;
/** No node is older than Kubernetes. */
const OLDEST = Date.UTC(2014, 5, 1);

/**
 * Why the times of an answer are no evidence, for people; undefined where they are. The creationTimestamp of a node decides whether
 * it counts as replaced, so an impossible one is not believed. The message changes only with the cause, because each change is a
 * write of every status.
 *
 * @param serverTime the Date of the answer, in ms; undefined where it had none
 * @param now our own clock, in ms
 */
export function implausible(
  nodes: readonly NodeView[],
  serverTime: number | undefined,
  now: number,
): string | undefined {
  if (serverTime !== undefined && Math.abs(serverTime - now) > APART)
    return `the clock of the API server is ${apart(serverTime - now)} that of the controller: set the one that is wrong`;
  const latest = latestOf(serverTime, now);
  const odd = nodes.find(({ createdAt }) => !(createdAt >= OLDEST && createdAt <= latest));
  if (!odd) return undefined;
  const when =
    odd.createdAt > latest
      ? ', which is still to come'
      : odd.createdAt < OLDEST
        ? ', which is before Kubernetes was'
        : '';
  return `node ${odd.name} has the creationTimestamp ${shown(odd.createdAt)}${when}`;
}

function apart(ms: number): string {
  const days = Math.round(Math.abs(ms) / DAY);
  return `${days} ${days === 1 ? 'day' : 'days'} ${ms > 0 ? 'ahead of' : 'behind'}`;
}

/** Times later than this cannot be true, in ms. */
export function latestOf(serverTime: number | undefined, now: number): number {
  return (serverTime ?? now) + AHEAD;
}

function shown(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : 'no time';
}
