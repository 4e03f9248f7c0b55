import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { condition, entry, isReady, roots, startRig, type Rig } from './rig.ts';
import { createProcesses, type Processes } from './processes.ts';

jest.setTimeout(90_000);

let rig: Rig;
let processes: Processes;
beforeAll(async () => {
  rig = await startRig();
  processes = createProcesses(rig);
}, 600_000);
afterEach(async () => {
  await processes.stopAll();
  await rig.cleanUp();
});
afterAll(() => rig.stop());

/** AKS takes 20 writes to one cluster, and one more a minute; this simulator takes as many as come. */
const ALLOWED = 20;

/** Edits an object so often, each time after it was Ready. */
async function edit(cluster: SimulatedCluster, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(n % 2))] });
    await rig.until('one', isReady, `Ready after edit ${n + 1}`);
  }
}

describe('the writes that AKS allows to one cluster', () => {
  it('are kept to by a controller as it is installed, which says what the next one waits for', async () => {
    const cluster = await rig.addCluster({ pools: [{ name: 'system', count: 0 }] });
    await processes.start([]);
    await edit(cluster, ALLOWED);
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(5))] });
    const waiting = await rig.until('one', (object) => condition(object, 'Applied')?.reason === 'Throttled', 'waiting');
    expect(condition(waiting, 'Applied')?.message).toContain('20, and one more a minute');
    expect(rig.puts(cluster)).toHaveLength(ALLOWED);
    expect((await rig.record(cluster))?.status?.operation).toBeUndefined();
  });

  it('are left to ARM to count where that was asked for', async () => {
    const cluster = await rig.addCluster({ pools: [{ name: 'system', count: 0 }] });
    await processes.start(['--arm-budgets=none']);
    await edit(cluster, ALLOWED + 2);
    expect(rig.puts(cluster)).toHaveLength(ALLOWED + 2);
  });
});
