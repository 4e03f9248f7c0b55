import type { ProblemFinding } from '../finding.ts';
import { PRIVATE_KEY_MESSAGE } from '../finding.ts';
import { findPrivateKey } from './private-key.ts';

const SAMPLE = 128;
/** UTF-16 read as single bytes has many NUL characters among the first ones. */
const MOST_LETTERS = 4;
/** A marker encoded for a URL, with blanks as %20 or as a plus sign. */
const PERCENT = /(?:%2D|-){5}(?:BEGIN|END)(?:%20|\+)[A-Z0-9.%+]{1,40}(?:%2D|-){5}/i;

/**
 * Reports a text that as a whole cannot be read, because it is UTF-16 or encoded for a URL. Undefined for every other text.
 */
export function readForeignText(text: string): ProblemFinding | undefined {
  const nul = text.indexOf('\0');
  if (nul !== -1 && nul < SAMPLE && isWide(text)) {
    if (findPrivateKey(text.replaceAll('\0', '')) !== -1) return PRIVATE_KEY;
    const column = nul - text.lastIndexOf('\n', nul);
    return { kind: 'problem', line: 1, column, problem: 'BadArmour', message: UTF_16 };
  }
  if (!text.includes('%') || text.includes('-----BEGIN ')) return undefined;
  const encoded = text.search(PERCENT);
  if (encoded === -1) return undefined;
  if (findPrivateKey(text) !== -1) return PRIVATE_KEY;
  const line = text.slice(0, encoded).split('\n').length;
  return { kind: 'problem', line, problem: 'BadArmour', message: PERCENT_ENCODED };
}

function isWide(text: string): boolean {
  const sample = text.slice(0, SAMPLE);
  return sample.length >= 4 && sample.split('\0').length - 1 >= sample.length / MOST_LETTERS;
}

const PRIVATE_KEY = { kind: 'problem', line: 1, problem: 'PrivateKey', message: PRIVATE_KEY_MESSAGE } as const;
const UTF_16 = 'the whole text is UTF-16: save the file as UTF-8 or as plain ASCII and paste it again';
const PERCENT_ENCODED =
  'the text is encoded for a URL (%20, %0A): decode it once, so that BEGIN and END stand in lines of their own';
