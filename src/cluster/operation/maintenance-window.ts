import type { Observation } from '../model/observation.ts';
import { timestamp, type RecordStatus } from '../model/record.ts';

type Refusal = NonNullable<RecordStatus['refusal']>;

/** True while a refusal for the maintenance window waits for that window to be read. It is read once for each refusal. */
export function needsWindow(refusal: Refusal | undefined): boolean {
  return refusal?.reason === 'WaitingForMaintenanceWindow' && refusal.atOpening === undefined;
}

/** The refusal, which ends at the opening of the window that was read for it. */
export function untilOpening(refusal: Refusal, { window }: Observation, now: number): Refusal {
  if (!window || !needsWindow(refusal)) return refusal;
  const { opensAt } = window;
  // ARM may still refuse while the window is reported as open: without the refusal's own pause the writes would never rest.
  if (opensAt === undefined || opensAt <= now) return { ...refusal, atOpening: false };
  return { ...refusal, until: timestamp(opensAt), atOpening: true };
}

/** True once the window has opened that a refused write waited for. */
export function hasOpened(refusal: Refusal | undefined, now: number): boolean {
  return refusal?.atOpening === true && refusal.until !== undefined && Date.parse(refusal.until) <= now;
}
