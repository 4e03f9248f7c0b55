import type { Base64Fault } from './base64.ts';
import { characterName } from './character-name.ts';

/** Describes a fault in base64; `found` is the text from the faulty character on. */
export function faultMessage(found: string, fault: Base64Fault): string {
  switch (fault) {
    case 'character': {
      const codePoint = found.codePointAt(0) ?? 0;
      const advice = TEXT_ADVICE.find(([text]) => text.test(found))?.[1] ?? CHARACTER_ADVICE.get(codePoint);
      return `${characterName(codePoint)} is not a base64 character: ${advice ?? 'copy the certificate again as plain text'}`;
    }
    case 'padding':
      if (QUOTED_PRINTABLE.test(found))
        return 'the text is quoted-printable, as e-mail has it ("=" at the ends of lines): save the attachment itself, or copy the certificate again as plain text';
      return 'the base64 padding ("=") is missing or misplaced here: a part of the data may be lost, copy the certificate again';
    case 'length':
      return 'the base64 data ends in the middle of a byte: a part of it is lost, copy the certificate again';
    case 'bits':
      return 'the last base64 character does not fit the padding after it: copy the certificate again';
  }
}

const QUOTED_PRINTABLE = /^=(?:[ \t]*\n[A-Za-z0-9+/]|3D)/;

/** Number of characters from a fault on that are needed to identify it. */
export const FAULT_WINDOW = 16;

const TEXT_ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^\\[ \t\r]*(?:\n|$)/, 'remove the backslashes at the ends of the lines'],
  [/^\\{1,8}[nr]/, 'write real line breaks instead of the two characters \\n'],
  [
    /^(?:\^M|\$)[ \t]*(?:\n|$)/,
    'the ends of the lines were printed along (cat -A), copy the certificate again without them',
  ],
  [/^<br *\/?>/i, 'the line breaks are HTML (<br>), copy the certificate again as plain text'],
  [/^&(?:#\d{1,6}|#x[0-9a-f]{1,6}|[a-z]{2,8});/i, 'the text is HTML, copy the certificate again as plain text'],
];

const CHARACTER_ADVICE: ReadonlyMap<number, string> = new Map([
  [0x2d, 'it belongs to base64url, or the END line is misspelt; a certificate needs the common base64'],
  [0x5f, 'it belongs to base64url, a certificate needs the common base64'],
  [0x2e, 'the text may have been shortened, copy the whole certificate'],
  [0x2026, 'copy the whole certificate'],
  [0x24, 'a placeholder may not have been filled in'],
  [0x7b, 'a placeholder may not have been filled in'],
  [0x3c, 'a placeholder may not have been filled in'],
]);
