import { afterEach, describe, expect, it } from '@jest/globals';
import { parseClusterId, type ClusterId } from '../../src/api/resource-id.ts';
import type { ClusterModel } from '../../src/azure/cluster-model.ts';
import type { ClusterPage, ListScope } from '../../src/azure/cluster-page.ts';
import type { Outcome } from '../../src/azure/managed-clusters.ts';
import { createIdleClusters } from '../../src/controller/idle-clusters.ts';
import { ManualClock, settled } from '../runtime/manual-clock.ts';
import { failure } from '../harness/build.ts';

const MINUTE = 60_000;
const INTERVAL = 10 * MINUTE;

function idOf(name: string, { subscription = 'S1', group = 'RG' } = {}): ClusterId {
  return parseClusterId(
    `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`,
  )!;
}

function modelOf(elements: readonly string[] = []): ClusterModel {
  return { name: 'c', provisioningState: 'Succeeded', powerState: 'Running', elements, pools: [] };
}

const stop = new Set<AbortController>();
afterEach(() => {
  for (const one of stop) one.abort();
});

/** Polling of clusters whose LIST is answered as the test says. */
function pollingOf(ids: readonly ClusterId[], options: { pageSize?: number } = {}) {
  const clock = new ManualClock();
  const world = new Map(ids.map((id) => [id.key, modelOf()]));
  const asked: string[] = [];
  const woken: string[] = [];
  const refusals = new Map<string, ReturnType<typeof failure>>();
  const delays: number[] = [];
  const errors: unknown[] = [];
  const state: {
    ids: ClusterId[];
    hang?: string;
    failFrom?: { page: string; failure: ReturnType<typeof failure> };
    endless?: (next: string | undefined) => string;
    throws?: Error;
  } = { ids: [...ids] };
  const { pageSize = 100 } = options;
  const idle = createIdleClusters({
    clock,
    random: () => 0.5,
    interval: INTERVAL,
    clusters: () => state.ids,
    wake: (key, afterMs = 0) => {
      woken.push(key.slice(key.lastIndexOf('/') + 1));
      delays.push(afterMs);
    },
    onError: (error) => void errors.push(error),
    arm: {
      async list(scope: ListScope, next, wanted, signal): Promise<Outcome<ClusterPage>> {
        const name = `${scope.subscriptionId}/${scope.resourceGroup ?? ''}`.toLowerCase();
        asked.push(name);
        if (state.hang === name)
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
        if (state.throws) throw state.throws;
        if (state.endless)
          return { ok: true, value: { clusters: new Map(), readAt: clock.now(), next: state.endless(next) } };
        if (state.failFrom && state.failFrom.page === next) return { ok: false, failure: state.failFrom.failure };
        const refusal = refusals.get(name);
        if (refusal) return { ok: false, failure: refusal };
        const prefix = `/subscriptions/${scope.subscriptionId}/${scope.resourceGroup === undefined ? '' : `resourcegroups/${scope.resourceGroup}/`}`;
        const found = [...world].filter(([key]) => key.startsWith(prefix.toLowerCase()));
        const from = Number(next ?? 0);
        const clusters = new Map(found.slice(from, from + pageSize).filter(([key]) => wanted(key)));
        const end = from + pageSize;
        return {
          ok: true,
          value: { clusters, readAt: clock.now(), ...(end < found.length ? { next: String(end) } : {}) },
        };
      },
    },
  });
  const running = new AbortController();
  stop.add(running);
  return {
    idle,
    clock,
    world,
    asked,
    woken,
    delays,
    errors,
    refusals,
    state,
    start: () => {
      void idle.run(running.signal);
      return settled();
    },
    /** Every cluster that was woken is reconciled, and rests. */
    rest: () => {
      for (const id of state.ids.filter(({ name }) => woken.includes(name.toLowerCase()))) {
        const sighting = idle.take(id.key);
        idle.rest(id, sighting?.model ?? world.get(id.key) ?? modelOf());
      }
      woken.length = 0;
    },
    round: () => clock.advance(INTERVAL),
  };
}

const FLEET = ['a', 'b', 'c', 'd', 'e'].map((name) => idOf(name));

