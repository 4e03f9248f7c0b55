/** Escapes characters that JSON allows and terminals obey: C1 controls and bidirectional overrides. The data stays the same. */
export function escapeInvisible(json: string): string {
  return json.replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}\u007f]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
