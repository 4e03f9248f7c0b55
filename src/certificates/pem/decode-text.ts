import { isUtf8 } from 'node:buffer';

/** Decodes bytes as UTF-8, or byte by byte where they are not UTF-8: PEM is ASCII, and other text is only shown. */
export function decodeText(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
