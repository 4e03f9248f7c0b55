import { readBase64 } from './base64.ts';
import type { Base64Reading } from './base64.ts';
import { decodeText } from './decode-text.ts';
import { SEQUENCE } from '../der.ts';
import { SHAPE_NAMES, derShape } from '../x509/der-shape.ts';
import type { Finding, InnerReader, ProblemFinding } from '../finding.ts';
import { PRIVATE_KEY_MESSAGE } from '../finding.ts';
import { FAULT_WINDOW, faultMessage } from './fault-message.ts';
import type { LineCursor } from './line-cursor.ts';
import { ENCODED_PEM, startsEncodedPem } from './loose-parts.ts';

/** A text without any of these has nothing to read and nothing to refuse. */
const MARKS = ['BEGIN', 'END', ...ENCODED_PEM, 'PuTTY'].map((mark) => Buffer.from(mark));
const CONVERT = 'save it in a file, convert it with "aks-ca-trust convert --to pem FILE", and paste the PEM';
/** Shorter than any certificate or request. */
const SHORTEST_DER = 80;

/**
 * Reads base64 outside of blocks. An encoded PEM text (an element of ARM's list, a Secret's value) is read, with a warning;
 * encoded DER is refused, because nothing shows that it is meant as a certificate; anything else is text.
 */
export function* readBare(
  text: string,
  bare: { readonly start: number; readonly end: number },
  lines: LineCursor,
  readInner: InnerReader,
): Generator<Finding> {
  const word = text.slice(bare.start, bare.end);
  const line = lines.lineAt(bare.start);
  const bytes = Buffer.from(word, 'base64');
  if (isDer(bytes)) {
    const problem = describeDer(bytes, line);
    if (problem !== undefined) yield problem;
    return;
  }
  if (!MARKS.some((mark) => bytes.includes(mark))) return;
  const reading = readBase64(word, bytes);
  if (reading.kind === 'bad') {
    if (startsEncodedPem(word)) yield describeFault(text, bare.start, reading, lines);
    return;
  }
  for (const finding of readInner(decodeText(reading.bytes))) yield outside(finding, line);
}

/** Translates a finding in the decoded text to the line of the text that people see. */
function outside(finding: Finding, line: number): Finding {
  if (finding.kind === 'certificate') return { ...finding, line, warnings: ['Base64EncodedPem'] };
  const { line: inner, problem, message } = finding;
  return {
    kind: 'problem',
    line,
    problem,
    message: `in line ${inner} of the PEM text that is encoded as base64 here: ${message}`,
  };
}

function describeFault(
  text: string,
  start: number,
  { offset, reason }: Extract<Base64Reading, { kind: 'bad' }>,
  lines: LineCursor,
): ProblemFinding {
  const message = `in a PEM text that is encoded as base64: ${faultMessage(text.slice(start + offset, start + offset + FAULT_WINDOW), reason)}`;
  const line = lines.lineAt(start + offset);
  return { kind: 'problem', line, column: lines.columnAt(start + offset), problem: 'BadBase64', message };
}

/** True for a SEQUENCE of DER: its tag is also the digit 0, but the length after it is not text, or is short and correct. */
function isDer(bytes: Buffer): boolean {
  const [tag, length = 0] = bytes;
  return tag === SEQUENCE && (length >= 0x80 || bytes.length === length + 2);
}

function describeDer(bytes: Buffer, line: number): ProblemFinding | undefined {
  const shape = derShape(bytes);
  switch (shape) {
    case 'private-key':
      return { kind: 'problem', line, problem: 'PrivateKey', message: PRIVATE_KEY_MESSAGE };
    case 'certificate': {
      const message =
        'a certificate in base64 without BEGIN and END lines: put -----BEGIN CERTIFICATE----- before it and -----END CERTIFICATE----- after it';
      return { kind: 'problem', line, problem: 'Ambiguous', message };
    }
    case 'unknown': {
      if (bytes.length < SHORTEST_DER) return undefined;
      const message =
        'base64 without BEGIN and END lines: if it is a whole certificate, put -----BEGIN CERTIFICATE----- before it and -----END CERTIFICATE----- after it';
      return { kind: 'problem', line, problem: 'Ambiguous', message };
    }
    default: {
      const isContainer = shape === 'pkcs7' || shape === 'pkcs12';
      const fix = isContainer ? CONVERT : 'paste certificates with their BEGIN and END lines';
      const message = `${SHAPE_NAMES[shape]} in base64: ${fix}`;
      return { kind: 'problem', line, problem: 'NotACertificate', message };
    }
  }
}
