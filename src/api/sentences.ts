/** Texts one after another, each closed with a full stop where nothing else closes it. Empty ones are left out. */
export function sentences(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => (/[.!?:…]['")\]]?$/.test(text) ? text : `${text}.`))
    .join(' ');
}

/** A word alone, not the beginning of a name such as `spec.suspend` or `team/roots`. */
const WORD = /^[a-z]+(?=[\s,:;])/;

/** A text for people with a capital where it begins with a word. */
export function withCapital(text: string): string {
  return WORD.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
