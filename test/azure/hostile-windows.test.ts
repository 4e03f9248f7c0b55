import { describe, expect, it } from '@jest/globals';
import { parseClusterId } from '../../src/api/resource-id.ts';
import { createMaintenanceWindows } from '../../src/azure/maintenance-windows.ts';
import { spoilt } from '../hostile-values.ts';
import { startScriptedArm } from './scripted-arm.ts';

const ID = parseClusterId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod',
)!;
const NOW = Date.parse('2026-03-02T08:00:00Z');
const DAY = 86_400_000;

const SCHEDULES = {
  weekly: { intervalWeeks: 1, dayOfWeek: 'Monday' },
  relativeMonthly: { intervalMonths: 2, dayOfWeek: 'Monday', weekIndex: 'First' },
};

describe('a maintenance window with one thing wrong', () => {
  it.each(Object.entries(SCHEDULES))('opens at a time that there is, or is left out: %s', async (name, schedule) => {
    const arm = await startScriptedArm();
    const windows = createMaintenanceWindows(arm.transport({ timeoutMs: 5000 }));
    const { signal } = new AbortController();
    const good = {
      properties: {
        maintenanceWindow: {
          schedule: { [name]: schedule },
          durationHours: 4,
          utcOffset: '+01:00',
          startDate: '2026-01-01',
          startTime: '00:30',
          notAllowedDates: [{ start: '2026-12-24', end: '2027-01-02' }],
        },
      },
    };
    for (const { what, json } of spoilt(good)) {
      arm.answer = (_request, response) => response.setHeader('content-type', 'application/json').end(json);
      const opening = await windows.nextOpening(ID, NOW, signal);
      const isTime = opening === undefined || (opening > NOW && opening < NOW + 500 * DAY);
      expect({ what, isTime }).toEqual({ what, isTime: true });
    }
    await arm.stop();
  });

  it('of more than a megabyte is not read', async () => {
    const arm = await startScriptedArm();
    arm.answer = (_request, response) =>
      response.setHeader('content-type', 'application/json').end(`{"properties":${'[[],'.repeat(500_000)}`);
    const windows = createMaintenanceWindows(arm.transport({ timeoutMs: 5000 }));
    expect(await windows.nextOpening(ID, NOW, new AbortController().signal)).toBeUndefined();
    await arm.stop();
  });
});
