import { capital } from '../../api/wording.ts';
import { FORM_NAMES } from '../../certificates/formats/file-form.ts';
import { judgeClusters, type FilePlaced, type FileShare } from './clusters.ts';
import { MAX_FILE_BYTES, type Content, type InputFile } from './files.ts';
import { MOST_FINDINGS, type Found, type LintFinding } from './finding.ts';
import { byLine, lintFile, type LintOptions } from './lint-file.ts';

/** The result of all files together. */
export interface LintResult {
  /** By file in the order of the files, and by line. */
  readonly findings: readonly LintFinding[];
  /** Files that were named or found, also those that could not be read or are about something else. */
  readonly files: number;
  /** Certificates and objects. */
  readonly checked: number;
}

/** {@link LintResult}, and the certificates in their order; the same one may be there several times. */
export interface InputsLint extends LintResult {
  readonly placed: readonly FilePlaced[];
}

/** Checks files one after the other, so that only one of them is in memory. Never throws. */
export function lintInputs(
  inputs: readonly InputFile[],
  read: (name: string) => Content,
  options: LintOptions,
): InputsLint {
  const byFile = new Map<string, LintFinding[]>();
  const shares: FileShare[] = [];
  const placed: FilePlaced[] = [];
  let checked = 0;
  for (const { name: file, named } of inputs) {
    const content = read(file);
    if (content.kind !== 'bytes') {
      byFile.set(file, [{ file, ...faultOf(content) }]);
      continue;
    }
    const lint = lintFile(content.bytes, options);
    checked += lint.checked;
    // A file of a folder that has nothing of ours is about something else.
    if (lint.checked === 0 && !named) continue;
    const nothing = lint.checked === 0 && lint.findings.length === 0 ? [nothingIn(FORM_NAMES[lint.form])] : [];
    byFile.set(
      file,
      bounded([...lint.findings, ...nothing]).map((found) => ({ file, ...found })),
    );
    shares.push(...lint.shares.map((share) => ({ ...share, file })));
    for (const part of [lint, ...lint.shares]) placed.push(...part.placed.map((one) => ({ ...one, file })));
  }
  for (const finding of judgeClusters(shares)) byFile.get(finding.file)?.push(finding);
  return {
    findings: [...byFile.values()].flatMap((findings) => findings.toSorted(byLine)),
    files: inputs.length,
    checked,
    placed,
  };
}

function bounded(findings: readonly Found[]): readonly Found[] {
  if (findings.length <= MOST_FINDINGS) return findings;
  const [first] = findings.slice(MOST_FINDINGS);
  const message = `There are ${findings.length - MOST_FINDINGS} more findings in this file.`;
  const more: Found = { severity: 'Error', code: 'TooManyFindings', line: first?.line ?? 1, message };
  return [...findings.slice(0, MOST_FINDINGS), more];
}

function faultOf(content: Exclude<Content, { kind: 'bytes' }>): Found {
  if (content.kind === 'unreadable')
    return { severity: 'Error', code: 'Unreadable', line: 1, message: `The file cannot be read: ${content.why}.` };
  const message = `The file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB, and is not read.`;
  return { severity: 'Error', code: 'TooLarge', line: 1, message, fix: 'Keep only the certificates that nodes need.' };
}

function nothingIn(form: string): Found {
  const message = `${capital(form)} without a certificate and without an object of aks-ca-trust.dev.`;
  return { severity: 'Error', code: 'NothingFound', line: 1, message, fix: 'Name a file that has one.' };
}
