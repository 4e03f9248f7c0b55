import { BEGIN, CERTIFICATE, DASHES } from './node-block.ts';
import type { NodeBlock } from './node-block.ts';

const END = '\n-----END ';
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

interface Decoded extends NodeBlock {
  readonly label: string;
  readonly hasHeaders: boolean;
}

/**
 * The blocks that Go's `CertPool.AppendCertsFromPEM` hands to its parser (go1.26, encoding/pem and crypto/x509/cert_pool.go),
 * which is how containerd and the kubelet read the trust store. It takes the same steps as Go does, oddities included.
 */
export function goBlocks(text: string): NodeBlock[] {
  const blocks: NodeBlock[] = [];
  for (let at = 0; at < text.length;) {
    const decoded = decode(text, at);
    if (decoded === undefined) break;
    const { label, hasHeaders, start, end, base64 } = decoded;
    if (label === CERTIFICATE && !hasHeaders) blocks.push({ start, end, base64 });
    at = end;
  }
  return blocks;
}

/** The next block at or after `from`, of any label. */
function decode(text: string, from: number): Decoded | undefined {
  let rest = from;
  for (let trailer = from; rest <= trailer;) {
    rest = trailer;
    const endAt = text.indexOf(END, rest);
    if (endAt === -1) return undefined;
    trailer = endAt + END.length;
    // Go takes the last BEGIN before the first END. The text after an END without a BEGIN counts as the start of a line.
    const ahead = text.slice(rest, endAt).lastIndexOf(BEGIN);
    const start = rest + ahead;
    if (ahead === -1 || (ahead > 0 && text[start - 1] !== '\n')) continue;
    const first = readLine(text, start + BEGIN.length);
    rest = first.next;
    if (!first.line.endsWith(DASHES)) continue;
    const label = first.line.slice(0, -DASHES.length);
    let hasHeaders = false;
    for (;;) {
      if (rest >= text.length) return undefined;
      const { line, next } = readLine(text, rest);
      if (!line.includes(':')) break;
      hasHeaders = true;
      rest = next;
    }
    if (hasHeaders && endAt < rest) continue;
    if (!closes(text, trailer, label)) continue;
    const base64 = endAt > rest ? decodeBody(text.slice(rest, endAt)) : '';
    if (base64 === undefined) continue;
    return { label, hasHeaders, start, end: readLine(text, trailer - 1).next, base64 };
  }
  return undefined;
}

/** True where `label-----` and then only blanks follow "-----END ". */
function closes(text: string, trailer: number, label: string): boolean {
  const end = trailer + label.length + DASHES.length;
  if (end > text.length || !text.startsWith(label, trailer)) return false;
  return text.slice(trailer, end).endsWith(DASHES) && readLine(text, end).line === '';
}

/** Decodes base64 as Go does: it skips blanks, tabs and line ends, and ignores unused bits of the last character. */
function decodeBody(body: string): string | undefined {
  const digits = body.replace(/[ \t\r\n]/g, '');
  if (digits.length % 4 !== 0 || !BASE64.test(digits)) return undefined;
  return Buffer.from(digits, 'base64').toString('base64');
}

/** A line without the blanks and the line end after it, and where the next one begins. Only LF ends a line. */
function readLine(text: string, from: number): { line: string; next: number } {
  const newline = text.indexOf('\n', from);
  let end = newline === -1 ? text.length : newline;
  if (newline > from && text[end - 1] === '\r') end--;
  while (end > from && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  return { line: text.slice(from, end), next: newline === -1 ? text.length : newline + 1 };
}
