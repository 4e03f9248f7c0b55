import { escapeForDisplay } from '../../api/display.ts';
import type { ArmourPart } from './armour.ts';
import { readBase64 } from './base64.ts';
import type { Base64Fault } from './base64.ts';
import { damagedArmour } from './damaged-armour.ts';
import { SEQUENCE } from '../der.ts';
import { derShape } from '../x509/der-shape.ts';
import type { Finding, ProblemFinding } from '../finding.ts';
import { PRIVATE_KEY_MESSAGE } from '../finding.ts';
import { FAULT_WINDOW, faultMessage } from './fault-message.ts';
import { identify } from '../x509/identify.ts';
import { isCertificateLabel, isKnownLabel, isPrivateKeyLabel, refuseLabel } from './label.ts';
import type { LineCursor } from './line-cursor.ts';
import { MAX_BODY_LENGTH } from '../limits.ts';
import { findPrivateKey } from './private-key.ts';

export type Block = Extract<ArmourPart, { kind: 'block' }>;
type Unclosed = Extract<ArmourPart, { kind: 'unclosed' }>;

/** Reads the data between a BEGIN and its END. */
export function readBlock(text: string, block: Block, lines: LineCursor): Finding {
  const line = lines.lineAt(block.start);
  if (!isCertificateLabel(block.label)) {
    const misnamed = readMisnamed(text, block, line);
    return misnamed ?? { kind: 'problem', line, ...refuseLabel(block.label) };
  }
  if (block.bodyEnd - block.bodyStart > MAX_BODY_LENGTH) {
    return { kind: 'problem', line, problem: 'TooLarge', message: TOO_LARGE };
  }
  const finding = readBody(text, block, lines, line);
  // Digits are base64 characters as well, so numbered lines would be reported at an arbitrary character.
  if (finding.kind === 'certificate') return finding;
  if (hasNumberedLines(text, block)) return { kind: 'problem', line, problem: 'BadBase64', message: NUMBERED };
  const prefix = prefixOf(text, block);
  if (prefix === undefined) return finding;
  const message = `every line begins with "${escapeForDisplay(prefix)}": copy the certificate again without it`;
  return { kind: 'problem', line, problem: 'BadBase64', message };
}

/** Reports a certificate under an unknown label. */
function readMisnamed(text: string, { label, bodyStart, bodyEnd }: Block, line: number): Finding | undefined {
  if (isKnownLabel(label) || bodyEnd - bodyStart > MAX_BODY_LENGTH) return undefined;
  const body = readBase64(text.slice(bodyStart, bodyEnd));
  if (body.kind === 'bad' || derShape(body.bytes) !== 'certificate') return undefined;
  const message = `its BEGIN and END lines have the label "${escapeForDisplay(label, 64)}": write CERTIFICATE instead`;
  return { kind: 'problem', line, problem: 'NotACertificate', message };
}

/** Longest prefix of lines, such as the mark of a quotation, a comment or a diff, that is recognised. */
const LONGEST_PREFIX = 8;

/** The common prefix of the BEGIN line and the first lines of data; undefined where there is none. */
function prefixOf(text: string, { start, bodyStart, bodyEnd }: Block): string | undefined {
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const prefix = before.trim();
  if (prefix === '' || prefix.length > LONGEST_PREFIX) return undefined;
  const [, ...lines] = text.slice(bodyStart, Math.min(bodyEnd, bodyStart + 1024)).split('\n');
  const first = lines.slice(0, 3).filter((line) => line.trim() !== '');
  return first.length > 0 && first.every((line) => line.trimStart().startsWith(prefix)) ? prefix : undefined;
}

const NUMBERED = 'the lines are numbered: copy the certificate again without the numbers';
const NUMBER = /^[ \t]*(\d{1,6})[ \t:|.)]+(?=[A-Za-z0-9+/=]|-----END)/;

/** True where the first lines after BEGIN begin with ascending line numbers. */
function hasNumberedLines(text: string, { bodyStart, bodyEnd }: Block): boolean {
  const [, first = '', second = '', third = ''] = text
    .slice(bodyStart, Math.min(bodyEnd + 32, bodyStart + 1024))
    .split('\n');
  const [one = NaN, two = NaN, three = NaN] = [first, second, third].map((line) =>
    Number(NUMBER.exec(line)?.[1] ?? NaN),
  );
  return two === one + 1 && (third === '' || three === two + 1);
}

