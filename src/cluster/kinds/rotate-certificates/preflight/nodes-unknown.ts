import { sentences } from '../../../../api/sentences.ts';
import { unknown, unreadNodes, type PreflightFinding, type PreflightInput } from './check.ts';

type NodesSeen = Pick<PreflightInput, 'nodes' | 'mayName'>;

/** The most characters of the reason that are shown. */
const REASON = 500;

/**
 * The finding of a check for which the nodes were not read: Unknown where there is no access to them, or no right to list them. Where they
 * could not be read this time it fails. `what` is a sentence without its full stop.
 */
export function nodesUnknown(input: NodesSeen, what: string): PreflightFinding {
  const { nodes } = input;
  const message = sentences(what, whyUnread(input));
  const isUnknown = nodes.kind === 'NoAccess' || (nodes.kind === 'Unreadable' && nodes.forbidden === true);
  return isUnknown ? unknown(message) : unreadNodes(sentences(message, READ_AGAIN));
}

/** The end of the messages about what could not be read this time. */
export const READ_AGAIN = 'It is read again with the next checks, and the rotation waits for that.';

/** Why the nodes were not read, in whole sentences; empty where they were. */
export function whyUnread({ nodes, mayName }: NodesSeen): string {
  switch (nodes.kind) {
    case 'Unreadable':
      if (!mayName) return 'The nodes cannot be read over the access of another object.';
      return nodes.message.length > REASON ? `${nodes.message.slice(0, REASON)}…` : nodes.message;
    case 'NoAccess':
      return 'Set spec.target.nodeAccess to have it checked.';
    case 'NotRead':
      return 'The nodes were not read yet.';
    case 'Read':
      return '';
  }
}
