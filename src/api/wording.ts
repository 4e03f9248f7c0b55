/** A count with its noun: `1 file`, `2 files`. For nouns that take an s. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The beginning of a sentence, with a capital whatever it begins with. `withCapital` of sentences.ts leaves names as they are. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
