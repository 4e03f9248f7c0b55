import { readBare } from './bare-base64.ts';
import { dataFollows, dataPrecedes } from './dense-data.ts';
import type { Finding, InnerReader } from '../finding.ts';
import { isPrivateKeyLabel, refuseLabel } from './label.ts';
import type { LineCursor } from './line-cursor.ts';
import { looseParts, startsEncodedPem } from './loose-parts.ts';

/** Offsets of a text outside of blocks; `endFollows`: an END without a BEGIN comes right after it. */
export interface Between {
  readonly start: number;
  readonly end: number;
  readonly endFollows: boolean;
}

/**
 * Reads the text outside of blocks, where comments are allowed. Returns true when it has already reported the block that the
 * following END closes, because its BEGIN is misspelt.
 */
export function* readBetween(
  text: string,
  between: Between,
  lines: LineCursor,
  readInner: InnerReader,
): Generator<Finding, boolean, undefined> {
  let open = false;
  const textEnd = between.start + text.slice(between.start, between.end).trimEnd().length;
  for (const part of looseParts(text, between.start, between.end)) {
    if (part.kind === 'damage') {
      const { opens, label, column, message } = part.damage;
      // A comment or a heading can read like a marker as well; only one with data beside it is reported.
      if (!(opens ? dataFollows(text, endOfLine(text, part.start)) : open || dataPrecedes(text, part.start))) continue;
      // The END of a block whose BEGIN is misspelt needs no report of its own.
      if (opens || !open) {
        const problem = isPrivateKeyLabel(label) ? refuseLabel(label) : ({ problem: 'BadArmour', message } as const);
        yield { kind: 'problem', line: lines.lineAt(part.start), column, ...problem };
      }
      open = opens;
      continue;
    }
    if (part.kind === 'binary') {
      yield { kind: 'problem', line: lines.lineAt(part.start), problem: 'Ambiguous', message: BINARY };
      continue;
    }
    const isBody = open || (between.endFollows && part.end === textEnd);
    if (isBody && !startsEncodedPem(text.slice(part.start, part.start + 32))) continue;
    yield* readBare(text, part, lines, readInner);
  }
  return open;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

const BINARY =
  'binary data between the certificates is ignored: if it is a certificate in DER, convert it with "openssl x509 -inform DER -in FILE" or "aks-ca-trust convert --to pem FILE", and paste the PEM';
