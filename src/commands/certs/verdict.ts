import { EXIT } from '../exit-codes.ts';
import type { CertsReport, CertsRow } from './report.ts';

const ATTENTION: ReadonlySet<CertsRow['health']> = new Set(['Expiring', 'Expired', 'Late', 'Intercepted']);

/** True where a person has to act, or has to see that AKS does. */
function needsAttention({ health }: Pick<CertsRow, 'health'>): boolean {
  return ATTENTION.has(health);
}

/** The exit code by what is known: an Unknown row is no fault, as long as something has answered. */
export function exitCodeFor({
  rows,
  autoRotation,
  object,
  heard,
  fileIsOutdated,
}: Pick<CertsReport, 'rows' | 'autoRotation' | 'object' | 'heard' | 'fileIsOutdated'>): number {
  if (rows.some(needsAttention) || fileIsOutdated) return EXIT.Stuck;
  if (autoRotation.some(({ state }) => state === 'Disabled' || state === 'Late')) return EXIT.Stuck;
  if (heard) return EXIT.Done;
  return object && rows.length === 0 ? EXIT.InProgress : EXIT.Error;
}
