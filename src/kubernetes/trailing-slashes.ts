/** The text without the slashes at its end. An expression for it (`/\\/+$/`) takes the square of the slashes that stand elsewhere. */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}
