import type { Node } from '../aks.ts';
import type { NodesFate } from '../lasting.ts';
import { rowOf } from '../target-stream.ts';
import { AFFLICTED, secretOf, VICTIM } from '../script.ts';
import { kubeconfigOf } from '../target.ts';
import type { Condition } from './condition.ts';

const YEAR = 365 * 24 * 3600_000;
/** Nodes matter where objects have access to them; then nothing is added, or what was begun is not seen. */
const UNSEEN = ['NodesUnreadable', 'Trusted'];

function ofTargets(name: string, fate: NodesFate, more: Partial<Condition> = {}): Condition {
  return {
    name,
    spares: 'OtherClusters',
    says: { object: VICTIM, reasons: UNSEEN },
    ...more,
    begin({ world, aks }) {
      world.lasting = { nodes: (one) => (one === aks ? fate : undefined) };
      return () => (world.lasting = undefined);
    },
  };
}

const lies = (bornAt: (node: Node, now: number) => number): NodesFate => ({
  kind: 'Lies',
  rowOf: (node, now) => rowOf({ ...node, createdAt: Math.floor(bornAt(node, now) / 1000) * 1000 }),
});

/** Conditions of a cluster's API server, as objects are given access to it. */
export const OF_TARGETS: readonly Condition[] = [
  ofTargets("the target's API server is silent", { kind: 'Dead' }),
  ofTargets("the target's API server forbids it", {
    kind: 'Refused',
    status: 403,
    reason: 'Forbidden',
    message: 'nodes is forbidden',
  }),
  ofTargets("the target's API server knows us no more", {
    kind: 'Refused',
    status: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
  }),
  ofTargets("the target's API server cannot be reached", {
    kind: 'Refused',
    status: 0,
    reason: 'ECONNREFUSED',
    message: 'connect ECONNREFUSED',
  }),
  ofTargets("the target's list of nodes does not end", { kind: 'Endless' }),
  ofTargets("the target's lists take 6 s", { kind: 'Slow', ms: 6000 }, { spares: 'Everybody' }),
  ofTargets("the target's lists take 40 s", { kind: 'Slow', ms: 40_000 }),
  ofTargets(
    'the target says that every node is new',
    lies((_node, now) => now),
    { deceives: true },
  ),
  ofTargets(
    'the target says that every node is old',
    lies(() => Date.parse('2026-01-02T08:00:00Z')),
    {
      deceives: true,
      says: { object: VICTIM, reasons: ['Updating', 'ReimageInProgress', 'NodesUnreadable', 'Trusted'] },
    },
  ),
  ofTargets(
    'the target says that every node is born in a hundred years',
    lies(({ createdAt }) => createdAt + 100 * YEAR),
    { deceives: true },
  ),
  ofTargets(
    'the target says that every node is born in 1970',
    lies(() => 0),
    {
      deceives: true,
      says: { object: VICTIM, reasons: ['Updating', 'ReimageInProgress', 'NodesUnreadable', 'Trusted'] },
    },
  ),
  {
    name: 'the Secret with the kubeconfig is gone',
    spares: 'OtherClusters',
    says: { object: VICTIM, reasons: UNSEEN },
    begin({ world: { api } }) {
      const name = `team/${secretOf('team', AFFLICTED)}`;
      if (api.get('secrets', name)) api.delete('secrets', name);
      return () => void api.create('secrets', name, { data: { value: kubeconfigOf(AFFLICTED) } });
    },
  },
  {
    name: 'the Secret with the kubeconfig is nonsense',
    spares: 'OtherClusters',
    says: { object: VICTIM, reasons: UNSEEN },
    begin({ world: { api } }) {
      const name = `team/${secretOf('team', AFFLICTED)}`;
      api.update('secrets', name, (one) => ({ ...one, data: { value: btoa('{{{') } }));
      return () => void api.update('secrets', name, (one) => ({ ...one, data: { value: kubeconfigOf(AFFLICTED) } }));
    },
  },
];
