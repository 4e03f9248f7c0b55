import { dataFollows, dataPrecedes } from './dense-data.ts';

/** Matches also where blanks are encoded as in a URL. */
const MARKER = /(BEGIN|END)(?:[A-Z0-9 +]|%20){0,40}PRIVATE(?: |%20|\+)KEY/g;
const PUTTY = 'PuTTY-User-Key-File';

/**
 * Offset of a private key in a text; -1 where there is none. A key is a line that only key files have, with data beside it: a
 * comment may mention keys. Keys are found also where the BEGIN and END lines are damaged.
 */
export function findPrivateKey(text: string): number {
  // Short needles with a first character that is rare in base64: this runs over every source.
  if (text.includes(' KEY') || text.includes('%20KEY') || text.includes('+KEY')) {
    for (const { 0: marker, 1: word, index } of text.matchAll(MARKER)) {
      if (word === 'BEGIN' ? dataFollows(text, index + marker.length) : dataPrecedes(text, index)) return index;
    }
  }
  const putty = text.includes('-Key') ? text.indexOf(PUTTY) : -1;
  return putty === -1 ? findOtherKey(text) : putty;
}

const AGE = 'AGE-SECRET-KEY-1';
/** The private number of a JSON Web Key (RFC 7518, section 6), and of an RSAKeyValue as .NET writes it. */
const OTHERS: readonly { readonly mark: string; readonly key: RegExp }[] = [
  { mark: '"kty"', key: /"d"[ \t\n]{0,8}:[ \t\n]{0,8}"[A-Za-z0-9_-]{16}/ },
  { mark: '<RSAKeyValue', key: /<D>[ \t\n]{0,8}[A-Za-z0-9+/]{16}/ },
];

function findOtherKey(text: string): number {
  for (const { mark, key } of OTHERS) {
    const found = text.includes(mark) ? text.search(key) : -1;
    if (found !== -1) return found;
  }
  return text.includes('SECRET') ? text.indexOf(AGE) : -1;
}
