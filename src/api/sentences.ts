/** Texts one after another, each closed with a full stop where nothing else closes it. Empty ones are left out. */
export function sentences(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => (/[.!?:…]['")\]]?$/.test(text) ? text : `${text}.`))
    .join(' ');
}
