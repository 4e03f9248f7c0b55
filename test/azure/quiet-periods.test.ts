import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { parseClusterId, type ClusterId } from '../../src/api/resource-id.ts';
import { createBudgets, type Budgets } from '../../src/azure/budgets.ts';
import { createManagedClusters, type ManagedClusters } from '../../src/azure/managed-clusters.ts';
import type { ArmRequest, ArmResponse } from '../../src/azure/transport.ts';
import { CALM, clustersOver, failureOf, idOf, startArmRig, type ArmRig } from './arm-rig.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const SUBSCRIPTION = randomUUID();

function clusterId(name: string, subscription: string = SUBSCRIPTION): ClusterId {
  const id = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`;
  return parseClusterId(id)!;
}

interface Scripted {
  readonly status: number;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Managed clusters over ARM that answers what a test says, on a clock that a test moves. */
function scripted(budgets?: Budgets) {
  const sent: ArmRequest[] = [];
  const time = { now: START };
  let next: Scripted | undefined;
  const arm = createManagedClusters({
    now: () => time.now,
    ...(budgets ? { budgets } : {}),
    transport: {
      sdk: () => {
        throw new Error('not used here');
      },
      async send(request): Promise<ArmResponse> {
        sent.push(request);
        const { status, code = 'Whatever', headers = {} } = next ?? { status: 200 };
        next = undefined;
        const text = status === 200 ? CLUSTER : JSON.stringify({ error: { code, message: 'x' } });
        return { status, text, header: (name) => headers[name] };
      },
    },
  });
  return { arm, time, sent, script: (answer: Scripted) => void (next = answer) };
}

const CLUSTER = '{"name":"c","properties":{"provisioningState":"Succeeded"}}';
const A = clusterId('a');
const B = clusterId('b');

let over: ReturnType<typeof scripted>;
beforeEach(() => {
  over = scripted();
});
const read = (id: ClusterId) => over.arm.get(id, CALM);
const write = (id: ClusterId) => over.arm.put(id, '{}', undefined, 'op/1', CALM);

describe('a pause that ARM asks for', () => {
  const date = (ms: number) => new Date(ms).toUTCString();

  it.each<[string, Scripted, number]>([
    ['seconds', { status: 429, headers: { 'retry-after': '17' } }, 17_000],
    ['parts of a second', { status: 429, headers: { 'retry-after': ' 0.5 ' } }, 500],
    ['a date', { status: 429, headers: { 'retry-after': date(START + 42_000) } }, 42_000],
    ['a date, with a 503', { status: 503, headers: { 'retry-after': date(START + 42_000) } }, 42_000],
    ['seconds, with a 503', { status: 503, headers: { 'retry-after': '90' } }, 90_000],
  ])('in %s is kept to the end, and no longer', async (_form, answer, ms) => {
    over.script(answer);
    expect(failureOf(await write(A))).toMatchObject({ reason: 'Throttled', retryAfterMs: ms });
    over.time.now += ms - 1;
    expect(failureOf(await read(A))).toMatchObject({ reason: 'Throttled', code: 'QuietPeriod', retryAfterMs: 1 });
    expect(over.sent).toHaveLength(1);
    over.time.now += 1;
    expect((await read(A)).ok).toBe(true);
  });

  it.each<[string, Scripted]>([
    ['no Retry-After', { status: 429 }],
    ['an empty one', { status: 429, headers: { 'retry-after': '' } }],
    ['one that nobody can read', { status: 429, headers: { 'retry-after': 'soon' } }],
  ])('with %s lasts as long as the first wait after a 429', async (_form, answer) => {
    over.script(answer);
    expect(failureOf(await write(A))).not.toHaveProperty('retryAfterMs');
    over.time.now += 29_999;
    expect((await read(A)).ok).toBe(false);
    over.time.now += 1;
    expect((await read(A)).ok).toBe(true);
  });

  it('until a date that is over is over, and throttled it was all the same', async () => {
    over.script({ status: 503, headers: { 'retry-after': date(START - 5000) } });
    expect(failureOf(await write(A))).toMatchObject({ reason: 'Throttled', retryAfterMs: 0 });
    expect((await read(A)).ok).toBe(true);
  });

  it.each(['31536000', '1e300', '9999999999999', '9007199254740993', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'is over within an hour, and every call is an answer: Retry-After %s',
    async (header) => {
      over.script({ status: 429, code: 'SubscriptionRequestsThrottled', headers: { 'retry-after': header } });
      expect(failureOf(await read(A))).toMatchObject({ reason: 'Throttled' });
      over.time.now += 1000;
      expect(failureOf(await read(B))).toMatchObject({ reason: 'Throttled', code: 'QuietPeriod' });
      over.time.now += 3_600_000;
      expect((await read(B)).ok).toBe(true);
    },
  );

  it('quiets every call for that cluster, and no other cluster', async () => {
    over.script({ status: 429, code: 'Throttled', headers: { 'retry-after': '60' } });
    await write(A);
    expect((await read(A)).ok).toBe(false);
    expect(failureOf(await write(A))).toMatchObject({ code: 'QuietPeriod', refused: true, stalled: false });
    expect(await over.arm.groupIsReadable(A, CALM)).toBe(false);
    expect(over.sent).toHaveLength(1);
    expect((await read(B)).ok).toBe(true);
  });

  it('quiets the cluster in whatever case its id is written', async () => {
    over.script({ status: 429, headers: { 'retry-after': '60' } });
    await write(A);
    expect((await read(parseClusterId(A.resourceId.toUpperCase())!)).ok).toBe(false);
  });

  it("quiets every cluster of the subscription where the subscription's bucket is empty, and no other", async () => {
    over.script({ status: 429, code: 'SubscriptionRequestsThrottled', headers: { 'retry-after': '6' } });
    await read(A);
    expect((await read(B)).ok).toBe(false);
    expect((await write(clusterId('d', SUBSCRIPTION.toUpperCase()))).ok).toBe(false);
    expect((await read(clusterId('c', randomUUID()))).ok).toBe(true);
    over.time.now += 6000;
    expect((await read(B)).ok).toBe(true);
  });

  it('is not made shorter by a later answer', async () => {
    const asked = Promise.withResolvers<void>();
    const { arm, time } = clustersOver(
      {
        sdk: () => {
          throw new Error('not used here');
        },
        async send({ method }) {
          if (method === 'GET') await asked.promise;
          const headers: Record<string, string> = { 'retry-after': method === 'GET' ? '1' : '60' };
          return { status: 429, text: '', header: (name) => headers[name] };
        },
      },
      START,
    );
    const slow = arm.get(A, CALM);
    await arm.put(A, '{}', undefined, 'op/1', CALM);
    asked.resolve();
    await slow;
    time.now += 59_999;
    expect(failureOf(await arm.get(A, CALM))).toMatchObject({ code: 'QuietPeriod', retryAfterMs: 1 });
  });

  it('does not follow from a budget of our own that is used up: other calls go on', async () => {
    over = scripted(createBudgets());
    let kept = await write(A);
    while (kept.ok) kept = await write(A);
    expect(failureOf(kept)).toMatchObject({ code: 'BudgetUsedUp', reason: 'Throttled' });
    expect((await read(A)).ok).toBe(true);
  });

  it('does not follow from other failures', async () => {
    for (const status of [400, 403, 404, 409, 412, 500, 503]) {
      over.script({ status });
      await read(A);
      expect((await read(A)).ok).toBe(true);
    }
  });
});

describe("AKS' own buckets", () => {
  let rig: ArmRig;
  let arm: ManagedClusters;
  beforeAll(async () => {
    rig = await startArmRig({ throttling: true });
    ({ arm } = clustersOver(await rig.transport()));
  });
  afterAll(() => rig.simulator.stop());

  it('let twenty writes through; the next says when, and the calls after it are not even made', async () => {
    const id = idOf(rig.simulator.addCluster({ name: 'busy' }));
    for (let n = 0; n < 20; n++) expect((await arm.put(id, '{}', undefined, 'op/1', CALM)).ok).toBe(true);
    expect(failureOf(await arm.put(id, '{}', undefined, 'op/1', CALM))).toMatchObject({
      reason: 'Throttled',
      code: 'Throttled',
      retryAfterMs: 60_000,
      refused: true,
    });
    const before = rig.simulator.journal().length;
    expect((await arm.put(id, '{}', undefined, 'op/1', CALM)).ok).toBe(false);
    expect((await arm.get(id, CALM)).ok).toBe(false);
    expect(rig.simulator.journal()).toHaveLength(before);
  });
});
