import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { entry, eventually, fingerprints, isReady, listed, roots, startRig, type Rig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const NAMES = ['one', 'two', 'three', 'four', 'five'];

/** Five clusters with an object each, all seen through, and nobody at work on them. */
async function aFleet(): Promise<SimulatedCluster[]> {
  const clusters = await Promise.all(NAMES.map(() => rig.addCluster()));
  const first = await rig.startController();
  await Promise.all(
    NAMES.map((name, n) => rig.apply(name, clusters[n]!, { certificates: [entry('a', ...roots(0, 1))] })),
  );
  for (const name of NAMES) await rig.until(name, isReady, 'Ready');
  await first.stop();
  rig.simulator.clearJournal();
  return clusters;
}

const asked = (operation: string) => rig.simulator.journal().filter((call) => call.operation === operation).length;
const LIST = 'ListManagedClusters';
const LIST_OF_GROUP = 'ListManagedClustersByResourceGroup';

describe('a controller that starts over clusters at rest', () => {
  it('asks for none of them, now or later: one LIST tells of all', async () => {
    await aFleet();
    const versions = () => Promise.all(NAMES.map(async (name) => (await rig.get(name))?.metadata.resourceVersion));
    const before = await versions();
    await rig.startController({ timing: { drift: 100 } });
    await eventually(async () => asked(LIST) >= 10);
    expect(asked('GetManagedCluster')).toBe(0);
    expect(asked('PutManagedCluster')).toBe(0);
    expect(await versions()).toEqual(before);
  });

  it('asks for the one that a LIST shows to be other than it was, and puts it right', async () => {
    const clusters = await aFleet();
    await rig.startController({ timing: { drift: 100 } });
    await eventually(async () => asked(LIST) >= 3);
    clusters[2]!.setListSilently([]);
    await eventually(async () => listed(clusters[2]!).length === 2 && asked('PutManagedCluster') === 1);
    expect(listed(clusters[2]!)).toEqual(fingerprints(0, 1));
    await rig.until('three', isReady, 'Ready');
    const others = rig.simulator
      .journal()
      .filter(
        ({ operation, resourceId }) => operation === 'GetManagedCluster' && resourceId !== clusters[2]!.resourceId,
      );
    expect(others).toEqual([]);
  });

  it('asks group by group, and then cluster by cluster, where its role is narrower', async () => {
    const clusters = await aFleet();
    const actions = ['Microsoft.ContainerService/managedClusters/read'];
    const narrow = rig.simulator.addClient({
      roles: clusters.map(({ resourceId }) => ({ scope: resourceId, actions })),
    });
    await rig.startController({ timing: { drift: 100 }, client: narrow });
    await eventually(async () => asked('GetManagedCluster') >= 15);
    expect(asked(LIST)).toBe(1);
    expect(asked(LIST_OF_GROUP)).toBe(1);
    expect(asked('PutManagedCluster')).toBe(0);
    for (const name of NAMES) expect(isReady((await rig.get(name))!)).toBe(true);
  });

  it('sees nothing in it that a cluster is absent from a LIST', async () => {
    const clusters = await aFleet();
    rig.simulator.faults.add({ operation: LIST, rawBody: '{"value":[]}' });
    await rig.startController({ timing: { drift: 60_000 } });
    await eventually(async () => asked('GetManagedCluster') >= clusters.length);
    expect(asked('PutManagedCluster')).toBe(0);
    for (const name of NAMES) expect(isReady((await rig.get(name))!)).toBe(true);
  });
});
