/**
 * The text without trailing slashes. A regular expression (`/\/+$/`) would take quadratic time for slashes elsewhere in the text.
 */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end--;
  return text.slice(0, end);
}
