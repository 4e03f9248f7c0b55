import type { NodeView } from '../model/observation.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How far the clocks of one API server's instances may be apart, in ms. */
const AHEAD = 5 * MINUTE;
/** Most difference between the target's clock and ours, in ms. With more, one of the clocks is wrong. */
const APART = DAY;
/** No node is older than Kubernetes. */
const OLDEST = Date.UTC(2014, 5, 1);

/**
 * Why the times of a response are implausible, for people; undefined where they are plausible. The creationTimestamp of a node
 * decides whether it counts as replaced, so an impossible one is not accepted. The message changes only with the cause, because each change is a
 * write of every status.
 *
 * @param serverTime the Date header of the response, in ms; undefined where it had none
 * @param now our own clock, in ms
 */
export function implausible(
  nodes: readonly NodeView[],
  serverTime: number | undefined,
  now: number,
): string | undefined {
  if (serverTime !== undefined && Math.abs(serverTime - now) > APART)
    return `the clock of the API server is ${apart(serverTime - now)} the clock of the controller. Correct the clock that is wrong`;
  const latest = latestOf(serverTime, now);
  const odd = nodes.find(({ createdAt }) => !(createdAt >= OLDEST && createdAt <= latest));
  if (!odd) return undefined;
  const when =
    odd.createdAt > latest
      ? ', which is in the future'
      : odd.createdAt < OLDEST
        ? ', which is before Kubernetes existed'
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
