import type { TrustIntent } from './intent.ts';
import { objectOf, withRows, type RecordStatus } from './record.ts';

/**
 * The most names in a row of the record. The API server stores no object above 1.5 MiB, and thousands of objects may name one
 * certificate. A row with this many names may have lost some, so decisions by names have to check {@link isCut}.
 */
export const NAMES_LIMIT = 16;

/** The most bytes for the objects of {@link RecordStatus}, approximately, as JSON. */
export const OBJECTS_LIMIT = 256 * 1024;

interface Row {
  namedBy?: string[];
}

/** The record with at most {@link NAMES_LIMIT} names in each row. */
export function withoutSpareNames(record: RecordStatus): RecordStatus {
  const cut = <T extends Row>(row: T): T =>
    row.namedBy && row.namedBy.length > NAMES_LIMIT ? { ...row, namedBy: row.namedBy.slice(0, NAMES_LIMIT) } : row;
  const { slots, missing, discarded, operation } = record;
  return {
    ...record,
    ...(slots
      ? { slots: slots.map((slot) => (slot.contains ? { ...slot, contains: slot.contains.map(cut) } : cut(slot))) }
      : {}),
    ...(missing ? { missing: missing.map(cut) } : {}),
    ...(discarded ? { discarded: discarded.map(cut) } : {}),
    ...(operation ? { operation: withRows(operation, cut) } : {}),
  };
}

/** Objects, by namespace/name, whose name a row will lose by {@link withoutSpareNames}. */
export function objectsCutFrom({ slots = [], missing = [], discarded = [], operation }: RecordStatus): Set<string> {
  const listed = slots.flatMap((slot): Row[] => slot.contains ?? [slot]);
  const rows: readonly Row[] = [...listed, ...missing, ...discarded, ...(operation?.updateTrust?.adds ?? [])];
  return new Set(rows.flatMap(({ namedBy = [] }) => namedBy.slice(NAMES_LIMIT).map(objectOf)));
}

/** True when the names of a row may be incomplete. */
export function isCut(namedBy: readonly string[] | undefined): boolean {
  return (namedBy?.length ?? 0) >= NAMES_LIMIT;
}

/** True when a row of the record is about this object. For a cut row, the object's own certificates decide. */
export function concerns(
  { fingerprintSHA256, namedBy }: { readonly fingerprintSHA256: string; readonly namedBy?: readonly string[] },
  { name, rows }: TrustIntent,
): boolean {
  if (namedBy?.some((naming) => objectOf(naming) === name)) return true;
  return isCut(namedBy) && rows.some(({ certificate }) => certificate?.fingerprint === fingerprintSHA256);
}
