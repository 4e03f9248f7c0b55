import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../simulator/index.ts';
import { createMaintenanceWindows, type MaintenanceWindows } from '../../src/azure/maintenance-windows.ts';
import type { ClusterId } from '../../src/api/resource-id.ts';
import { CALM, idOf, startArmRig, type ArmRig } from './arm-rig.ts';

const NAME = 'aksManagedNodeOSUpgradeSchedule';
const NOW = Date.parse('2026-11-20T12:00:00Z');
const WINDOW = {
  schedule: { weekly: { intervalWeeks: 1, dayOfWeek: 'Sunday' as const } },
  durationHours: 4,
  utcOffset: '+01:00',
  startTime: '03:00',
};

let rig: ArmRig;
let windows: MaintenanceWindows;
beforeAll(async () => {
  rig = await startArmRig();
  windows = createMaintenanceWindows(await rig.transport());
});
afterEach(() => rig.simulator.faults.clear());
afterAll(() => rig.simulator.stop());

let clusters = 0;
async function clusterWith(name: string | undefined, maintenanceWindow: object = WINDOW): Promise<ClusterId> {
  const id = idOf(rig.simulator.addCluster({ name: `c${++clusters}` }));
  if (name !== undefined) {
    const transport = await rig.transport();
    const body = JSON.stringify({ properties: { maintenanceWindow } });
    await transport.send({ method: 'PUT', target: `${id.resourceId}/maintenanceConfigurations/${name}`, body });
  }
  rig.simulator.clearJournal();
  return id;
}
const read = (id: ClusterId, now = NOW) => windows.read(id, NAME, now, CALM);
const opening = (id: ClusterId) => windows.nextOpening(id, NOW, CALM);

describe("the window of a cluster's node images", () => {
  it('opens next when its schedule says', async () => {
    const id = await clusterWith(NAME);
    expect(await opening(id)).toBe(Date.parse('2026-11-22T02:00:00Z'));
    expect(rig.simulator.journal()).toEqual([
      expect.objectContaining({ operation: 'GetMaintenanceConfiguration', apiVersion: '2026-06-01' }),
    ]);
  });

  it('is not waited for while it is open, so that a refused write is sent again by its own backoff', async () => {
    const id = await clusterWith(NAME);
    const at = (time: string) => windows.nextOpening(id, Date.parse(time), CALM);
    expect(await at('2026-11-22T01:59Z')).toBe(Date.parse('2026-11-22T02:00Z'));
    expect(await at('2026-11-22T02:05Z')).toBeUndefined();
    expect(await at('2026-11-22T05:59Z')).toBeUndefined();
    expect(await at('2026-11-22T06:00Z')).toBe(Date.parse('2026-11-29T02:00Z'));
  });

  it('knows days on which nothing is allowed', async () => {
    const span = { start: '2026-11-22', end: '2026-11-29' };
    const id = await clusterWith(NAME, { ...WINDOW, startDate: '2026-11-01', notAllowedDates: [span] });
    expect(await opening(id)).toBe(Date.parse('2026-12-06T02:00:00Z'));
  });

  it.each([[undefined], ['default'], ['aksManagedAutoUpgradeSchedule']])(
    'is not known where only %s is set',
    async (name) => {
      expect(await opening(await clusterWith(name))).toBeUndefined();
    },
  );

  it.each<[string, Fault]>([
    ['may not be read', { status: 403, code: 'AuthorizationFailed' }],
    ['is throttled', { status: 429, code: 'Throttled', retryAfterSeconds: 600 }],
    ['is not answered', { resetBefore: true }],
    ['is a page of a proxy', { rawBody: '<html>', contentType: 'text/html' }],
    ['is cut off', { truncateAt: 30 }],
    ['has no window in it', { rawBody: '{"name":"x","properties":{}}' }],
    ['has no properties', { rawBody: '{}' }],
    ['has a window without a schedule', { rawBody: '{"properties":{"maintenanceWindow":{"startTime":"01:00"}}}' }],
    ['has no time', { rawBody: JSON.stringify({ properties: { maintenanceWindow: { ...WINDOW, startTime: null } } }) }],
    [
      'has a time of another form',
      { rawBody: JSON.stringify({ properties: { maintenanceWindow: { ...WINDOW, startTime: 'noon' } } }) },
    ],
    [
      'has a zone of another type',
      { rawBody: JSON.stringify({ properties: { maintenanceWindow: { ...WINDOW, utcOffset: 7 } } }) },
    ],
    [
      'has a schedule of another type',
      { rawBody: JSON.stringify({ properties: { maintenanceWindow: { ...WINDOW, schedule: { weekly: 7 } } } }) },
    ],
    [
      'has a start date that is none',
      {
        rawBody: JSON.stringify({
          properties: { maintenanceWindow: { ...WINDOW, startDate: 'x', schedule: { daily: { intervalDays: 0 } } } },
        }),
      },
    ],
    [
      'has dates that are none',
      { rawBody: JSON.stringify({ properties: { maintenanceWindow: { ...WINDOW, notAllowedDates: 7 } } }) },
    ],
  ])('is not known where it %s; it is asked for once', async (_what, fault) => {
    const id = await clusterWith(NAME);
    rig.simulator.faults.add({ operation: 'GetMaintenanceConfiguration', ...fault });
    expect(await opening(id)).toBeUndefined();
    expect(rig.simulator.journal()).toHaveLength(1);
  });

  it('is not known where nothing comes in time', async () => {
    const id = await clusterWith(NAME);
    rig.simulator.faults.add({ latencyMs: 3_600_000 });
    const hasty = createMaintenanceWindows(await rig.transport(rig.secret, { timeoutMs: 1000 }));
    expect(await hasty.nextOpening(id, NOW, CALM)).toBeUndefined();
  });

  it('is not awaited when the controller stops', async () => {
    const id = await clusterWith(NAME);
    rig.simulator.faults.add({ latencyMs: 3_600_000 });
    const stop = new AbortController();
    const asked = windows.nextOpening(id, NOW, stop.signal);
    stop.abort(new Error('told to stop'));
    await expect(asked).rejects.toThrow('told to stop');
  });
});

