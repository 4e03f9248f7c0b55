import { readBase64 } from '../pem/base64.ts';
import { BEGIN, CERTIFICATE, DASHES } from './node-block.ts';
import type { NodeBlock } from './node-block.ts';

const END = '-----END ';
/** A line that ends and another one with nothing but blanks in it. */
const BLANK_LINE = /\n[ \t\v\f\r]*\n/;
/** A file that contains it is read as p11-kit's own format. */
const OWN_FORMAT = '[p11-kit-object-v1]';

/**
 * The certificates that p11-kit takes from a file (0.24, common/pem.c), which is what `update-ca-trust` of Azure Linux
 * builds its bundle with. Markers count at any position of a line, and the first END that does not fit ends the reading.
 */
export function p11KitBlocks(text: string): NodeBlock[] {
  const blocks: NodeBlock[] = [];
  if (text.includes('\0') || text.includes(OWN_FORMAT)) return blocks;
  for (let at = 0; ;) {
    const start = text.indexOf(BEGIN, at);
    if (start === -1) return blocks;
    const labelStart = start + BEGIN.length;
    const labelEnd = text.indexOf(DASHES, labelStart);
    if (labelEnd === -1) return blocks;
    const label = text.slice(labelStart, labelEnd);
    if (label.includes('\n')) return blocks;
    const bodyStart = labelEnd + DASHES.length;
    const bodyEnd = text.indexOf(END, bodyStart);
    if (bodyEnd === -1 || !text.startsWith(label + DASHES, bodyEnd + END.length)) return blocks;
    const base64 = readBody(text.slice(bodyStart, bodyEnd));
    at = bodyEnd + END.length + label.length + DASHES.length;
    if (label === CERTIFICATE && base64 !== undefined) blocks.push({ start, end: at, base64 });
  }
}

/** All text before the first blank line counts as headers. */
function readBody(text: string): string | undefined {
  const blank = BLANK_LINE.exec(text);
  const body = readBase64(blank === null ? text : text.slice(blank.index + blank[0].length));
  return body.kind === 'bytes' && body.bytes.length > 0 ? body.canonical : undefined;
}
