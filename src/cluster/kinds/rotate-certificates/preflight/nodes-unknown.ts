import { unknown, type PreflightFinding, type PreflightInput } from './check.ts';

/** The finding of a check for which the nodes were not read. `what` is a sentence without its full stop. */
export function nodesUnknown(input: NodesSeen, what: string): PreflightFinding {
  return unknown(`${what}. ${whyOf(input)}`);
}

type NodesSeen = Pick<PreflightInput, 'nodes' | 'mayName'>;

function whyOf({ nodes, mayName }: NodesSeen): string {
  switch (nodes.kind) {
    case 'Unreadable':
      return mayName ? nodes.message : 'The nodes cannot be read over the access of another object.';
    case 'NoAccess':
      return 'Set spec.target.nodeAccess to have it checked.';
    case 'NotRead':
      return 'The nodes were not read yet.';
    case 'Read':
      return 'Allow the controller to read it (deploy/target-cluster).';
  }
}
