import { spelledOut } from '../../api/spelled-out.ts';
import type { CertificateRow, ObjectReport } from './cluster-report.ts';

/** Certificates that expire sooner have a warning. */
const SOON_DAYS = 30;
const DAY_MS = 24 * 3_600_000;
/** Most certificates named in one warning. */
const NAMED = 3;

/** Warnings about certificates: they do not affect Ready, but some connection will fail later. Undefined: no warning. */
export function warningsText(
  { certificates }: ObjectReport,
  now: number,
  at: (time: string) => string,
): string | undefined {
  const rowsOf = new Map<string, string[]>();
  const note = (warning: string, row: string) => rowsOf.set(warning, [...(rowsOf.get(warning) ?? []), row]);
  for (const row of certificates) {
    if (row.state === 'Removing') continue;
    for (const warning of row.warnings ?? []) note(warning, nameOf(row));
    const left = Date.parse(row.notAfter ?? '') - now;
    if (row.notAfter !== undefined && left > 0 && left < SOON_DAYS * DAY_MS)
      note(`ends within ${SOON_DAYS} days`, `${nameOf(row)} at ${at(row.notAfter)}`);
  }
  const warnings = [...rowsOf].map(([warning, rows]) => `${warning}: ${spelledOut(rows, NAMED)}`);
  return warnings.length === 0 ? undefined : `certificates: ${warnings.join('; ')}`;
}

function nameOf({ name, index }: CertificateRow): string {
  return `${name}[${index}]`;
}
