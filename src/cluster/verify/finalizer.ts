import type { Decision } from '../model/decision.ts';
import { trustsOf, type Intent } from '../model/intent.ts';
import type { RecordStatus } from '../model/record.ts';

/** How long a deleted object waits for its pods to be deleted, in ms; they end by themselves before that. */
export const LONGEST_HOLD = 10 * 60_000;

/** True while pods of this object may be in the target cluster: once the object is gone, no record names them. */
export function holdsPods(intent: Intent, now: number): boolean {
  const { metadata } = intent.object;
  const [trust] = trustsOf([intent]);
  if (!trust?.object.status?.verification?.running) return false;
  return now - Date.parse(metadata.deletionTimestamp ?? '') < LONGEST_HOLD;
}

/** Withholds the release of objects whose pods may still exist; `stored` is the record as it is stored. */
export function keepFinalizers(decision: Decision, stored: RecordStatus, now: number): Decision {
  const releases = decision.releases.filter(({ intent }) => !holdsPods(intent, now));
  if (releases.length === decision.releases.length) return decision;
  return { ...decision, releases, record: decision.record ?? stored };
}
