import { readBase64 } from '../pem/base64.ts';
import { BEGIN, CERTIFICATE, DASHES } from './node-block.ts';
import type { NodeBlock } from './node-block.ts';

const END = '-----END ';
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';
/** Blanks that its base64 does not know. */
const FOREIGN_BLANK = /[\v\f]/;
/** Longest line that OpenSSL reads at once; a longer one counts as several lines. */
const LONGEST = 254;
/** Lines after a blank line, and before the last one, are exactly so long. */
const WIDTH = 64;

/**
 * The certificates that a program with OpenSSL 3 takes from a file (crypto/pem/pem_lib.c: PEM_read_bio until it fails),
 * up to the first thing at which it stops. Where OpenSSL is lenient with base64, this is not.
 */
export function opensslBlocks(text: string): NodeBlock[] {
  const blocks: NodeBlock[] = [];
  // Its strings end at NUL.
  if (text.includes('\0')) return blocks;
  for (let at = 0; ;) {
    const opened = findBegin(text, at);
    if (opened === undefined) return blocks;
    const read = readBody(text, opened.bodyStart, opened.label);
    if (read === undefined) return blocks;
    const body = readBase64(read.body);
    if (body.kind === 'bad' || body.bytes.length === 0 || FOREIGN_BLANK.test(read.body)) return blocks;
    if (opened.label === CERTIFICATE) blocks.push({ start: opened.start, end: read.end, base64: body.canonical });
    at = read.end;
  }
}

/** Goes from marker to marker, since a text may have a million lines and no marker. */
function findBegin(text: string, from: number): { label: string; start: number; bodyStart: number } | undefined {
  let lineStart = from;
  let passed = from;
  for (let start = text.indexOf(BEGIN, from); start !== -1; start = text.indexOf(BEGIN, start + 1)) {
    const newline = text.slice(passed, start).lastIndexOf('\n');
    if (newline !== -1) lineStart = passed + newline + 1;
    passed = start;
    const mark = lineStart === from && text.startsWith(BYTE_ORDER_MARK, from) ? BYTE_ORDER_MARK.length : 0;
    // With a mark before it, the first piece of a line is read with the mark, and is shorter without.
    const isFirst = start === lineStart + mark;
    if (!isFirst && (start - lineStart) % LONGEST !== 0) continue;
    const { line, next } = readLine(text, isFirst ? lineStart : start);
    const first = isFirst ? line.slice(mark) : line;
    if (first.endsWith(DASHES) && first.length >= BEGIN.length + DASHES.length)
      return { label: first.slice(BEGIN.length, -DASHES.length), start, bodyStart: next };
  }
  return undefined;
}

/** The data between BEGIN and END; undefined where OpenSSL fails, or takes a part of it for headers. */
function readBody(text: string, from: number, label: string): { body: string; end: number } | undefined {
  let bodyStart = from;
  let afterBlank = false;
  let ended = false;
  let partial = false;
  for (let at = from; at < text.length;) {
    const { line, next } = readLine(text, at);
    if (line.includes(':')) return undefined;
    const follows = partial;
    partial = next - at === LONGEST && text[next - 1] !== '\n';
    if (line === '') {
      if (!follows) {
        // Everything before a blank line is headers, and there may be one such line.
        if (afterBlank || text.slice(from, at).trim() !== '') return undefined;
        afterBlank = true;
        bodyStart = next;
      }
    } else if (line.startsWith(END)) {
      if (line !== `${END}${label}${DASHES}`) return undefined;
      return { body: text.slice(bodyStart, at), end: next };
    } else if (ended) {
      return undefined;
    } else if (afterBlank) {
      if (line.length > WIDTH) return undefined;
      ended = line.length < WIDTH;
    }
    at = next;
  }
  return undefined;
}

/** A line without trailing characters that are not visible ASCII, and the offset of the next line. */
function readLine(text: string, from: number): { line: string; next: number } {
  const newline = text.indexOf('\n', from);
  const next = Math.min(newline === -1 ? text.length : newline + 1, from + LONGEST);
  let end = next;
  while (end > from && !isVisible(text.charCodeAt(end - 1))) end--;
  return { line: text.slice(from, end), next };
}

function isVisible(code: number): boolean {
  return code > 0x20 && code < 0x80;
}
