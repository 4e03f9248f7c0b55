import type { Intent } from '../intent.ts';
import { objectOf, type RecordStatus } from '../record.ts';

interface Row {
  managed?: boolean;
  namedBy?: string[];
}

/**
 * The record without the objects that are gone or are being deleted with Retain. A certificate that only they named becomes
 * unmanaged: it may leak, and is never removed by mistake, also not on behalf of a later object of the same name.
 */
export function strikeDeparted(record: RecordStatus, intents: readonly Intent[]): RecordStatus {
  const present = new Set(intents.filter(({ deletion }) => deletion !== 'Retain').map(({ name }) => name));
  const strike = <T extends Row>(row: T): T => {
    if (!row.namedBy || row.namedBy.every((naming) => present.has(objectOf(naming)))) return row;
    const { namedBy, ...rest } = row;
    const left = namedBy.filter((naming) => present.has(objectOf(naming)));
    if (left.length > 0) return { ...rest, namedBy: left } as unknown as T;
    return { ...rest, ...('managed' in row ? { managed: false } : {}) } as unknown as T;
  };
  const { slots, missing, discarded, operation } = record;
  return {
    ...record,
    ...(slots
      ? {
          slots: slots.map((slot) => (slot.contains ? { ...slot, contains: slot.contains.map(strike) } : strike(slot))),
        }
      : {}),
    ...(missing ? { missing: missing.map(strike) } : {}),
    ...(discarded ? { discarded: discarded.map(strike) } : {}),
    ...(operation
      ? {
          operation: {
            ...operation,
            ...(operation.adds ? { adds: operation.adds.map(strike) } : {}),
            ...(operation.removes ? { removes: operation.removes.map(strike) } : {}),
          },
        }
      : {}),
  };
}
