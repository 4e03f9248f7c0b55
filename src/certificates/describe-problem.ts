import type { CertificateProblem } from './certificate.ts';

/** A problem in one line, for a status, an event or a terminal: `index 1, line 31, column 5: …`. */
export function describeProblem({ index, line, column, message }: CertificateProblem): string {
  const place = column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
  return `index ${index}, ${place}: ${message}`;
}
