import type { NodesObservation } from '../../../model/observation.ts';
import { unknown, type PreflightFinding } from './check.ts';

/** The finding of a check for which the nodes were not read. `what` is a sentence without its full stop. */
export function nodesUnknown(nodes: NodesObservation, what: string): PreflightFinding {
  return unknown(`${what}. ${whyOf(nodes)}`);
}

function whyOf(nodes: NodesObservation): string {
  switch (nodes.kind) {
    case 'Unreadable':
      return nodes.message;
    case 'NoAccess':
      return 'Set spec.target.nodeAccess to have it checked.';
    case 'NotRead':
      return 'The nodes were not read yet.';
    case 'Read':
      return 'Allow the controller to read it (deploy/target-cluster).';
  }
}
