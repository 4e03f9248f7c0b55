import { escapeForDisplay } from '../../api/display.ts';
import { plural } from '../../api/wording.ts';
import type { Output } from '../client/output.ts';
import type { Finding, FindingOutcome } from './finding.ts';

/** Texts of other servers may be long. */
const LONGEST = 2048;

const WORDS: Readonly<Record<FindingOutcome, string>> = {
  Passed: 'passed ',
  Warning: 'WARNING',
  Failed: 'FAILED ',
  Skipped: 'skipped',
};
const COLOURS: Readonly<Record<FindingOutcome, string>> = {
  Passed: '32',
  Warning: '33',
  Failed: '31',
  Skipped: '33',
};

export function printFindings(findings: readonly Finding[], output: Output): void {
  for (const { check, outcome, message, fix } of findings) {
    const word = output.colour ? `\x1b[${COLOURS[outcome]}m${WORDS[outcome]}\x1b[0m` : WORDS[outcome];
    output.write(`${word}  ${shown(check)}: ${shown(message)}\n`);
    if (fix !== undefined) output.write(`         ${shown(fix)}\n`);
  }
  const count = (wanted: FindingOutcome) => findings.filter(({ outcome }) => outcome === wanted).length;
  const warnings = count('Warning') > 0 ? `${plural(count('Warning'), 'warning')}, ` : '';
  output.write(`\n${count('Passed')} passed, ${warnings}${count('Failed')} failed, ${count('Skipped')} skipped.\n`);
}

/** One document; `format` changes when a member changes its meaning. */
export function printFindingsAsJson(findings: readonly Finding[], exitCode: number, output: Output): void {
  output.write(`${JSON.stringify({ format: 1, exitCode, checks: findings }, undefined, 2)}\n`);
}

function shown(text: string): string {
  return escapeForDisplay(text, LONGEST);
}
