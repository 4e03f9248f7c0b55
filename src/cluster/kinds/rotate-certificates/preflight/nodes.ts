import { escapeForDisplay } from '../../../../api/display.ts';
import { spelledOut } from '../../../../api/spelled-out.ts';
import type { NodesObservation, NodeView } from '../../../model/observation.ts';
import { failed, passed, type PreflightCheck, type PreflightFinding } from './check.ts';

/** The most names that a message has. */
const NAMED = 3;
/** The most by which our clock and that of the API server may differ, in ms: certificates are valid from some minutes before they are made. */
const APART = 5 * 60_000;

type ReadNodes = Extract<NodesObservation, { kind: 'Read' }>;

/** All dates of certificates are judged by our clock. */
export const clockSane: PreflightCheck = {
  name: 'ClockSane',
  check({ nodes, now }) {
    const { serverTime } = nodes.kind === 'Read' ? nodes : {};
    if (serverTime === undefined) return unknown(nodes, 'The clock of the API server was not read');
    const apart = Math.round(Math.abs(now - serverTime) / 60_000);
    if (Math.abs(now - serverTime) <= APART)
      return passed("The controller's clock agrees with that of the API server.");
    const how = now > serverTime ? 'ahead of' : 'behind';
    return failed(
      `The controller's clock is ${apart} minutes ${how} that of the API server, so it cannot tell which certificates are valid. Correct the clock that is wrong.`,
    );
  },
};

export const nodesReady: PreflightCheck = {
  name: 'NodesReady',
  acceptedAs: 'NotReadyNodes',
  check({ nodes }) {
    if (nodes.kind !== 'Read') return unknown(nodes, 'Whether the nodes are Ready is not known');
    const notReady = nodes.nodes.filter(({ kind, ready }) => kind === 'Pool' && !ready);
    if (notReady.length === 0) return passed('Every node is Ready.');
    return failed(
      `${count(notReady.length, 'node is', 'nodes are')} not Ready: ${names(notReady)}. What is wrong with them may keep new nodes from joining. Repair or delete them.`,
    );
  },
};

/** A drain through the API server cannot end once the kubelets' certificates are no longer accepted. */
export const evictable: PreflightCheck = {
  name: 'Evictable',
  acceptedAs: 'UnevictablePods',
  check({ nodes }) {
    if (nodes.kind !== 'Read' || !nodes.tightBudgets)
      return unknown(nodes, 'Whether PodDisruptionBudgets allow evictions is not known');
    const { tightBudgets } = nodes;
    if (tightBudgets.length === 0) return passed('Every PodDisruptionBudget allows an eviction.');
    const shown = spelledOut(
      tightBudgets.map((name) => escapeForDisplay(name, 320)),
      NAMED,
    );
    return failed(
      `${count(tightBudgets.length, 'PodDisruptionBudget allows', 'PodDisruptionBudgets allow')} no eviction: ${shown}. Drains may hang until the timeout of the node pool. Add replicas, or make room in the budgets.`,
    );
  },
};

/** No document says that a rotation replaces nodes of Karpenter. */
export const autoProvisionedNodes: PreflightCheck = {
  name: 'AutoProvisionedNodes',
  acceptedAs: 'AutoProvisionedNodes',
  check({ model, nodes }) {
    const found = ofKind(nodes, 'AutoProvisioned');
    if (found && found.length > 0)
      return failed(
        `${count(found.length, 'node is', 'nodes are')} auto-provisioned: ${names(found)}. AKS does not document that a rotation replaces such nodes; without it they cannot join the cluster again. Be ready to delete their NodeClaims after the rotation.`,
      );
    if (found) return passed('No node is auto-provisioned.');
    return model.autoProvisions
      ? failed(
          'The cluster provisions nodes by itself (nodeProvisioningProfile.mode Auto), and AKS does not document that a rotation replaces such nodes. Be ready to delete their NodeClaims after the rotation.',
        )
      : passed('Node auto-provisioning is off.');
  },
};

export const virtualNodes: PreflightCheck = {
  name: 'VirtualNodes',
  acceptedAs: 'VirtualNodes',
  check({ model, nodes }) {
    const found = ofKind(nodes, 'Virtual')?.length ?? 0;
    if (found === 0 && !model.hasVirtualNodes) return passed('The cluster has no virtual nodes.');
    return failed(
      'The cluster has virtual nodes, and AKS does not document that a rotation renews their certificates. Be ready to restart the virtual nodes add-on after the rotation.',
    );
  },
};

function ofKind(nodes: NodesObservation, kind: NodeView['kind']): ReadNodes['nodes'] | undefined {
  return nodes.kind === 'Read' ? nodes.nodes.filter((node) => node.kind === kind) : undefined;
}

function unknown(nodes: NodesObservation, what: string): PreflightFinding {
  const why =
    nodes.kind === 'Unreadable'
      ? nodes.message
      : nodes.kind === 'NoAccess'
        ? 'Set spec.target.nodeAccess to have it checked.'
        : nodes.kind === 'NotRead'
          ? 'The nodes were not read yet.'
          : 'Allow the controller to read it (deploy/target-cluster).';
  return { result: 'Unknown', message: `${what}. ${why}` };
}

function names(nodes: readonly NodeView[]): string {
  return spelledOut(nodes.map(({ name }) => escapeForDisplay(name)).sort(), NAMED);
}

function count(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`;
}
