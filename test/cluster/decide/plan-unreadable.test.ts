import { describe, expect, it } from '@jest/globals';
import type { ArmFailure } from '../../../src/azure/failures.ts';
import type { Decision } from '../../../src/cluster/model/decision.ts';
import type { TrustIntent } from '../../../src/cluster/model/intent.ts';
import { plan } from '../../../src/cluster/decide/plan.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import {
  at,
  failure,
  intent,
  mark,
  MINUTE,
  named,
  observe,
  operation,
  second,
  SECOND,
  slot,
  START,
} from '../../harness/build.ts';

const read = (status: number, code: string, retryAfterMs?: number) =>
  failure(status, code, { call: 'GetManagedCluster', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
const LOST = read(0, 'NoAnswer');
const ABSENT = read(404, 'ResourceNotFound');

interface Unread {
  readonly intents?: readonly TrustIntent[];
  readonly record?: RecordStatus;
  readonly failedInARow?: number;
  readonly groupIsReadable?: boolean;
  readonly lastReadAt?: number;
  readonly now?: number;
}

function decide(problem: ArmFailure, unread: Unread = {}): Decision {
  const { intents = [intent('a', [0])], record, failedInARow = 1, now = START, ...rest } = unread;
  const observation = { ...observe({ intents, record }), arm: { ok: false, failure: problem, failedInARow, ...rest } };
  return plan(observation as Parameters<typeof plan>[0], now, DEFAULT_TIMING, () => 'new');
}

const removing = intent('a', [0], { deleting: true, deletionPolicy: 'Remove' });
const retaining = intent('a', [0], { deleting: true });

describe('a cluster that cannot be read', () => {
  it('gets no write, whatever the objects want', () => {
    expect(decide(LOST).step).toEqual({ kind: 'Observe' });
  });

  it.each([
    [1, true],
    [2, true],
    [3, false],
  ])('after %i failures in a row is a matter of silence: %s', (failedInARow, silent) => {
    expect(decide(LOST, { failedInARow }).outlook.silent).toBe(silent);
  });

  it('is reported at once where ARM gave a reason', () => {
    expect(decide(read(403, 'AuthorizationFailed')).outlook).toMatchObject({ silent: false });
  });

  it.each([
    [LOST, 'Unreachable', false],
    [read(503, 'ServerBusy'), 'Unreachable', false],
    [read(412, 'PreconditionFailed'), 'Unreachable', false],
    [read(429, 'TooManyRequests'), 'Throttled', false],
    [read(401, 'InvalidToken'), 'AccessDenied', false],
    [read(404, 'ResourceGroupNotFound'), 'AccessDenied', false],
    [ABSENT, 'ClusterNotFound', false],
  ])('names the reason of failure %#', (problem, reason, stalled) => {
    expect(decide(problem, { failedInARow: 3 }).outlook.hold).toMatchObject({ reason, stalled });
  });

  it.each([
    [1, SECOND],
    [3, 4 * SECOND],
    [30, 5 * MINUTE],
  ])('after %i failures in a row is read after %i ms', (failedInARow, afterMs) => {
    expect(decide(LOST, { failedInARow }).again).toEqual({ afterMs, jitter: true });
  });

  it.each([read(412, 'PreconditionFailed'), read(429, 'TooManyRequests', 0), read(503, 'ServerBusy', 0)])(
    'is never read again without a pause (%#)',
    (problem) => {
      for (const failedInARow of [1, 2, 3, 10])
        expect(decide(problem, { failedInARow }).again.afterMs).toBeGreaterThanOrEqual(SECOND);
    },
  );

  it('is left alone for as long as ARM asks for', () => {
    expect(decide(read(429, 'TooManyRequests', 17 * MINUTE)).again.afterMs).toBe(17 * MINUTE);
  });

  it('says what failed, how to fix it, and how old the reported state is', () => {
    const message = decide(read(401, 'InvalidToken'), { lastReadAt: START }).outlook.hold?.message;
    expect(message).toBe(
      `The controller could not read the cluster from ARM (HTTP 401, InvalidToken): says InvalidToken. Check the controller's credentials: tenant, client id, and the secret or federated credential. The reported state was read at ${second(START)}.`,
    );
  });

  it('shows the last count of a running operation, else what the record knows, and nothing before the first read', () => {
    const said = {
      type: 'NodesReimaged',
      status: 'False',
      reason: 'ReimageBlocked',
      message: 'm',
      lastTransitionTime: at(0),
    };
    const shown = (record: RecordStatus) =>
      decide(LOST, { record: { conditions: [said as never], ...record } }).outlook.nodesReimaged;
    expect(shown({ operation: operation() })).toEqual(said);
    expect(shown({ lastApplied: { at: at(START), proof: 'NodesSeen', nodes: 2 } })).toEqual({
      ...{ status: 'True', reason: 'Reimaged', message: 'All 2 nodes were replaced since the change' },
    });
    expect(decide(LOST).outlook.nodesReimaged).toMatchObject({ status: 'Unknown', reason: 'Unreachable' });
  });

  it('shows no count of a namespace any more once another namespace names the cluster', () => {
    const said = {
      type: 'NodesReimaged',
      status: 'False',
      reason: 'ReimageInProgress',
      message: '1 of 2',
      lastTransitionTime: at(0),
    };
    const nodes = { total: 2, reimaged: 1, excluded: 0, summary: '1/2' };
    const record = { conditions: [said as never], operation: operation(), nodes, countedBy: 'Namespace/team-a' };
    const others = [intent('a', [0], { namespace: 'team-a' }), intent('b', [0], { namespace: 'team-b' })];
    const first = decide(LOST, { record, intents: others });
    expect(first.outlook.nodesReimaged).toEqual({
      ...{ status: 'Unknown', reason: 'NodesUnreadable', message: 'The nodes are being counted again.' },
    });
  });

  it('keeps its record, with its operation', () => {
    const record = { slots: [slot(0, 'team/a/ca')], operation: operation() };
    expect(decide(LOST, { record }).record).toEqual({ ...record, clusterName: 'prod' });
  });
});

describe('an object that is deleted while its cluster cannot be read', () => {
  it('goes at once with Retain, after it was dropped from the record', () => {
    const record = {
      slots: [slot(0, 'team/a/ca', 'team/b/ca')],
      operation: operation({ adds: [named(1, 'team/a/ca')] }),
    };
    const decision = decide(LOST, { intents: [retaining, intent('b', [0])], record });
    const stays = [{ subject: mark(0), because: 'NamedByOthers' }];
    expect(decision.releases).toEqual([{ intent: retaining, stays, why: 'Retained' }]);
    expect(decision.record?.slots).toEqual([slot(0, 'team/b/ca')]);
    expect(decision.record?.operation?.updateTrust?.adds).toEqual([named(1)]);
  });

  it('goes as with Retain when it is suspended, and says so', () => {
    const suspended = intent('a', [0], { deleting: true, deletionPolicy: 'Remove', suspend: true });
    expect(decide(LOST, { intents: [suspended] }).releases).toEqual([{ intent: suspended, why: 'SuspendedRetained' }]);
  });

  it('waits with Remove', () => {
    expect(decide(LOST, { intents: [removing] }).releases).toEqual([]);
  });

  it('takes the record with it when it was the last and nothing is under way', () => {
    expect(decide(LOST, { intents: [retaining], record: { slots: [] } }).record).toBeUndefined();
    expect(decide(LOST, { intents: [retaining], record: { operation: operation() } }).record).toBeDefined();
  });
});

describe('an object with Remove whose cluster is not found', () => {
  const since = { absence: { since: at(START) } };

  it('waits for a second read that finds the same, at most five minutes', () => {
    const decision = decide(ABSENT, { intents: [removing], groupIsReadable: true });
    expect(decision.record?.absence).toEqual(since.absence);
    expect(decision.releases).toEqual([]);
    expect(decision.again.afterMs).toBe(MINUTE);
    const late = decide(ABSENT, { intents: [removing], groupIsReadable: true, failedInARow: 9 });
    expect(late.again.afterMs).toBe(5 * MINUTE);
    expect(decide(ABSENT, { failedInARow: 9 }).again.afterMs).toBe(10 * MINUTE);
  });

  it.each([
    [5 * MINUTE - 1, false],
    [5 * MINUTE, true],
  ])('after %i ms is let go: %s', (ms, gone) => {
    const decision = decide(ABSENT, { intents: [removing], groupIsReadable: true, record: since, now: START + ms });
    expect(decision.releases).toEqual(gone ? [{ intent: removing, why: 'ClusterGone' }] : []);
    expect(decision.record === undefined).toBe(gone);
  });

  it('is let go although an operation was recorded: there is nothing to see through', () => {
    const record = { ...since, operation: operation() };
    const decision = decide(ABSENT, { intents: [removing], groupIsReadable: true, record, now: START + 5 * MINUTE });
    expect(decision.record).toBeUndefined();
  });

  it('takes the record of an operation with it that no object is left for', () => {
    const record = { ...since, operation: operation() };
    const gone = decide(ABSENT, { intents: [], groupIsReadable: true, record, now: START + 5 * MINUTE });
    expect(gone.record).toBeUndefined();
    expect(decide(ABSENT, { intents: [], groupIsReadable: true, record }).record).toBeDefined();
  });

  it.each<[string, ArmFailure, boolean | undefined, boolean]>([
    ['when the group cannot be read', ABSENT, false, false],
    ['when the group was not asked', ABSENT, undefined, false],
    ['when access was denied', read(403, 'AuthorizationFailed'), true, false],
    ['when the group is not found, which may be a matter of access', read(404, 'ResourceGroupNotFound'), true, false],
    ['through a read that was not answered', LOST, undefined, true],
    ['through a read that was throttled', read(429, 'TooManyRequests'), undefined, true],
  ])('%s the wait goes on from its beginning: %#', (_when, problem, groupIsReadable, kept) => {
    const more = groupIsReadable === undefined ? {} : { groupIsReadable };
    const decision = decide(problem, { intents: [removing], record: since, now: START + 10 * MINUTE, ...more });
    expect(decision.releases).toEqual([]);
    expect(decision.record?.absence).toEqual(kept ? since.absence : undefined);
  });
});
