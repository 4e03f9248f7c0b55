/**
 * Copies a short text that may be a slice of a long one: V8 keeps the long text in memory as long as a slice lives, and messages
 * about a source outlive the source.
 */
export function detach(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
