import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createBudgets } from '../../src/azure/budgets.ts';
import { BUDGET_USED_UP, createManagedClusters, type ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { CALM, clustersOver, failureOf, idOf, startArmRig, valueOf, type ArmRig } from './arm-rig.ts';

let rig: ArmRig;
let arm: ManagedClusters;
const ALL = () => true;
beforeAll(async () => {
  rig = await startArmRig({ pageSize: 2 });
  ({ arm } = clustersOver(await rig.transport(), 4711));
  for (const name of ['a', 'b', 'c']) rig.simulator.addCluster({ name, resourceGroup: 'rg' });
  for (const name of ['d', 'e']) rig.simulator.addCluster({ name, resourceGroup: 'other' });
});
afterEach(() => rig.simulator.faults.clear());
afterAll(() => rig.simulator.stop());

const subscription = () => ({ subscriptionId: rig.simulator.subscriptionId });
const namesOf = (keys: Iterable<string>) => [...keys].map((key) => key.slice(key.lastIndexOf('/') + 1));

describe('a LIST of clusters', () => {
  it('comes page by page, by lower-cased id, as a GET shows them', async () => {
    const first = valueOf(await arm.list(subscription(), undefined, ALL, CALM));
    const second = valueOf(await arm.list(subscription(), first.next, ALL, CALM));
    const last = valueOf(await arm.list(subscription(), second.next, ALL, CALM));
    expect(last.next).toBeUndefined();
    const pages = [first, second, last].map(({ clusters }) => namesOf(clusters.keys()));
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(pages.flat().toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    for (const [key, model] of first.clusters) {
      const got = valueOf(await arm.get(idOf({ resourceId: key }), CALM));
      expect(model).toEqual(got.model);
    }
    expect(first.readAt).toBe(4711);
  });

  it('of a group has that group only, in whatever case it is asked for', async () => {
    const scope = { ...subscription(), resourceGroup: 'OTHER' };
    expect(namesOf(valueOf(await arm.list(scope, undefined, ALL, CALM)).clusters.keys()).toSorted()).toEqual([
      'd',
      'e',
    ]);
  });

  it('reads only the clusters that are wanted', async () => {
    const page = valueOf(await arm.list(subscription(), undefined, (key) => key.endsWith('/a'), CALM));
    expect(namesOf(page.clusters.keys())).toEqual(['a']);
  });

  it('leaves out what cannot be read of it, and has the rest', async () => {
    const id = (name: string) =>
      `/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`;
    const items = [null, 7, {}, { id: 'x' }, { id: id('bad'), properties: 'text' }, WHOLE(id('good'))];
    rig.simulator.faults.add({ operation: 'ListManagedClusters', rawBody: JSON.stringify({ value: items }) });
    const { clusters, next } = valueOf(await arm.list(subscription(), undefined, ALL, CALM));
    expect(namesOf(clusters.keys())).toEqual(['good']);
    expect(next).toBeUndefined();
  });

  it.each(['<html>sign in</html>', '{"value":', '[]', '{"value":{}}', ''])(
    'that is no list is an error: %s',
    async (body) => {
      rig.simulator.faults.add({ operation: 'ListManagedClusters', rawBody: body });
      const failure = failureOf(await arm.list(subscription(), undefined, ALL, CALM));
      expect(failure).toMatchObject({ reason: 'Unreachable', code: 'InvalidAnswer' });
    },
  );

  it('that goes on at a foreign address is not followed', async () => {
    const evil = 'https://evil.example/subscriptions/s/providers/Microsoft.ContainerService/managedClusters';
    const failure = failureOf(await arm.list(subscription(), evil, ALL, CALM));
    expect(failure.reason).toBe('Unreachable');
    expect(rig.simulator.journal().every(({ path }) => !path.includes('evil'))).toBe(true);
  });

  it('is refused where the role does not reach', async () => {
    const client = rig.simulator.addClient({
      roles: [{ scope: '/subscriptions/other', actions: ['*'] }],
    });
    const narrow = clustersOver(await rig.transport({ ...rig.secret, ...client })).arm;
    expect(failureOf(await narrow.list(subscription(), undefined, ALL, CALM)).reason).toBe('AccessDenied');
  });
});

describe('calls that are counted', () => {
  it('are not made when the budget is used up: the failure says until when, and not that ARM refused', async () => {
    const time = { now: 0 };
    const counted = createManagedClusters({
      transport: await rig.transport(),
      now: () => time.now,
      budgets: createBudgets(),
    });
    const id = idOf(rig.simulator.addCluster({ name: 'counted' }));
    for (let n = 0; n < 60; n++) valueOf(await counted.get(id, CALM));
    const before = rig.simulator.journal().length;
    const failure = failureOf(await counted.get(id, CALM));
    expect(failure).toMatchObject({ code: BUDGET_USED_UP, reason: 'Throttled', retryAfterMs: 1000, refused: true });
    expect(rig.simulator.journal()).toHaveLength(before);
    // Nor does it quiet the cluster: a write has a budget of its own.
    expect(counted.waitToPut(id)).toBe(0);
    time.now += 1000;
    valueOf(await counted.get(id, CALM));
  });
});

const WHOLE = (id: string) => ({ id, name: 'good', properties: { provisioningState: 'Succeeded' } });
