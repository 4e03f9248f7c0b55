/** Far longer than any path of the API, with two encoded names of 253 characters. */
const LONGEST = 4096;

/**
 * The reason why a path must not be sent, for people; undefined when it may be. The client (undici) refuses a path with a blank
 * or a character above U+00FF only when the request has a connection, and its pool then treats that connection as busy for ever
 * (lib/dispatcher/pool-base.js): no such path may reach it. An empty name would request the whole collection, and the API server
 * splits a path only after decoding it, so an encoded slash or `..` would name another object.
 */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'it does not begin with a slash';
  if (path.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (!/^[\x21-\x7e]*$/.test(path)) return 'it has a blank, a control or another character that is not percent-encoded';
  if (/[?#\\]/.test(path)) return 'it has a "?", a "#" or a backslash';
  if (path === '/') return undefined;
  for (const segment of path.slice(1).split('/')) {
    const name = decoded(segment);
    if (name === undefined) return 'its percent-encoding is broken';
    if (name === '') return 'a name in it is empty';
    if (name === '.' || name === '..') return `a name in it is "${name}"`;
    if (/[\p{Cc}/\\]/u.test(name)) return 'a name in it has a slash, a backslash or a control character';
  }
  return undefined;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
