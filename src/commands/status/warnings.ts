import { spelledOut } from '../../api/spelled-out.ts';
import type { CertificateRow, ObjectReport } from './cluster-report.ts';

/** Certificates that expire sooner have a warning. */
const SOON_DAYS = 30;
const DAY_MS = 24 * 3_600_000;
/** Most certificates named in one warning. */
const NAMED = 3;

/** Warnings whose names do not say what to do. The reasons for the others are in the messages of the certificates. */
const EXPLAINED: Readonly<Record<string, string>> = {
  NotACertificateAuthority:
    'may not sign certificates, perhaps the certificate of a server; use that of the authority that issued it',
};

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
  const warnings = [...rowsOf].map(([warning, rows]) => `${withReason(warning)}: ${spelledOut(rows, NAMED)}`);
  return warnings.length === 0 ? undefined : `certificates: ${warnings.join('; ')}`;
}

function withReason(warning: string): string {
  return Object.hasOwn(EXPLAINED, warning) ? `${warning} (${EXPLAINED[warning]})` : warning;
}

function nameOf({ name, index }: CertificateRow): string {
  return `${name}[${index}]`;
}
