import { escapeForDisplay } from '../../api/display.ts';
import { sentences } from '../../api/sentences.ts';
import type { CustomCATrustSpec } from '../../api/generated/customcatrusts.ts';
import type { MaintenanceReading } from '../../azure/maintenance-windows.ts';
import { cronWindowAt } from '../../waiting/cron-window.ts';
import type { WindowState } from '../../waiting/window-state.ts';
import type { Hold } from '../model/decision.ts';
import { momentOf } from '../model/record.ts';
import { SHORTEST_WAIT, type Timing } from '../model/timing.ts';

/** `spec.window`: when a change for the object may begin. It has either a schedule or the name of a maintenance configuration. */
export type ChangeWindow = NonNullable<CustomCATrustSpec['window']>;

/** The cluster's maintenance configurations that windows name, by name, as far as this reconcile has read them. */
export type MaintenanceReadings = ReadonlyMap<string, MaintenanceReading>;

/** True for the reasons of a change that waits for the windows of its objects. */
export function isOfWindows(reason: string | undefined): boolean {
  return reason === 'WaitingForWindow' || reason === 'InvalidWindow';
}

/**
 * Why a change for an object waits at `now`, in ms; undefined while its window is open. A window that cannot open holds the change
 * as well, because its author does not want a change at any time. `waits` is the beginning of the message.
 */
export function windowHold(
  window: ChangeWindow,
  maintenance: MaintenanceReadings | undefined,
  now: number,
  timing: Timing,
  waits = 'The change waits',
): Hold | undefined {
  const { schedule, maintenanceConfiguration: name } = window;
  if (schedule !== undefined) return scheduleHold(window, schedule, now, timing, waits);
  if (name === undefined)
    return unusable('spec.window has neither a schedule nor a maintenance configuration.', timing);
  return maintenanceHold(name, maintenance?.get(name), now, timing, waits);
}

function scheduleHold(
  window: ChangeWindow,
  schedule: string,
  now: number,
  timing: Timing,
  waits: string,
): Hold | undefined {
  const { timeZone = 'Etc/UTC', durationHours = 0 } = window;
  const shown = `"${escapeForDisplay(schedule)}"`;
  const state = cronWindowAt({ schedule, timeZone, durationHours }, now);
  switch (state.kind) {
    case 'BadSchedule':
      return unusable(
        `spec.window.schedule ${shown} cannot be read as a schedule: ${escapeForDisplay(state.detail)}. It has five fields: minute, hour, day of the month, month, day of the week.`,
        timing,
      );
    case 'BadTimeZone':
      return unusable(
        `spec.window.timeZone "${escapeForDisplay(timeZone)}" is no time zone of the IANA database, such as Europe/Berlin.`,
        timing,
      );
    case 'NeverOpens':
      return unusable(`The schedule ${shown} of spec.window matches no date.`, timing);
    default:
      return closedHold(state, `${shown}, ${timeZone}, for ${hours(durationHours)}`, now, timing, waits);
  }
}

function maintenanceHold(
  name: string,
  reading: MaintenanceReading | undefined,
  now: number,
  timing: Timing,
  waits: string,
): Hold | undefined {
  switch (reading?.kind) {
    case undefined: {
      const message = `${waits} until the maintenance configuration ${name} of the cluster has been read (spec.window).`;
      return { reason: 'WaitingForWindow', message, stalled: false, afterMs: SHORTEST_WAIT };
    }
    case 'Read':
      return reading.state.kind === 'NeverOpens'
        ? unusable(
            `The maintenance configuration ${name} of the cluster (spec.window) has no opening in the coming year.`,
            timing,
          )
        : closedHold(reading.state, `the maintenance configuration ${name} of the cluster`, now, timing, waits);
    case 'Missing':
      return unusable(
        `The cluster has no maintenance configuration ${name} (spec.window). Create it (az aks maintenanceconfiguration add), or give spec.window a schedule.`,
        timing,
      );
    case 'Unreadable': {
      const { status, code, message, fix, retryAfterMs = 0, backoff, reason, stalled } = reading.failure;
      const http = status > 0 ? `HTTP ${status}, ` : '';
      const why = message === '' ? '' : `: ${message}`;
      return {
        reason: reason === 'Conflict' ? 'Unreachable' : reason,
        message: sentences(
          `${waits}, because the maintenance configuration ${name} of the cluster (spec.window) cannot be read from ARM (${http}${code})${why}`,
          fix,
        ),
        stalled,
        afterMs: Math.min(timing.drift, Math.max(timing.busy[0], retryAfterMs, backoff.toMs)),
      };
    }
  }
}

function closedHold(
  state: Exclude<WindowState, { kind: 'NeverOpens' }>,
  which: string,
  now: number,
  timing: Timing,
  waits: string,
): Hold | undefined {
  if (state.kind === 'Open') return undefined;
  return {
    reason: 'WaitingForWindow',
    message: `${waits} for the window of this object (${which}), which opens at ${momentOf(state.opensAt)}. To begin earlier, edit or remove spec.window.`,
    stalled: false,
    // The cluster is read in between all the same, so that a change of other objects, or of another client, is seen.
    afterMs: Math.min(timing.drift, state.opensAt - now),
    untilMs: state.opensAt,
  };
}

function unusable(why: string, timing: Timing): Hold {
  const message = sentences(why, 'Nothing is changed for this object. Edit or remove spec.window.');
  return { reason: 'InvalidWindow', message, stalled: true, afterMs: timing.drift };
}

function hours(count: number): string {
  return count === 1 ? '1 hour' : `${count} hours`;
}
