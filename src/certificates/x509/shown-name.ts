/** A name of a certificate for a cell or a sentence; an empty one is allowed, and would look as if it had been left out. */
export function shownName(name: string): string {
  return name === '' ? '(empty name)' : name;
}
