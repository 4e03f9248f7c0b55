import { createHash } from 'node:crypto';

/** Characters of a mark: 48 bits, so another node matches one of five thousand marks in one case of fifty thousand million. */
const LENGTH = 8;
/** Most marks in a status; more than a cluster has nodes. */
const LIMIT = 8192;

/**
 * The mark of a node that was shown to trust in a verification. Another verification and a replaced node, which has another uid,
 * have another mark.
 */
export function markOf(key: string, uid: string): string {
  return createHash('sha256').update(`${key}/${uid}`).digest('base64url').slice(0, LENGTH);
}

/** The marks in a status. */
export function marksIn(proven: string): ReadonlySet<string> {
  return new Set(proven.match(/.{8}/gs));
}

/** The text of these nodes' marks for a status; the same text for any order of the nodes. */
export function provenText(key: string, uids: Iterable<string>): string {
  return Array.from(uids, (uid) => markOf(key, uid))
    .sort()
    .slice(0, LIMIT)
    .join('');
}

/** Number of nodes whose marks a status has. */
export function provenCount(proven: string): number {
  return Math.floor(proven.length / LENGTH);
}