describe('polling of clusters at rest', () => {
  it('wakes all of them once at the start, each with what a LIST saw of it', async () => {
    const { idle, asked, woken, start } = pollingOf(FLEET);
    await start();
    expect(asked).toEqual(['s1/']);
    expect(woken).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(idle.take(FLEET[0]!.key)).toMatchObject({ model: modelOf() });
    expect(idle.take(FLEET[0]!.key)).toBeUndefined();
  });

  it('wakes no cluster while nothing changes, at one LIST a round', async () => {
    const { asked, woken, start, rest, round } = pollingOf(FLEET);
    await start();
    rest();
    await round();
    await round();
    expect(asked).toHaveLength(3);
    expect(woken).toEqual([]);
  });

  it('wakes the cluster that has changed, and not for its eTag', async () => {
    const { world, woken, start, rest, round } = pollingOf(FLEET);
    await start();
    rest();
    world.set(FLEET[1]!.key, modelOf(['x']));
    world.set(FLEET[2]!.key, { ...modelOf(), eTag: 'another' });
    await round();
    expect(woken).toEqual(['b']);
  });

  it('wakes a cluster that is no longer listed, and sees nothing in that it is absent', async () => {
    const { idle, world, woken, start, rest, round } = pollingOf(FLEET);
    await start();
    rest();
    world.delete(FLEET[3]!.key);
    await round();
    expect(woken).toEqual(['d']);
    expect(idle.take(FLEET[3]!.key)).toBeUndefined();
    // No LIST shows it, so its next read must be scheduled by itself.
    expect(idle.rest(FLEET[3]!, modelOf())).toBe(false);
  });

  it('leaves a cluster alone that has something to do, until it rests again', async () => {
    const { idle, world, woken, start, rest, round } = pollingOf(FLEET);
    await start();
    rest();
    world.set(FLEET[1]!.key, modelOf(['x']));
    await round();
    woken.length = 0;
    world.set(FLEET[1]!.key, modelOf(['y']));
    await round();
    expect(woken).toEqual([]);
    idle.rest(FLEET[1]!, modelOf(['y']));
    await round();
    expect(woken).toEqual([]);
    world.set(FLEET[1]!.key, modelOf(['z']));
    await round();
    expect(woken).toEqual(['b']);
  });

  it('does not list for a single cluster: a GET costs as much and returns more', async () => {
    const alone = idOf('alone', { subscription: 'S2' });
    const { idle, asked, woken, start } = pollingOf([...FLEET, alone]);
    await start();
    expect(asked).toEqual(['s1/']);
    expect(woken).toContain('alone');
    expect(idle.take(alone.key)).toBeUndefined();
    expect(idle.rest(alone, modelOf())).toBe(false);
  });

  it('asks group by group where the subscription may not be listed, and cluster by cluster where no group may', async () => {
    const ids = [...FLEET, idOf('f', { group: 'other' }), idOf('g', { group: 'OTHER' }), idOf('h', { group: 'third' })];
    const { idle, asked, woken, refusals, start, rest, round } = pollingOf(ids);
    refusals.set('s1/', failure(403, 'AuthorizationFailed'));
    refusals.set('s1/rg', failure(403, 'AuthorizationFailed'));
    await start();
    expect(asked).toEqual(['s1/', 's1/rg', 's1/other']);
    expect(woken.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    expect(idle.take(ids[0]!.key)).toBeUndefined();
    expect(idle.take(ids[5]!.key)).toBeDefined();
    rest();
    expect(idle.rest(ids[0]!, modelOf())).toBe(false);
    expect(idle.rest(ids[5]!, modelOf())).toBe(true);
    asked.length = 0;
    await round();
    // A refused scope is not listed again in every round, only once a day.
    expect(asked).toEqual(['s1/other']);
    expect(woken).toEqual([]);
    for (let n = 0; n < 143; n++) await round();
    expect(asked).toContain('s1/');
  });

  it.each<[string, ReturnType<typeof failure>]>([
    ['throttles', failure(429, 'Throttled')],
    ['says that its budget is used up', failure(429, 'BudgetUsedUp')],
    ['says when to come back', failure(503, 'ServiceUnavailable', { retryAfterMs: 60_000 })],
  ])('wakes all at the start when ARM %s, so that each reads itself, and no cluster later', async (_what, fault) => {
    const { idle, asked, woken, refusals, start, rest, round } = pollingOf(FLEET);
    refusals.set('s1/', fault);
    await start();
    expect(woken).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(asked).toEqual(['s1/']);
    rest();
    refusals.clear();
    await round();
    for (const id of FLEET) expect(idle.rest(id, modelOf())).toBe(true);
    refusals.set('s1/', fault);
    await round();
    expect(woken).toEqual([]);
  });

  describe.each<[string, ReturnType<typeof failure>]>([
    ['is away', failure(0, 'NoAnswer')],
    ['answers nonsense', failure(200, 'InvalidAnswer')],
    ['fails', failure(500, 'InternalServerError')],
    ['refuses', failure(400, 'BadRequest', { call: 'ListManagedClusters' })],
    ['does not know the api-version', failure(400, 'NoRegisteredProviderFound')],
    ['is not found', failure(404, 'NotFound', { call: 'ListManagedClusters' })],
  ])('when the LIST of a subscription %s', (_what, fault) => {
    it('finds drift within a round by the LISTs of the groups', async () => {
      const { world, asked, woken, refusals, start, rest, round } = pollingOf(FLEET);
      await start();
      rest();
      asked.length = 0;
      refusals.set('s1/', fault);
      world.set(FLEET[1]!.key, modelOf(['x']));
      await round();
      expect(asked).toEqual(['s1/', 's1/rg']);
      expect(woken).toEqual(['b']);
    });

    it('wakes each cluster where the LIST of its group fails as well, once', async () => {
      const { idle, asked, woken, refusals, start, rest, round } = pollingOf(FLEET);
      await start();
      rest();
      asked.length = 0;
      refusals.set('s1/', fault);
      refusals.set('s1/rg', fault);
      await round();
      expect(woken).toEqual(['a', 'b', 'c', 'd', 'e']);
      // From now on each has a read of its own scheduled.
      for (const id of FLEET) expect(idle.rest(id, modelOf())).toBe(false);
      woken.length = 0;
      await round();
      expect(woken).toEqual([]);
      refusals.clear();
      await round();
      for (const id of FLEET) expect(idle.rest(id, modelOf())).toBe(true);
    });

    it('wakes all at the start', async () => {
      const { woken, refusals, start } = pollingOf(FLEET);
      refusals.set('s1/', fault);
      refusals.set('s1/rg', fault);
      await start();
      expect(woken).toEqual(['a', 'b', 'c', 'd', 'e']);
    });
  });

  it('asks for few groups when they fail one after another, and spreads the reads of a whole fleet over the interval', async () => {
    const many = Array.from({ length: 12_000 }, (_, n) => idOf(`m${n}`, { group: `g${n % 500}` }));
    const { asked, delays, refusals, start } = pollingOf(many);
    for (const name of ['', ...Array.from({ length: 500 }, (_, n) => `g${n}`)])
      refusals.set(`s1/${name}`, failure(500, 'InternalServerError'));
    await start();
    expect(asked).toEqual(['s1/', 's1/g0', 's1/g1', 's1/g2']);
    expect(delays).toHaveLength(12_000);
    expect(Math.max(...delays)).toBeGreaterThan(0.7 * INTERVAL);
    expect(Math.max(...delays)).toBeLessThan(0.81 * INTERVAL);
  });

  it('goes on with what the pages before a failure did not show', async () => {
    const { world, asked, woken, state, refusals, start, rest, round } = pollingOf(FLEET, { pageSize: 2 });
    await start();
    rest();
    asked.length = 0;
    world.set(FLEET[0]!.key, modelOf(['x']));
    state.failFrom = { page: '2', failure: failure(500, 'InternalServerError') };
    refusals.set('s1/rg', failure(500, 'InternalServerError'));
    await round();
    expect(woken).toEqual(['a', 'c', 'd', 'e']);
  });

  it.each([
    ['names a page again', (next: string | undefined) => (next === '1' ? '0' : '1')],
    ['names new pages for ever', (next: string | undefined) => String(Number(next ?? 0) + 1)],
  ])('ends a LIST that %s', async (_what, endless) => {
    const { asked, woken, state, start } = pollingOf(FLEET);
    state.endless = endless;
    await start();
    expect(asked.length).toBeLessThanOrEqual(2002);
    expect(new Set(woken).size).toBe(5);
  });

  it('goes on with the next round after a call that throws', async () => {
    const { world, woken, state, errors, start, rest, round } = pollingOf(FLEET);
    await start();
    rest();
    state.throws = new RangeError('Invalid time value');
    await round();
    expect(errors).toContain(state.throws);
    expect(woken).toEqual(['a', 'b', 'c', 'd', 'e']);
    delete state.throws;
    rest();
    await round();
    rest();
    world.set(FLEET[1]!.key, modelOf(['x']));
    await round();
    expect(errors).toHaveLength(2);
  });

  it('is not held up by a subscription that does not answer', async () => {
    const others = ['x', 'y'].map((name) => idOf(name, { subscription: 'S2' }));
    const { woken, state, start } = pollingOf([...FLEET, ...others]);
    state.hang = 's1/';
    await start();
    expect(woken).toEqual(['x', 'y']);
  });

  it('asks for the next page when passes have caught up with the last', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => idOf(`m${n}`));
    const { idle, asked, start, state } = pollingOf(many);
    await start();
    expect(asked).toHaveLength(2);
    for (const { key } of state.ids.slice(0, 150)) idle.take(key);
    await settled();
    await settled();
    expect(asked).toHaveLength(4);
  });

  it('returns no sighting that has become old', async () => {
    const { idle, clock, start } = pollingOf(FLEET);
    await start();
    clock.jump(31_000);
    expect(idle.take(FLEET[0]!.key)).toBeUndefined();
  });

  it('wakes every cluster every sixty rounds', async () => {
    const { woken, start, rest, round } = pollingOf(FLEET);
    await start();
    rest();
    for (let n = 0; n < 59; n++) await round();
    expect(woken).toEqual([]);
    await round();
    expect(woken).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('notices clusters that come later, and forgets those that went', async () => {
    const { idle, woken, world, state, start, rest, round } = pollingOf(FLEET);
    await start();
    rest();
    const late = idOf('late');
    state.ids = [...FLEET.slice(1), late];
    world.set(late.key, modelOf());
    world.set(FLEET[0]!.key, modelOf(['x']));
    expect(idle.rest(late, modelOf())).toBe(false);
    await round();
    expect(woken).toEqual([]);
    expect(idle.rest(late, modelOf())).toBe(true);
  });
});
