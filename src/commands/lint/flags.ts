import type { FlagTable, FlagValues } from '../client/flags.ts';

/** How a PKCS#12 file is opened; the password itself is never an argument, which other users of a machine can see. */
export const PASSWORD_FLAG = [
  '--password-file <file>',
  'file with the password of a PKCS#12 file, in its first line (default: the variable PKCS12_PASSWORD)',
] as const;

/** Every flag of `lint`. */
export const LINT_FLAGS = {
  strict: ['--strict', 'a warning ends with exit code 3 as well'],
  passwordFile: PASSWORD_FLAG,
  output: ['-o, --output <format>', 'text, json or sarif (default: text)'],
} as const satisfies FlagTable;

export type LintFlags = FlagValues<typeof LINT_FLAGS>;

/** Shown below the help. */
export const LINT_HELP = `
Reads certificates in PEM, DER, PKCS#7 and PKCS#12, ARM's list, Terraform's, and manifests with CustomCATrust and
CertificateRotation objects in YAML or JSON, as kustomize prints them. No cluster is asked, and nothing is changed.

Exit codes: 0 no error was found, 1 wrong arguments, 3 an error was found, or with --strict a warning.`;
