/** A name of a certificate for a cell or a sentence. An empty name is valid, but would read like a missing one. */
export function shownName(name: string): string {
  return name === '' ? '(empty name)' : name;
}
