import { armourParts } from './armour.ts';
import type { ArmourPart } from './armour.ts';
import { readBetween } from './between.ts';
import { readBlock, readUnclosed } from './block.ts';
import type { Finding } from '../finding.ts';
import { PRIVATE_KEY_MESSAGE } from '../finding.ts';
import { dataPrecedes, hasData } from './dense-data.ts';
import { isCertificateLabel, isKnownLabel, isPkcs7Label, isPrivateKeyLabel, refuseLabel } from './label.ts';
import { lineCursor, unifyLineEnds } from './line-cursor.ts';
import type { LineCursor } from './line-cursor.ts';
import { findPrivateKey } from './private-key.ts';
import { readForeignText } from './foreign-text.ts';
import { readPkcs7Block } from './pkcs7-block.ts';

/** Levels of base64 that are decoded: PEM inside base64 inside base64. Deeper nesting does not happen by mistake. */
const MAX_DEPTH = 2;

/** The encodings around certificates that are removed. */
export interface TextEncodings {
  /** Levels of base64. */
  readonly depth: number;
  /** True: a PKCS#7 bundle counts as the certificates in it; false: it is refused by its name. */
  readonly pkcs7: boolean;
}

const OF_PEOPLE: TextEncodings = { depth: MAX_DEPTH, pkcs7: true };

/**
 * Yields the findings in a text, in order; the caller may stop at any time. The caller bounds the text's size; the time taken
 * grows with it linearly.
 */
export function* readText(source: string, encodings: TextEncodings = OF_PEOPLE): Generator<Finding, void, undefined> {
  const text = unifyLineEnds(source);
  const foreign = readForeignText(text);
  if (foreign !== undefined) {
    yield foreign;
    return;
  }
  const lines = lineCursor(text);
  const keyAt = findPrivateKey(text);
  let keyFound = false;
  for (const part of armourParts(text)) {
    if (isComment(text, part)) continue;
    if (part.kind === 'block' && encodings.pkcs7 && isPkcs7Label(part.label)) {
      yield* readPkcs7Block(text, part, lines);
      continue;
    }
    if (part.kind === 'block') {
      const finding = readBlock(text, part, lines);
      keyFound ||= isPrivateKey(finding);
      yield finding;
      continue;
    }
    for (const finding of readBroken(text, part, lines, encodings)) {
      keyFound ||= isPrivateKey(finding);
      yield finding;
    }
  }
  if (keyAt !== -1 && !keyFound) {
    yield { kind: 'problem', line: lines.lineAt(keyAt), problem: 'PrivateKey', message: PRIVATE_KEY_MESSAGE };
  }
}

const DECORATION = /^[-\s]*$/;

/** Lines that have the form of markers but belong to the text around blocks, because no data is between them. */
function isComment(text: string, part: ArmourPart): boolean {
  switch (part.kind) {
    case 'text':
      return false;
    case 'block':
      return isPrivateKeyLabel(part.label) && !hasData(text.slice(part.bodyStart, part.bodyEnd));
    case 'unclosed': {
      const body = text.slice(part.bodyStart, part.bodyEnd);
      if (part.endedBy === 'begin' && DECORATION.test(body)) return true;
      return (isPrivateKeyLabel(part.label) || !isKnownLabel(part.label)) && !hasData(body);
    }
    case 'unopened':
      return !isCertificateLabel(part.label) && !dataPrecedes(text, part.markerStart);
  }
}

/** Reads all parts of a text other than whole blocks. */
function* readBroken(
  text: string,
  part: Exclude<ArmourPart, { kind: 'block' }>,
  lines: LineCursor,
  encodings: TextEncodings,
): Generator<Finding, void, undefined> {
  const { depth } = encodings;
  const readInner = (inner: string): Iterable<Finding> =>
    depth > 0 ? readText(inner, { ...encodings, depth: depth - 1 }) : [];
  switch (part.kind) {
    case 'text':
      yield* readBetween(text, { start: part.start, end: part.end, endFollows: false }, lines, readInner);
      return;
    case 'unclosed':
      yield readUnclosed(text, part, lines);
      return;
    case 'unopened': {
      const before = { start: part.start, end: part.markerStart, endFollows: true };
      const explained = yield* readBetween(text, before, lines, readInner);
      const line = lines.lineAt(part.markerStart);
      if (isPrivateKeyLabel(part.label)) yield { kind: 'problem', line, ...refuseLabel(part.label) };
      else if (!explained) yield { kind: 'problem', line, problem: 'Truncated', message: MISSING_BEGIN };
      return;
    }
  }
}

function isPrivateKey(finding: Finding): boolean {
  return finding.kind === 'problem' && finding.problem === 'PrivateKey';
}

const MISSING_BEGIN = 'an END line without a BEGIN line: paste the whole certificate, from its BEGIN line on';
