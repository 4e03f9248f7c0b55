import { createHash } from 'node:crypto';

/** Characters of a mark: 48 bits, so that one of five thousand marks fits another node in one case of fifty thousand million. */
const LENGTH = 8;
/** Marks that are kept: as many as the status has room for, which are more than a cluster has nodes. */
const LIMIT = 8192;

/**
 * Stands for one node, shown to trust in one verification. Neither another node nor another verification has it, and a node that
 * is replaced has another uid.
 */
export function markOf(key: string, uid: string): string {
  return createHash('sha256').update(`${key}/${uid}`).digest('base64url').slice(0, LENGTH);
}

/** The marks in a status. */
export function marksIn(proven: string): ReadonlySet<string> {
  return new Set(proven.match(/.{8}/gs));
}

/** Marks of these nodes as a status has them; the same for the same nodes, however they are ordered. */
export function provenText(key: string, uids: Iterable<string>): string {
  return Array.from(uids, (uid) => markOf(key, uid))
    .sort()
    .slice(0, LIMIT)
    .join('');
}

/** How many nodes a status has marks of. */
export function provenCount(proven: string): number {
  return Math.floor(proven.length / LENGTH);
}
