import { escapeForDisplay } from '../../../../api/display.ts';
import { spelledOut } from '../../../../api/spelled-out.ts';
import type { Found, NodesObservation, NodeView } from '../../../model/observation.ts';
import { NAMED, failed, passed, unknown, unreadNodes, type PreflightCheck } from './check.ts';
import { nodesUnknown, READ_AGAIN } from './nodes-unknown.ts';

type ReadNodes = Extract<NodesObservation, { kind: 'Read' }>;

export const nodesReady: PreflightCheck = {
  name: 'NodesReady',
  acceptedAs: 'NotReadyNodes',
  check(input) {
    const { nodes, mayName } = input;
    if (nodes.kind !== 'Read') return nodesUnknown(input, 'Whether the nodes are Ready is not known');
    const { nodes: all, troubledRequests: requests } = nodes;
    const notReady = all.filter(({ kind, ready }) => kind === 'Pool' && !ready);
    const troubles = [
      ...(notReady.length > 0
        ? [
            `${count(notReady.length, 'node is', 'nodes are')} not Ready${named(notReady, mayName)}. The same fault may keep new nodes from joining. Repair or delete them.`,
          ]
        : []),
      ...(requests && requests !== 'Forbidden' && requests.count > 0 ? [describeRequests(requests, mayName)] : []),
    ];
    if (troubles.length > 0) return failed(troubles.join(' '));
    if (!requests)
      return unreadNodes(
        `Every node is Ready. Whether kubelets get the certificates that they request could not be read. ${READ_AGAIN}`,
      );
    if (requests === 'Forbidden')
      return unknown(
        'Every node is Ready. Whether kubelets get the certificates that they request is not known: allow the controller to list certificatesigningrequests (deploy/target-cluster/certificates-role.yaml).',
      );
    return passed('Every node is Ready, and kubelets get the certificates that they request.');
  },
};

function describeRequests({ count: all, first }: Found, mayName: boolean): string {
  const what = 'Kubelets do not get the certificates that they request, so that new nodes may not join.';
  if (!mayName) return `${what} ${count(all, 'request has', 'requests have')} got no certificate.`;
  const more = all - first.length;
  const others =
    more > 0 ? ` ${count(more, 'other request has', 'other requests have')} got no certificate either.` : '';
  return `${what} ${first.join(' ')}${others}`;
}

/** A drain through the API server cannot end once the kubelets' certificates are no longer accepted. */
export const evictable: PreflightCheck = {
  name: 'Evictable',
  acceptedAs: 'UnevictablePods',
  check(input) {
    const { nodes, mayName } = input;
    const what = 'Whether PodDisruptionBudgets allow evictions is not known';
    if (nodes.kind !== 'Read') return nodesUnknown(input, what);
    const { tightBudgets } = nodes;
    if (tightBudgets === 'Forbidden')
      return unknown(`${what}. Allow the controller to list poddisruptionbudgets.policy (deploy/target-cluster).`);
    if (!tightBudgets) return unreadNodes(`${what}: they could not be read. ${READ_AGAIN}`);
    if (tightBudgets.length === 0) return passed('Every PodDisruptionBudget allows an eviction.');
    const budgets = tightBudgets.map((name) => escapeForDisplay(name, 320));
    const shown = mayName ? `: ${spelledOut(budgets, NAMED)}` : '';
    return failed(
      `${count(tightBudgets.length, 'PodDisruptionBudget allows', 'PodDisruptionBudgets allow')} no eviction${shown}. Drains may hang until the timeout of the node pool. Add replicas, or make room in the budgets.`,
    );
  },
};

/** No document says that a rotation replaces nodes of Karpenter. */
export const autoProvisionedNodes: PreflightCheck = {
  name: 'AutoProvisionedNodes',
  acceptedAs: 'AutoProvisionedNodes',
  check(input) {
    const { model, nodes, mayName } = input;
    const found = ofKind(nodes, 'AutoProvisioned');
    if (found && found.length > 0)
      return failed(
        `${count(found.length, 'node is', 'nodes are')} auto-provisioned${named(found, mayName)}. AKS does not document that a rotation replaces such nodes; without it they cannot join the cluster again. Be ready to delete their NodeClaims after the rotation.`,
      );
    if (found) return passed('No node is auto-provisioned.');
    if (model.autoProvisions)
      return failed(
        'The cluster provisions nodes by itself (nodeProvisioningProfile.mode Auto), and AKS does not document that a rotation replaces such nodes. Be ready to delete their NodeClaims after the rotation.',
      );
    // A Karpenter of one's own shows in the nodes alone.
    const finding = nodesUnknown(input, 'Whether there are auto-provisioned nodes is not known');
    return finding.result === 'Failed' ? finding : passed('Node auto-provisioning is off.');
  },
};

export const virtualNodes: PreflightCheck = {
  name: 'VirtualNodes',
  acceptedAs: 'VirtualNodes',
  check(input) {
    const { model, nodes } = input;
    const found = ofKind(nodes, 'Virtual')?.length;
    if (!found && !model.hasVirtualNodes) {
      const finding = found === undefined && nodesUnknown(input, 'Whether there are virtual nodes is not known');
      return finding && finding.result === 'Failed' ? finding : passed('The cluster has no virtual nodes.');
    }
    return failed(
      'The cluster has virtual nodes, and AKS does not document that a rotation renews their certificates. Be ready to restart the virtual nodes add-on after the rotation.',
    );
  },
};

function ofKind(nodes: NodesObservation, kind: NodeView['kind']): ReadNodes['nodes'] | undefined {
  return nodes.kind === 'Read' ? nodes.nodes.filter((node) => node.kind === kind) : undefined;
}

/** The names after a colon, where they may be shown. */
function named(nodes: readonly NodeView[], mayName: boolean): string {
  return mayName ? `: ${spelledOut(nodes.map(({ name }) => escapeForDisplay(name)).sort(), NAMED)}` : '';
}

function count(number: number, one: string, several: string): string {
  return `${number} ${number === 1 ? one : several}`;
}
