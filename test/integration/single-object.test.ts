import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { entry, isReady, roots, startRig, type Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 180_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

describe('one object', () => {
  it('brings its certificates to ARM in one write and is ready when every Linux node is new', async () => {
    const cluster = await rig.addCluster({
      nodes: true,
      pools: [
        { name: 'system', count: 2 },
        { name: 'win', osType: 'Windows', count: 1 },
      ],
    });
    const before = cluster.nodes();
    await rig.startController();
    await rig.apply('roots', cluster, {
      certificates: [entry('a', ...roots(0, 1)), entry('b', ...roots(2))],
      target: { nodeAccess: { kubeconfigSecretRef: { name: 'nodes' } }, resourceId: '' },
    });
    const object = await rig.until('roots', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
    expect(cluster.list().map((element) => Buffer.from(element, 'base64').toString())).toEqual(roots(0, 1, 2));
    expect(object.status?.certificateSlots?.summary).toBe('3/10');
    expect(object.status?.nodes).toMatchObject({ total: 2, reimaged: 2, excluded: 1 });
    const uids = new Map(before.map(({ name, uid }) => [name, uid]));
    for (const node of cluster.nodes()) expect(node.uid === uids.get(node.name)).toBe(node.osType === 'Windows');
  });
});
