import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.ts';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { Program } from '../deploy/program.ts';
import { OURS } from './foreign-things.ts';
import { breakGround, type Ground } from './ground.ts';
import { describe as listOf } from './journal-rules.ts';
import { HURRIED } from './processes.ts';
import { startSilentProxy, type SilentProxy } from './silent-proxy.ts';
import { createTrusts, type Trusts } from './trusts.ts';

jest.setTimeout(90_000);

/** A watch that says nothing is believed for a minute and a half; here for five seconds. */
const HURRY = { timing: { ...HURRIED, watchSilence: 5000 } };

let ground: Ground;
beforeAll(async () => {
  // Without its own cache of watches, whatever the API server knows of the past is what etcd knows.
  ground = await breakGround(['--watch-cache=false']);
}, 120_000);
afterAll(() => ground.stop());

describe('a controller whose watches die', () => {
  let proxy: SilentProxy;
  let controller: Program;
  let trusts: Trusts;
  let clusters: readonly SimulatedCluster[];
  beforeEach(async () => {
    proxy = await startSilentProxy(ground.apiServer.access);
    clusters = [await ground.addCluster(), await ground.addCluster(), await ground.addCluster()];
    trusts = createTrusts(ground);
    controller = await ground.start({ through: proxy, hurry: HURRY });
    for (const [index, cluster] of clusters.entries()) {
      await trusts.put(`keeps-${index}`, cluster, 0);
      await trusts.put(`moves-${index}`, cluster, 1);
    }
    await trusts.untilReady();
    // So that the counts below are of what comes now.
    ground.simulator.clearJournal();
  });
  afterEach(async () => {
    controller.kill('SIGKILL');
    await controller.exit;
    await proxy.stop();
    await trusts.removeAll();
  });

  const puts = (cluster: SimulatedCluster) =>
    ground.simulator
      .journal()
      .filter(({ operation, resourceId }) => operation === 'PutManagedCluster' && resourceId === cluster.resourceId)
      .length;
  const record = async (cluster: SimulatedCluster) =>
    (await ground.records()).find(({ spec }) => spec.resourceId === cluster.resourceId);

  it('lists again when etcd has forgotten what came in between, and notices what is gone', async () => {
    const [edited, vanished, remade] = clusters as [SimulatedCluster, SimulatedCluster, SimulatedCluster];
    proxy.cut();
    await trusts.put('moves-0', edited, 2);
    await trusts.takeAway('moves-1');
    await trusts.takeAway('moves-2');
    await trusts.put('moves-2', remade, 3);
    await ground.apiServer.compact();
    proxy.mend();

    await controller.line('The watch cannot continue from this version. Objects are listed again.');
    await trusts.untilReady();
    // Taken away by force it had no say in what becomes of its certificate, which stays and is nobody's.
    const slots = await eventually(async () => {
      const found = (await record(vanished))?.status?.slots ?? [];
      return found.some(({ namedBy }) => namedBy?.join().includes('moves-1')) ? undefined : found;
    });
    expect(slots.find(({ fingerprintSHA256 }) => fingerprintSHA256 === OURS[1]!.fingerprint)).toMatchObject({
      managed: false,
    });
    expect([listOf(edited.list()), listOf(vanished.list())]).toEqual(['[#0 #2]', '[#0 #1]']);
    expect(remade.list().includes(OURS[3]!.element)).toBe(true);
    expect(clusters.map(puts)).toEqual([1, 0, 1]);
  });

  it('does not believe for ever that nothing happens, and goes on from where it was', async () => {
    const [edited, removed, untouched] = clusters as [SimulatedCluster, SimulatedCluster, SimulatedCluster];
    const before = proxy.passed.length;
    proxy.swallowWatches();
    await trusts.put('moves-0', edited, 2);
    await trusts.remove('moves-1');
    await trusts.untilReady();
    expect([listOf(edited.list()), listOf(removed.list()), listOf(untouched.list())]).toEqual([
      '[#0 #2]',
      '[#0]',
      '[#0 #1]',
    ]);
    expect(clusters.map(puts)).toEqual([1, 1, 0]);
    expect(proxy.swallowed).toBeGreaterThan(0);
    const asked = proxy.passed.slice(before).filter(({ path }) => path.includes('/customcatrusts?'));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every(({ path }) => path.includes('watch='))).toBe(true);
  });
});
