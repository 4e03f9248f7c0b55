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
/** People copy what stands at the end, so that nothing is put behind it. */
const COMMAND = /\b(?:az|kubectl|openssl|systemctl) [^.]*[^.)]$/;

/** A text for people as whole sentences: with a capital where it begins with a word, and closed where it ends with one. */
export function asSentence(text: string): string {
  const whole = WORD.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[\p{L}\p{N})\]"]$/u.test(whole) && !COMMAND.test(whole.slice(-300)) ? `${whole}.` : whole;
}
