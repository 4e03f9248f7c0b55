import { createFlagReader } from '../client/flags.ts';
import { LINT_FLAGS, type LintFlags } from './flags.ts';
import type { LintFormat } from './print.ts';

export interface LintRequest {
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  readonly strict: boolean;
  readonly password: PasswordSource;
  readonly output: LintFormat;
}

/** Where the password of a PKCS#12 file comes from. */
export interface PasswordSource {
  readonly file: string | undefined;
  /** From the environment. */
  readonly value: string | undefined;
}

export type LintReading =
  { readonly ok: true; readonly request: LintRequest } | { readonly ok: false; readonly faults: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

const FORMATS: readonly LintFormat[] = ['text', 'json', 'sarif'];

export function readLintFlags(paths: readonly string[], flags: LintFlags, env: Environment): LintReading {
  const { faults, text } = createFlagReader(LINT_FLAGS, flags);
  const typed = text('output') ?? 'text';
  const output = FORMATS.find((format) => format === typed);
  if (output === undefined) faults.push(`--output is "${typed}"; it can be text, json or sarif`);
  faults.push(...pathFaults(paths));
  const password = { file: text('passwordFile'), value: env['PKCS12_PASSWORD'] };
  if (faults.length > 0 || output === undefined) return { ok: false, faults };
  return { ok: true, request: { paths, strict: flags.strict === true, password, output } };
}

/** What is wrong with the arguments that name files. */
export function pathFaults(paths: readonly string[]): string[] {
  if (paths.includes('')) return ['the name of a file is empty'];
  if (paths.filter((path) => path === '-').length > 1) return ['- stands for standard input, which is read once'];
  return [];
}
