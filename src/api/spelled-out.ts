/** `a, b and 3 more`: the first texts of a list, and the number of the others. */
export function spelledOut(texts: readonly string[], most: number): string {
  const more = texts.length > most ? ` and ${texts.length - most} more` : '';
  return texts.slice(0, most).join(', ') + more;
}

/** The same for subjects of certificates, which contain commas: several are in quotes. */
export function subjectsSpelledOut(subjects: readonly string[], most: number): string {
  return spelledOut(subjects.length > 1 ? subjects.map((subject) => `"${subject}"`) : subjects, most);
}
