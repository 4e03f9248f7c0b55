import { describe, expect, it } from '@jest/globals';
import type { NodesObservation, UpgraderEvent } from '../../src/cluster/model/observation.ts';
import type { RecordedOperation, RecordStatus } from '../../src/cluster/model/record.ts';
import {
  at,
  element,
  digest,
  HOUR,
  intent,
  MINUTE,
  named,
  node,
  observe,
  operation,
  pool,
  START,
  type Seen,
} from '../harness/build.ts';
import { judge } from '../harness/judge.ts';

const DAY = 24 * HOUR;
const LIST = { elements: [element(0)], intents: [intent('a', [0], { nodeAccess: true })] };
const old = ['a', 'b'].map((name) => node(name, START - MINUTE));
const sent = (more: Parameters<typeof operation>[0] = {}): RecordedOperation =>
  operation({
    listDigest: digest(0),
    adds: [named(0, 'team/a/ca')],
    baseline: at(START),
    countedAt: at(START),
    countedNodes: [{ pool: 'system', names: ' a..b' }],
    seen: true,
    ...more,
  });

/** How the pools are said to be held up, and what `NodesReimaged` says. */
function heldUp(seen: Seen, now: number) {
  const { record, says } = judge(observe({ ...LIST, readAt: now, ...seen }), now);
  return {
    pools: record?.nodePools?.map(({ blockedBy }) => blockedBy),
    since: record?.nodePools?.[0]?.blockedSince,
    said: says('a', 'NodesReimaged')?.message,
  };
}

function cluster(provisioningState: string, nodes: NodesObservation, recorded?: RecordedOperation): Seen {
  const record: RecordStatus = { operation: recorded ?? sent() };
  return { provisioningState, pools: [pool({ provisioningState })], nodes, record };
}

/** Our clock and the target's differ by an hour. */
const AHEAD = HOUR;

describe('an operation that is resumed after a day', () => {
  const resumed = sent({ countedAt: at(START + AHEAD), attempts: 2, lastAttemptAt: at(START + DAY) });
  const readAfter = (after: number, events: readonly UpgraderEvent[] = [], schedulable = true) => {
    const now = START + DAY + after;
    const nodes = old.map((one) => ({ ...one, schedulable }));
    return heldUp(cluster('Updating', { kind: 'Read', nodes, events, serverTime: now + AHEAD }, resumed), now);
  };

  it.each([
    [MINUTE, false],
    [45 * MINUTE, false],
    [46 * MINUTE, true],
  ])('%i ms after that stands still: %s', (after, stands) => {
    const { pools, since } = readAfter(after);
    expect(pools?.[0] !== undefined).toBe(stands);
    expect(since).toBe(stands ? at(START + DAY + AHEAD) : undefined);
  });

  it.each([
    [-1, undefined],
    [MINUTE, 'a could not be drained within 30 minutes'],
  ])('is held up by what was said %i ms after it was sent as %j', (since, by) => {
    const time = START + DAY + AHEAD + since;
    const given: UpgraderEvent = { node: 'a', step: 'DrainFailed', about: '', since: time, at: time };
    expect(readAfter(2 * MINUTE, [given], false).pools).toEqual([by]);
  });
});

describe('an operation that AKS gave up', () => {
  const provisioningError = { code: 'SubnetIsFull', message: 'no addresses' };
  const by = 'AKS gave up: SubnetIsFull';
  const said = `Node pool system: ${by}. Make room in the subnet of the pool`;

  it('holds its pools up from when that was seen, and says what to do', () => {
    const nodes: NodesObservation = { kind: 'Read', nodes: old, events: [], serverTime: START };
    const first = heldUp({ ...cluster('Failed', nodes), provisioningError }, START + MINUTE);
    expect(first).toEqual({
      pools: [by],
      since: at(START + MINUTE),
      said: `0 of 2 nodes were replaced since the change; without the new certificates: a, b. ${said}`,
    });
  });

  it('does so where nodes are not seen, once its own status says that it is ours that failed', () => {
    const seen = {
      ...cluster('Failed', { kind: 'NoAccess' }, operation({ listDigest: digest(0), seen: true })),
      provisioningError,
    };
    expect(heldUp(seen, START + MINUTE).pools).toEqual([undefined]);
    const own = { status: 'Failed', code: 'SubnetIsFull', message: 'no addresses' } as const;
    const result = heldUp({ ...seen, operation: own }, START + MINUTE);
    expect(result.pools).toEqual([by]);
    expect(result.said).toBe(
      `0 of 2 nodes were replaced since the change, by the pool states that ARM reports. ${said}`,
    );
  });

  it('holds nothing up any more when it is resumed', () => {
    const nodes: NodesObservation = { kind: 'Read', nodes: old, events: [], serverTime: START + HOUR };
    const failed = sent({ failed: { ...provisioningError, at: at(START), confirmed: true } });
    const resumed = { ...failed, attempts: 2, lastAttemptAt: at(START + HOUR) };
    expect(heldUp(cluster('Updating', nodes, resumed), START + HOUR).pools).toEqual([undefined]);
  });
});

describe('an operation that is over', () => {
  const blocked: RecordStatus = {
    nodes: { total: 2, reimaged: 0, reimaging: 0, waiting: 2, excluded: 0, summary: '0/2' },
    nodePools: [
      { name: 'system', osType: 'Linux', nodes: 2, phase: 'Failed', blockedBy: 'somebody', blockedSince: at(START) },
    ],
  };
  const unreadable: NodesObservation = { kind: 'Unreadable', message: 'no route' };

  it('blocks nothing, also where the nodes could not be read when it came to nothing', () => {
    const lost = sent({ listDigest: digest(9), notFound: { since: at(START), digest: digest(0) }, seen: false });
    const record = { ...blocked, operation: lost };
    const seen = { record, nodes: unreadable, provisioningState: 'Succeeded' };
    const { record: left } = judge(observe({ ...LIST, ...seen, readAt: START + HOUR }), START + HOUR);
    expect(left?.operation).toBeUndefined();
    expect(heldUp(seen, START + HOUR)).toMatchObject({ pools: undefined, since: undefined });
  });

  it('is blocked as before while its nodes cannot be read', () => {
    const seen = { record: { ...blocked, operation: sent() }, nodes: unreadable, provisioningState: 'Updating' };
    expect(heldUp(seen, START + HOUR)).toEqual({ pools: ['somebody'], since: at(START), said: 'No route' });
  });
});
