import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { replaceList } from '../../src/azure/replace-list.ts';
import { CALM, clustersOver, idOf, startArmRig, valueOf, type ArmRig } from './arm-rig.ts';

let rig: ArmRig;
let arm: ManagedClusters;
beforeAll(async () => {
  rig = await startArmRig();
  ({ arm } = clustersOver(await rig.transport()));
});
afterAll(() => rig.simulator.stop());

describe.each(['Überwachung', 'Instruktører', '生产', 'إنتاج', 'rg-(old)', 'rg.prod_01'])(
  'a cluster in the group %s',
  (group) => {
    it('is read, listed and written, in any case of its id', async () => {
      const cluster = rig.simulator.addCluster({ name: 'prod', resourceGroup: group });
      const id = idOf(cluster);
      const { text, model } = valueOf(await arm.get(id, CALM));
      expect(valueOf(await arm.get(idOf({ resourceId: id.resourceId.toUpperCase() }), CALM)).model.name).toBe('prod');
      for (const scope of [
        { subscriptionId: id.subscriptionId },
        { subscriptionId: id.subscriptionId, resourceGroup: group },
      ]) {
        const page = valueOf(await arm.list(scope, undefined, () => true, CALM));
        expect([...page.clusters.keys()]).toContain(id.key);
      }
      expect(await arm.groupIsReadable(id, CALM)).toBe(true);
      expect((await arm.put(id, replaceList(text, []), model.eTag, 'op/1', CALM)).ok).toBe(true);
    });
  },
);
