import { escapeForDisplay } from '../../api/display.ts';
import { plural } from '../../api/wording.ts';
import { escapeInvisible } from '../client/escape-invisible.ts';
import type { Output } from '../client/output.ts';
import type { LintFinding, Severity } from './finding.ts';
import type { LintResult } from './lint.ts';
import { toSarif } from './sarif.ts';

const COLOURS: Readonly<Record<Severity, string>> = { Error: '31', Warning: '33', Note: '36' };
const LONGEST_PATH = 512;
const LONGEST = 2048;
/** Version of the `-o json` document. */
const FORMAT = 1;

export type LintFormat = 'text' | 'json' | 'sarif';

/** Prints the result in one of the forms. */
export function printLint(result: LintResult, exitCode: number, format: LintFormat, output: Output): void {
  const { findings, files, checked } = result;
  switch (format) {
    case 'text':
      for (const finding of findings) output.write(`${lineOf(finding, output.colour)}\n`);
      output.write(`${findings.length > 0 ? '\n' : ''}${summaryOf(result)}\n`);
      return;
    case 'json':
      output.write(`${json({ format: FORMAT, exitCode, files, checked, findings })}\n`);
      return;
    case 'sarif':
      output.write(`${json(toSarif(findings))}\n`);
  }
}

/** A finding as compilers print theirs, so that editors find the line. */
export function lineOf({ file, line, column, severity, code, message, fix }: LintFinding, colour: boolean): string {
  const place = `${escapeForDisplay(file, LONGEST_PATH)}:${line}${column === undefined ? '' : `:${column}`}`;
  const word = colour ? `\x1b[${COLOURS[severity]}m${severity}\x1b[0m` : severity;
  return `${place}: ${word} ${code}: ${escapeForDisplay(fix === undefined ? message : `${message} ${fix}`, LONGEST)}`;
}

function summaryOf({ findings, files }: LintResult): string {
  const count = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  const [errors, warnings, notes] = [count('Error'), count('Warning'), count('Note')];
  return `${plural(files, 'file')}: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}, ${plural(notes, 'note')}.`;
}

function json(document: unknown): string {
  return escapeInvisible(JSON.stringify(document, undefined, 2));
}
