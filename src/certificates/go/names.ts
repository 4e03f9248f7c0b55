import { isUtf8 } from 'node:buffer';
import { SEQUENCE, SET } from '../der.ts';
import type { DerElement } from '../der.ts';
import { escapeForDisplay } from '../../api/display.ts';
import type { DerCursor } from './der-cursor.ts';
import { refuse } from './refusal.ts';

const UTF8_STRING = 0x0c;
const NUMERIC_STRING = 0x12;
const PRINTABLE_STRING = 0x13;
const T61_STRING = 0x14;
const IA5_STRING = 0x16;
const BMP_STRING = 0x1e;

/** PrintableString. "*" and "&" are not part of it; Go allows them, because CAs in use have them. */
const NOT_PRINTABLE = /[^A-Za-z0-9 '()*&+,\-./:=?]/;
const NOT_NUMERIC = /[^0-9 ]/;

/** Reads the content of a name (RFC 5280, section 4.1.2.4) as Go does; `what` is "its subject" or "its issuer". */
export function checkName(name: DerCursor, what: string): void {
  while (!name.isEmpty) {
    const relative = name.enter(SET, what);
    while (!relative.isEmpty) {
      const attribute = relative.enter(SEQUENCE, what);
      attribute.takeObjectIdentifier(what);
      checkString(attribute.der, attribute.takeAny(what), what);
    }
  }
}

function checkString(der: Buffer, { tag, content, end }: DerElement, what: string): void {
  const bytes = der.subarray(content, end);
  const wrong = (form: string, text: RegExp): void => {
    const [found] = text.exec(bytes.toString('latin1')) ?? [];
    if (found !== undefined)
      refuse(`${what} has "${escapeForDisplay(found)}" in a ${form}, which that form does not allow`);
  };
  switch (tag) {
    case T61_STRING:
      return;
    case PRINTABLE_STRING:
      return wrong('PrintableString', NOT_PRINTABLE);
    case NUMERIC_STRING:
      return wrong('NumericString', NOT_NUMERIC);
    case IA5_STRING:
      if (!isAscii(bytes)) refuse(`${what} has an IA5String that is not ASCII`);
      return;
    case UTF8_STRING:
      if (!isUtf8(bytes)) refuse(`${what} has a UTF8String that is not UTF-8`);
      return;
    case BMP_STRING:
      if (!isBasicPlane(bytes)) refuse(`${what} has a BMPString with characters that do not exist in it`);
      return;
    default:
      refuse(`${what} has a string of a form that Go does not know (tag ${tag})`);
  }
}

export function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80);
}

function isBasicPlane(bytes: Buffer): boolean {
  if (bytes.length % 2 !== 0) return false;
  for (let at = 0; at < bytes.length; at += 2) {
    const point = bytes.readUInt16BE(at);
    if (point >= 0xfffe || (point >= 0xfdd0 && point <= 0xfdef) || (point >= 0xd800 && point <= 0xdfff)) return false;
  }
  return true;
}
