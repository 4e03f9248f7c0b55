import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.ts';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { breakGround, type Ground } from './ground.ts';
import { createTrusts } from './trusts.ts';

jest.setTimeout(120_000);

const GOOD = 9;
const EDITS = 3;

let ground: Ground;
beforeAll(async () => {
  ground = await breakGround();
}, 120_000);
afterAll(() => ground.stop());

describe('a cluster for which ARM takes a minute to fail', () => {
  it('keeps one worker at a time, and none of the other clusters waits for it', async () => {
    const { simulator } = ground;
    const bad = await ground.addCluster();
    const good: SimulatedCluster[] = [];
    for (let index = 0; index < GOOD; index++) good.push(await ground.addCluster());
    // Simulated ms: a minute of real time, in which everything below is over.
    const slow = { resourceId: bad.resourceId, latencyMs: 60 * 60_000, times: Infinity, status: 500, code: 'Slow' };
    simulator.faults.add(slow);
    const controller = await ground.start({ flags: ['--workers=2'] });
    const trusts = createTrusts(ground);
    await trusts.put('bad', bad, 0);
    const asked = () => simulator.journal().filter(({ resourceId }) => resourceId === bad.resourceId);
    await eventually(async () => asked().length > 0);
    for (let edit = 0; edit < EDITS; edit++) {
      for (const [index, cluster] of good.entries()) await trusts.put(`good-${index}`, cluster, edit);
      // The bad one's object is edited as well, and is no reason to ask twice at a time.
      await trusts.put('bad', bad, edit);
      await eventually(async () => good.every((cluster) => puts(cluster) === edit + 1 && isQuiet(cluster)), 30_000);
    }
    expect(asked().map(({ status }) => status)).toEqual([0]);
    expect(good.map(puts)).toEqual(good.map(() => EDITS));
    controller.kill('SIGKILL');
    await controller.exit;
  });

  function puts(cluster: SimulatedCluster): number {
    const written = ground.simulator.journal().filter(({ operation }) => operation === 'PutManagedCluster');
    return written.filter(({ resourceId, status }) => resourceId === cluster.resourceId && status === 200).length;
  }

  function isQuiet(cluster: SimulatedCluster): boolean {
    return cluster.provisioningState === 'Succeeded';
  }
});
