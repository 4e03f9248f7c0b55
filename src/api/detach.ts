/**
 * A copy of a short text that may have been cut out of a long one: V8 keeps the long one for as long as its slices live,
 * and what is said about a source outlives the source.
 */
export function detach(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