describe('a maintenance configuration that a window names', () => {
  it('is closed, open, or without an opening', async () => {
    const id = await clusterWith(NAME);
    const at = async (time: string) => {
      const reading = await read(id, Date.parse(time));
      return reading.kind === 'Read' ? reading.state : reading;
    };
    expect(await at('2026-11-20T12:00Z')).toEqual({ kind: 'Closed', opensAt: Date.parse('2026-11-22T02:00Z') });
    expect(await at('2026-11-22T02:00Z')).toEqual({ kind: 'Open', until: Date.parse('2026-11-22T06:00Z') });
    expect(await read(await clusterWith(NAME, { ...WINDOW, schedule: {} }))).toEqual({
      kind: 'Read',
      state: { kind: 'NeverOpens' },
    });
  });

  it('is asked for once a minute, and judged by the time of each reading', async () => {
    const id = await clusterWith(NAME);
    const opensAt = Date.parse('2026-11-22T02:00Z');
    const states = [];
    for (const now of [opensAt - 30_000, opensAt - 1, opensAt, opensAt + 29_999]) states.push(await read(id, now));
    expect(states.map((reading) => reading.kind === 'Read' && reading.state.kind)).toEqual([
      ...['Closed', 'Closed', 'Open', 'Open'],
    ]);
    expect(rig.simulator.journal()).toHaveLength(1);
    await read(id, opensAt + 30_000);
    expect(rig.simulator.journal()).toHaveLength(2);
    // A clock that was set back does not make an old reading young.
    await read(id, NOW);
    expect(rig.simulator.journal()).toHaveLength(3);
  });

  it('is missing where the cluster has another one only', async () => {
    expect(await read(await clusterWith('aksManagedAutoUpgradeSchedule'))).toEqual({ kind: 'Missing' });
  });

  it.each<[string, Fault, object]>([
    ['may not be read', { status: 403, code: 'AuthorizationFailed' }, { reason: 'AccessDenied', status: 403 }],
    [
      'is throttled',
      { status: 429, code: 'Throttled', retryAfterSeconds: 600 },
      { reason: 'Throttled', retryAfterMs: 600_000 },
    ],
    ['is not answered', { resetBefore: true }, { reason: 'Unreachable', status: 0 }],
    ['is a page of a proxy', { status: 404, rawBody: '<html>', contentType: 'text/html' }, { reason: 'Unreachable' }],
    ['is an error of ARM', { status: 503, code: 'ServerBusy' }, { reason: 'Unreachable', status: 503 }],
    ['belongs to no cluster', { status: 404, code: 'ResourceNotFound' }, { reason: 'ClusterNotFound' }],
  ])('is not known where it %s', async (_what, fault, failure) => {
    const id = await clusterWith(NAME);
    rig.simulator.faults.add({ operation: 'GetMaintenanceConfiguration', ...fault });
    expect(await read(id)).toMatchObject({ kind: 'Unreadable', failure });
  });
});
