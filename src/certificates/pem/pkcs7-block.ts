import { readPkcs7 } from '../containers/pkcs7.ts';
import type { Finding } from '../finding.ts';
import { identify } from '../x509/identify.ts';
import { readBase64 } from './base64.ts';
import { describeFault } from './block.ts';
import type { Block } from './block.ts';
import type { LineCursor } from './line-cursor.ts';

/** Reads the certificates of a PKCS#7 bundle in PEM; each has the line of the bundle. The caller bounds the text, and stops early. */
export function* readPkcs7Block(text: string, block: Block, lines: LineCursor): Generator<Finding, void, undefined> {
  const line = lines.lineAt(block.start);
  const body = readBase64(text.slice(block.bodyStart, block.bodyEnd));
  if (body.kind === 'bad') {
    yield describeFault(text, block.bodyStart + body.offset, body.reason, lines);
    return;
  }
  yield* certificatesInPkcs7(body.bytes, line);
}

/** The certificates of a PKCS#7 bundle in DER, all at one line. */
export function* certificatesInPkcs7(der: Buffer, line: number): Generator<Finding, void, undefined> {
  const reading = readPkcs7(der);
  if (reading.kind === 'problem') {
    yield { kind: 'problem', line, problem: 'NotACertificate', message: reading.message };
    return;
  }
  for (const certificate of reading.certificates) yield findingOf(certificate, line);
}

/** One certificate of a container, in DER. */
export function findingOf(der: Buffer, line: number): Finding {
  const identified = identify(der, der.toString('base64'));
  return identified.kind === 'certificate'
    ? { kind: 'certificate', line, certificate: identified.certificate, warnings: [] }
    : { line, ...identified };
}