function readBody(text: string, block: Block, lines: LineCursor, line: number): Finding {
  const body = readBase64(text.slice(block.bodyStart, block.bodyEnd));
  if (body.kind === 'bad') return describeFault(text, block.bodyStart + body.offset, body.reason, lines);
  if (body.bytes.length === 0) {
    return {
      kind: 'problem',
      line,
      problem: 'Truncated',
      message: 'nothing between BEGIN and END: paste the certificate',
    };
  }
  const identified = identify(body.bytes, body.canonical);
  if (identified.kind === 'certificate') {
    return { kind: 'certificate', line, certificate: identified.certificate, warnings: [] };
  }
  const isDer = body.bytes[0] === SEQUENCE;
  return (isDer ? undefined : readArmouredTwice(body.bytes, line)) ?? { line, ...identified };
}

const TOO_LARGE = `more than ${MAX_BODY_LENGTH / 1024} KiB between BEGIN and END, which no certificate has: paste the certificate itself`;

/** Reports a BEGIN whose END is missing or misspelt. */
export function readUnclosed(text: string, block: Unclosed, lines: LineCursor): Finding {
  const line = lines.lineAt(block.start);
  if (isPrivateKeyLabel(block.label)) return { kind: 'problem', line, ...refuseLabel(block.label) };
  for (let at = block.bodyStart; at < block.bodyEnd;) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 || newline > block.bodyEnd ? block.bodyEnd : newline;
    const damage = damagedArmour(text.slice(at, end));
    if (damage !== undefined) {
      const { column, message } = damage;
      return { kind: 'problem', line: lines.lineAt(at), column, problem: 'BadArmour', message };
    }
    at = end + 1;
  }
  return { kind: 'problem', line, problem: 'Truncated', message: MISSING_END[block.endedBy] };
}

const MISSING_END: Readonly<Record<Unclosed['endedBy'], string>> = {
  begin: 'the next BEGIN line comes before an END line: paste the whole certificate, down to its END line',
  'other-end': 'the END line has another label than the BEGIN line: paste the whole certificate, with its own END line',
  'end-of-text': 'there is no END line: paste the whole certificate, down to its END line',
};

/** Reports the character of a block's base64 that is wrong; `offset` is of the text. */
export function describeFault(text: string, offset: number, fault: Base64Fault, lines: LineCursor): ProblemFinding {
  const line = lines.lineAt(offset);
  const column = lines.columnAt(offset);
  const damage = fault === 'character' ? damagedArmour(lineAround(text, offset, column)) : undefined;
  if (damage !== undefined) {
    return { kind: 'problem', line, column: damage.column, problem: 'BadArmour', message: damage.message };
  }
  const isHeader = HEADER.test(text.slice(offset - column + 1, offset + LONGEST_HEADER));
  const message = isHeader ? HEADER_MESSAGE : faultMessage(text.slice(offset, offset + FAULT_WINDOW), fault);
  return { kind: 'problem', line, column, problem: 'BadBase64', message };
}

/** RFC 1421 puts lines such as "Proc-Type: 4,ENCRYPTED" before the data; RFC 7468 has none in a certificate. */
const HEADER = /^[A-Z][A-Za-z0-9-]{2,30}:/;
const LONGEST_HEADER = 32;
const HEADER_MESSAGE = 'a certificate has no PEM headers: remove the lines between the BEGIN line and the data';

function lineAround(text: string, offset: number, column: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(offset - column + 1, end === -1 ? text.length : end);
}

/** Reports BEGIN and END around the base64 of a file that had them already. */
function readArmouredTwice(bytes: Buffer, line: number): ProblemFinding | undefined {
  const text = bytes.toString('latin1');
  if (findPrivateKey(text) !== -1)
    return { kind: 'problem', line, problem: 'PrivateKey', message: PRIVATE_KEY_MESSAGE };
  if (!text.includes('-----BEGIN ')) return undefined;
  const message = 'the data is base64 of a PEM text: remove the BEGIN and END lines around it, or decode it once';
  return { kind: 'problem', line, problem: 'Ambiguous', message };
}
