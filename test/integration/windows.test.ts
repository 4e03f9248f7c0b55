import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { condition, entry, fingerprints, isReady, listed, roots, startRig, type Rig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const certificates = [entry('a', ...roots(0))];
const others = [entry('b', ...roots(1))];
const NODE_OS = 'aksManagedNodeOSUpgradeSchedule';
const ALWAYS = { schedule: '* * * * *', durationHours: 1 };

/** A daily window of four hours that opens at this time. */
function configurationFrom(opening: number): string {
  const startTime = new Date(opening).toISOString().slice(11, 16);
  const schedule = { daily: { intervalDays: 1 } };
  const maintenanceWindow = { schedule, durationHours: 4, utcOffset: '+00:00', startTime };
  return JSON.stringify({ properties: { maintenanceWindow } });
}

const reasonIs = (reason: string) => (object: Parameters<typeof isReady>[0]) =>
  condition(object, 'Applied')?.reason === reason;

describe('an object with a window', () => {
  it("waits for the cluster's own window, while another object of the cluster does not", async () => {
    const cluster = await rig.addCluster();
    const { resourceId } = cluster;
    const opening = Math.floor(Date.now() / 60_000) * 60_000 + 2 * 3_600_000;
    const rawBody = configurationFrom(opening);
    rig.simulator.faults.add({ operation: 'GetMaintenanceConfiguration', resourceId, status: 200, rawBody });
    await rig.startController();
    await rig.apply('one', cluster, { certificates, window: { maintenanceConfiguration: NODE_OS } });
    const object = await rig.until('one', reasonIs('WaitingForWindow'), 'WaitingForWindow');
    await rig.apply('two', cluster, { certificates: others });
    await rig.until('two', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(1));
    const waiting = await rig.until(
      'one',
      (one) => condition(one, 'Applied')?.message.includes('opens at') === true,
      'the time of the opening',
    );
    expect(condition(waiting, 'Applied')?.message).toContain(new Date(opening).toISOString().replace('.000', ''));
    expect(condition(object, 'Stalled')).toBeUndefined();

    await rig.apply('one', cluster, { certificates, window: ALWAYS });
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual([...fingerprints(1), ...fingerprints(0)]);
    expect(rig.puts(cluster)).toHaveLength(2);
  });

  it('is Stalled where the cluster has no such configuration, and goes on when the window is edited', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates, window: { maintenanceConfiguration: NODE_OS } });
    const object = await rig.until('one', reasonIs('InvalidWindow'), 'InvalidWindow');
    expect(condition(object, 'Stalled')?.status).toBe('True');
    expect(condition(object, 'Applied')?.message).toContain(`The cluster has no maintenance configuration ${NODE_OS}`);
    expect(rig.puts(cluster)).toEqual([]);
    await rig.apply('one', cluster, { certificates, window: ALWAYS });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
  });

  it('keeps its certificates while its deletion waits for the window, until it is released', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const never = { schedule: '0 0 30 2 *', durationHours: 1 };
    await rig.apply('one', cluster, { certificates, window: ALWAYS, deletionPolicy: 'Remove' });
    await rig.until('one', isReady, 'Ready');
    await rig.apply('one', cluster, { certificates, window: never, deletionPolicy: 'Remove' });
    await rig.remove('one');
    const object = await rig.until('one', reasonIs('InvalidWindow'), 'InvalidWindow');
    expect(condition(object, 'Applied')?.message).toContain('"deletionPolicy":"Retain"');
    await rig.apply('one', cluster, { certificates, window: never, deletionPolicy: 'Retain' });
    await rig.untilGone('one');
    expect([listed(cluster), rig.puts(cluster).length]).toEqual([fingerprints(0), 1]);
  });
});
