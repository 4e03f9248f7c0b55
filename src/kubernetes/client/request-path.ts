/** Far above the longest path that the API has: two names of 253 characters, each encoded. */
const LONGEST = 4096;

/**
 * Why a path is not to be sent, for people; undefined when it may be. The client (undici) refuses a path with a blank or a
 * character above U+00FF only when the request has a connection, and its pool then takes that connection for a busy one for
 * ever (lib/dispatcher/pool-base.js): no such path may reach it. An empty name would ask for the whole collection, and the API
 * server splits a path only after it has decoded it, so that an encoded slash or `..` would name something else.
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
