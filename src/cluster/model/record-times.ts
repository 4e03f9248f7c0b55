import type { TargetClusterStatus } from '../../api/generated/targetclusters.ts';
import { timestamp } from './record.ts';

/** Members of {@link DECISIVE} that are times. A baseline that is invalid counts as none, so it is not among them. */
const TIMES: ReadonlySet<string> = new Set([
  'startedAt',
  'lastAttemptAt',
  'changedAt',
  'countsFrom',
  'confirmedAt',
  'succeededSince',
  'since',
  'until',
  'at',
]);

/** Members of a record by whose times decisions are made. */
const DECISIVE = [
  'operation',
  'pending',
  'refusal',
  'unseenWrites',
  'rejections',
  'corrections',
  'absence',
  'lastApplied',
  'rotation',
] as const satisfies readonly (keyof TargetClusterStatus)[];

/**
 * True when every time that decides something can be read. The API server takes texts for times that are none, such as
 * 2026-03-02T08:00:00+99:99, so an edit by hand may store one. No wait can be computed from it.
 */
export function hasReadableTimes(status: TargetClusterStatus = {}): boolean {
  return isTime(status.heldBackSince ?? EPOCH) && DECISIVE.every((member) => holdsTimes(status[member]));
}

const EPOCH = '1970-01-01T00:00:00Z';

function holdsTimes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]: [string, unknown]) =>
    typeof member === 'string' ? !TIMES.has(name) || isTime(member) : holdsTimes(member),
  );
}

/** Clocks of two controllers differ by less than this, in ms. */
const FAR = 60 * 60_000;

/** True for a time that a clock far ahead of ours noted. `now` is in ms. */
export function isFarAhead(time: string, now: number): boolean {
  return Date.parse(time) > now + FAR;
}

/** The time, or `now` where a clock far ahead of ours noted it: no wait may last until our clock gets there. */
export function notFarAhead(time: string, now: number): string {
  return isFarAhead(time, now) ? timestamp(now) : time;
}

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}
