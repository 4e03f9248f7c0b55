import type { Base64Fault } from './base64.ts';
import { characterName } from './character-name.ts';

/** What a fault in base64 is called; `codePoint` is the character it was found at. */
export function faultMessage(codePoint: number | undefined, fault: Base64Fault): string {
  switch (fault) {
    case 'character':
      return `${characterName(codePoint ?? 0)} is not a base64 character: ${CHARACTER_MENDS.get(codePoint ?? 0) ?? 'copy the certificate again as plain text'}`;
    case 'padding':
      return 'the base64 padding ("=") is missing or misplaced here: a part of the data may be lost, copy the certificate again';
    case 'length':
      return 'the base64 data ends in the middle of a byte: a part of it is lost, copy the certificate again';
    case 'bits':
      return 'the last base64 character does not fit the padding after it: copy the certificate again';
  }
}

const CHARACTER_MENDS: ReadonlyMap<number, string> = new Map([
  [0x5c, 'write real line breaks instead of the two characters \\n'],
  [0x2d, 'it belongs to base64url, or the END line is misspelt; a certificate needs the common base64'],
  [0x5f, 'it belongs to base64url, a certificate needs the common base64'],
  [0x2e, 'the text may have been shortened, copy the whole certificate'],
  [0x2026, 'copy the whole certificate'],
  [0x24, 'a placeholder may not have been filled in'],
  [0x7b, 'a placeholder may not have been filled in'],
  [0x3c, 'a placeholder may not have been filled in'],
]);
