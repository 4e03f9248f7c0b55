import type { Intent, TrustIntent } from '../../model/intent.ts';
import { objectOf, type RecordStatus } from '../../model/record.ts';
import { intentNameOf } from '../../model/noted-objects.ts';

/**
 * An object without a readable certificate keeps the ones that it has in the cluster, unless it says `allowEmpty`: a dropped or
 * damaged list must not empty the trust of a cluster.
 */
export function freezeEmptied(intent: TrustIntent, record: RecordStatus | undefined): TrustIntent {
  const { object, rows, frozen, deletion } = intent;
  if (frozen || deletion || object.spec.allowEmpty || rows.some(({ certificate }) => certificate)) return intent;
  return hasShare(intent, record) ? { ...intent, frozen: 'Emptied' } : intent;
}

/** The uid has to be the same: a later object of the same name has no share in the record. */
export function isRecorded({ name, object }: Intent, record: RecordStatus | undefined): boolean {
  if (!record) return false;
  const noted = record.objects?.find((one) => intentNameOf(one) === name);
  if (noted) return noted.uid === object.metadata.uid;
  // When the record has no room to note all objects, the many objects of another team must not make this one count as never recorded.
  if (record.objects && !record.objectsNotNoted) return false;
  return namingsOf(record).some((naming) => objectOf(naming) === name);
}

function hasShare(intent: TrustIntent, record: RecordStatus | undefined): boolean {
  if (!record || !isRecorded(intent, record)) return false;
  const isNamed = namingsOf(record).some((naming) => objectOf(naming) === intent.name);
  return isNamed || record.objects?.some(({ name, nameCut }) => nameCut === true && name === intent.name) === true;
}

interface NamedRow {
  readonly namedBy?: readonly string[];
}

/** The names on certificates that are in the list, are being added to it, or were removed by another client. */
function namingsOf(record: RecordStatus): string[] {
  return rowsOf(record).flatMap(({ namedBy }) => namedBy ?? []);
}

function rowsOf({ slots, missing, discarded, operation }: RecordStatus): NamedRow[] {
  const listed = (slots ?? []).flatMap((slot): NamedRow[] => slot.contains ?? [slot]);
  return [...listed, ...(missing ?? []), ...(discarded ?? []), ...(operation?.updateTrust?.adds ?? [])];
}
