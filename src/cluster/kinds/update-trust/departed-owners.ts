import { trustsOf, type Intent } from '../../model/intent.ts';
import { intentNameOf } from '../../model/noted-objects.ts';
import { objectOf, withRows, type RecordStatus } from '../../model/record.ts';

interface Row {
  fingerprintSHA256?: string;
  managed?: boolean;
  adopted?: boolean;
  namedBy?: string[];
}

/**
 * The record without the objects that are gone or are being deleted with Retain. A certificate that only they named becomes
 * unmanaged. It may be left behind, but is never removed by mistake, even for a later object of the same name.
 */
export function dropDepartedOwners(record: RecordStatus, intents: readonly Intent[]): RecordStatus {
  // An object of the same name with another uid is another object.
  const uids = new Map(record.objects?.map((note) => [intentNameOf(note), note.uid]));
  const isAnother = ({ name, object }: Intent) => (uids.get(name) ?? object.metadata.uid) !== object.metadata.uid;
  const staying = intents.filter((intent) => intent.deletion !== 'Retain' && !isAnother(intent));
  const present = new Map(staying.map((one) => [one.name, one]));
  const departing = new Map(intents.filter(({ deletion }) => deletion === 'Retain').map((one) => [one.name, one]));
  const dropOwners = <T extends Row>(row: T): T => {
    if (!row.namedBy || row.namedBy.every((naming) => present.has(objectOf(naming)))) return row;
    const { namedBy, adopted, ...rest } = row;
    const left = namedBy.filter((naming) => present.has(objectOf(naming)));
    const dropped = namedBy.filter((naming) => !left.includes(naming));
    // The certificate stays when it is unknown which of the objects was the last to name it.
    const kept = dropped.some((naming) => stillNames(departing.get(objectOf(naming)), row));
    if (left.some((naming) => !kept || stillNames(present.get(objectOf(naming)), row)))
      return { ...rest, ...(adopted ? { adopted } : {}), namedBy: left } as unknown as T;
    return { ...rest, ...(row.managed === undefined ? {} : { managed: false }) } as unknown as T;
  };
  const { slots, missing, discarded, operation, objects } = record;
  return {
    ...record,
    ...(slots
      ? {
          slots: slots.map((slot) =>
            slot.contains ? { ...slot, contains: slot.contains.map(dropOwners) } : dropOwners(slot),
          ),
        }
      : {}),
    ...(missing ? { missing: missing.map(dropOwners) } : {}),
    ...(discarded ? { discarded: discarded.map(dropOwners) } : {}),
    ...(objects ? { objects: objects.filter((note) => present.has(intentNameOf(note))) } : {}),
    ...(operation ? { operation: withRows(operation, dropOwners) } : {}),
  };
}

/** False only when the object was clearly edited. One that is deleted with Remove counts until the certificate is removed. */
function stillNames(intent: Intent | undefined, { fingerprintSHA256 }: Row): boolean {
  if (!intent || intent.frozen || intent.deletion === 'Remove') return true;
  return trustsOf([intent]).some(({ rows }) =>
    rows.some(({ certificate }) => certificate?.fingerprint === fingerprintSHA256),
  );
}
