import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findRoute } from '../../simulator/arm/routes.ts';
import { condition, entry, isReady, roots, SEES_NODES, startRig, type Rig } from '../integration/rig.ts';

const { Actions } = JSON.parse(readFileSync(new URL('../../deploy/azure/role.json', import.meta.url), 'utf8')) as {
  Actions: readonly string[];
};

let rig: Rig;
let clientId: string;
beforeAll(async () => {
  rig = await startRig();
  await rig.startController();
  // Who the controller is, the journal tells.
  const cluster = await rig.addCluster();
  await rig.apply('first', cluster, { certificates: [] });
  await rig.until('first', isReady, 'Ready');
  clientId = rig.simulator.journal()[0]?.clientId ?? '';
  await rig.remove('first');
  await rig.untilGone('first');
}, 180_000);
afterAll(() => rig.stop());

/** Gives the controller this role at the resource group of the clusters, and nothing else. */
function grant(actions: readonly string[]): void {
  const scope = `/subscriptions/${rig.simulator.subscriptionId}/resourceGroups/rg`;
  rig.simulator.setRoles(clientId, [{ scope, actions }]);
  rig.simulator.clearJournal();
}

/** The actions that ARM checked since the grant, and those among them that it refused. */
function checked(): { used: string[]; refused: string[] } {
  const actionOf = ({ method, path }: { method: string; path: string }) => findRoute(method, path).action ?? path;
  const requests = rig.simulator.journal();
  const used = [...new Set(requests.map(actionOf))].sort();
  // A role at a resource group may not list the subscription: the group is listed then.
  const refusals = requests.filter(({ status, operation }) => status === 403 && operation !== 'ListManagedClusters');
  const refused = [...new Set(refusals.map(actionOf))];
  return { used, refused };
}

describe('the Azure role', () => {
  it('needs only to read and write clusters for an object that comes, changes and goes', async () => {
    grant(['Microsoft.ContainerService/managedClusters/read', 'Microsoft.ContainerService/managedClusters/write']);
    const cluster = await rig.addCluster({ nodes: true });
    const spec = { target: SEES_NODES, deletionPolicy: 'Remove' as const };
    await rig.apply('life', cluster, { ...spec, certificates: [entry('a', ...roots(0))] });
    await rig.until('life', isReady, 'Ready');
    await rig.apply('life', cluster, { ...spec, certificates: [entry('a', ...roots(1))] });
    await rig.until('life', isReady, 'Ready again');
    await rig.remove('life');
    await rig.untilGone('life');
    expect(cluster.list()).toEqual([]);
    expect(checked().refused).toEqual([]);
  }, 60_000);

  it('also lets maintenance windows be waited for and deleted clusters be distinguished from hidden ones, and no more', async () => {
    grant(Actions);
    const closed = await rig.addCluster();
    const { resourceId } = closed;
    rig.simulator.faults.add({
      operation: 'PutManagedCluster',
      resourceId,
      status: 400,
      code: 'OperationOutsideNodeDisruptionWindow',
      message: 'outside of the window',
    });
    await rig.apply('closed', closed, { certificates: [entry('a', ...roots(0))] });
    const waits = 'WaitingForMaintenanceWindow';
    await rig.until('closed', (object) => condition(object, 'Ready')?.reason === waits, 'waiting for the window');

    const lost = await rig.addCluster();
    await rig.apply('lost', lost, { deletionPolicy: 'Remove', certificates: [entry('a', ...roots(0))] });
    await rig.until('lost', isReady, 'Ready');
    await lost.delete();
    await rig.remove('lost');
    await rig.untilGone('lost');

    expect(checked()).toEqual({ used: Actions.toSorted(), refused: [] });
  }, 60_000);
});
