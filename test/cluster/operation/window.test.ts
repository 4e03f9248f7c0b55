import { describe, expect, it } from '@jest/globals';
import type { MaintenanceReading } from '../../../src/azure/maintenance-windows.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { windowHold, type ChangeWindow } from '../../../src/cluster/operation/window.ts';
import { failure, HOUR, MINUTE, SECOND, START } from '../../harness/build.ts';

const NAME = 'aksManagedNodeOSUpgradeSchedule';
const byConfiguration: ChangeWindow = { maintenanceConfiguration: NAME };

/** START is a Monday at 8:00 UTC. */
const hold = (window: ChangeWindow, reading?: MaintenanceReading, now = START) =>
  windowHold(window, reading && new Map([[NAME, reading]]), now, DEFAULT_TIMING);

const read = (state: Extract<MaintenanceReading, { kind: 'Read' }>['state']): MaintenanceReading => ({
  kind: 'Read',
  state,
});
const unreadable = (status: number, code: string, retryAfterMs?: number): MaintenanceReading => ({
  kind: 'Unreadable',
  failure: failure(status, code, { call: 'GetMaintenanceConfiguration', ...(retryAfterMs ? { retryAfterMs } : {}) }),
});

describe('a window', () => {
  it.each<[string, ChangeWindow, MaintenanceReading | undefined]>([
    ['of a schedule', { schedule: '0 8 * * 1', durationHours: 1 }, undefined],
    [
      'of a schedule of another zone',
      { schedule: '0 9 * * 1', timeZone: 'Europe/Berlin', durationHours: 1 },
      undefined,
    ],
    ['of the cluster', byConfiguration, read({ kind: 'Open', until: START + 1 })],
  ])('holds nothing while it is open: one %s', (_, window, reading) => {
    expect(hold(window, reading)).toBeUndefined();
  });

  it.each<[string, ChangeWindow, MaintenanceReading | undefined, string, boolean, RegExp]>([
    [
      'is closed',
      { schedule: '0 2 * * 6', timeZone: 'Europe/Berlin', durationHours: 4 },
      undefined,
      'WaitingForWindow',
      false,
      /^The change waits for the window of this object \("0 2 \* \* 6", Europe\/Berlin, for 4 hours\), which opens at 2026-03-07T01:00:00Z\. To begin earlier, edit or remove spec\.window\.$/,
    ],
    [
      'of the cluster is closed',
      byConfiguration,
      read({ kind: 'Closed', opensAt: START + 3 * HOUR }),
      'WaitingForWindow',
      false,
      /\(the maintenance configuration aksManagedNodeOSUpgradeSchedule of the cluster\), which opens at 2026-03-02T11:00:00Z/,
    ],
    ['was not read yet', byConfiguration, undefined, 'WaitingForWindow', false, /waits until .* has been read/],
    [
      'is missing',
      byConfiguration,
      { kind: 'Missing' },
      'InvalidWindow',
      true,
      /has no maintenance configuration aksManaged.*Create it/,
    ],
    ['of the cluster never opens', byConfiguration, read({ kind: 'NeverOpens' }), 'InvalidWindow', true, /no opening/],
    [
      'matches no date',
      { schedule: '0 2 30 2 *', durationHours: 4 },
      undefined,
      'InvalidWindow',
      true,
      /matches no date/,
    ],
    [
      'cannot be read',
      { schedule: '0 2 * * 9', durationHours: 4 },
      undefined,
      'InvalidWindow',
      true,
      /cannot be read as a schedule: Invalid value for dayOfWeek: 9\. It has five fields/,
    ],
    [
      'has no zone',
      { schedule: '0 2 * * 6', timeZone: 'CEST/x', durationHours: 4 },
      undefined,
      'InvalidWindow',
      true,
      /"CEST\/x" is no time zone/,
    ],
    ['is empty', {}, undefined, 'InvalidWindow', true, /neither a schedule nor/],
    [
      'may not be read',
      byConfiguration,
      unreadable(403, 'AuthorizationFailed'),
      'AccessDenied',
      false,
      /cannot be read from ARM \(HTTP 403, AuthorizationFailed\): says AuthorizationFailed\. .*role/,
    ],
    [
      'is not answered for',
      byConfiguration,
      unreadable(503, 'ServerBusy'),
      'Unreachable',
      false,
      /cannot be read from ARM/,
    ],
    [
      'conflicts',
      byConfiguration,
      unreadable(412, 'PreconditionFailed'),
      'Unreachable',
      false,
      /cannot be read from ARM/,
    ],
  ])('holds the change where it %s', (_, window, reading, reason, stalled, message) => {
    expect(hold(window, reading)).toMatchObject({
      ...{ reason, stalled },
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('is checked again at its opening, and every ten minutes before that', () => {
    const opening = Date.parse('2026-03-07T02:00:00Z');
    const at = (now: number) => hold({ schedule: '0 2 * * 6', durationHours: 4 }, undefined, now);
    expect(at(opening - 12 * SECOND)).toMatchObject({ afterMs: 12 * SECOND, untilMs: opening });
    expect(at(START)).toMatchObject({ afterMs: 10 * MINUTE, untilMs: opening });
    expect(at(opening)).toBeUndefined();
  });

  it('that cannot be read is read again after the pause that ARM asks for, and no later than ten minutes', () => {
    const waits = [undefined, 7 * MINUTE, HOUR].map(
      (pause) => hold(byConfiguration, unreadable(429, 'x', pause))?.afterMs,
    );
    expect(waits).toEqual([5 * MINUTE, 7 * MINUTE, 10 * MINUTE]);
  });

  it('shows nothing of a schedule that could move the cursor or hide text', () => {
    const { message = '' } = hold({ schedule: '\u202e\u001b[2J * * * *', durationHours: 4 }) ?? {};
    expect(message).toContain('\\u{202e}\\u{1b}[2J');
    // eslint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});
