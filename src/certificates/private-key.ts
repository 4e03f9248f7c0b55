const MARKER = /(?:BEGIN|END)[A-Z0-9 ]{0,40}PRIVATE KEY/;
const PUTTY = 'PuTTY-User-Key-File';

/**
 * Where a text speaks of a private key in a way that only key files do; -1 where it does not. Looks also where the
 * BEGIN and END lines are broken, so that a key in a damaged file is still seen.
 */
export function findPrivateKey(text: string): number {
  // Short needles with a first character that is rare in base64: this runs over every source.
  if (text.includes(' KEY')) {
    const marker = text.search(MARKER);
    if (marker !== -1) return marker;
  }
  return text.includes('-Key') ? text.indexOf(PUTTY) : -1;
}
