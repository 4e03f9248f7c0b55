/** `a, b and 3 more`: the first texts of a list in words, and how many there are besides. */
export function spelledOut(texts: readonly string[], most: number): string {
  const more = texts.length > most ? ` and ${texts.length - most} more` : '';
  return texts.slice(0, most).join(', ') + more;
}

/** The same for subjects of certificates. They have commas in them, so more than one are in quotes. */
export function subjectsSpelledOut(subjects: readonly string[], most: number): string {
  return spelledOut(subjects.length > 1 ? subjects.map((subject) => `"${subject}"`) : subjects, most);
}
