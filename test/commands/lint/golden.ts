import { exitCodeOf } from '../../../src/commands/lint/command.ts';
import { lintInputs } from '../../../src/commands/lint/lint.ts';
import { lineOf } from '../../../src/commands/lint/print.ts';
import { NOW } from './made-up.ts';

/** What `lint` says of one file: its findings, and the exit code. */
export function goldenOf(name: string, bytes: Buffer): string {
  const result = lintInputs([{ name, named: true }], () => ({ kind: 'bytes', bytes }), { now: NOW });
  const lines = result.findings.map((finding) => `${lineOf(finding, false)}\n`);
  return `${lines.join('')}exit code ${exitCodeOf(result, false)}\n`;
}
