import { isUtf8 } from 'node:buffer';

/** Bytes as text, byte by byte where they are not UTF-8: PEM is ASCII, and what is not is only shown. */
export function decodeText(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
