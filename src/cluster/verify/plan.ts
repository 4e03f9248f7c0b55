import type { PoolModel } from '../../azure/cluster-model.ts';
import type { NodeView } from '../model/observation.ts';
import { alterationOf } from './pod-tampering.ts';
import { judgePod, POD_DEADLINE } from './judge-pod.ts';
import { targetsOf } from './node-sample.ts';
import type { NodeResult, PodView } from './types.ts';
import type { WantedVerification } from './request.ts';

/** Most pods of one verification that exist at the same time. */
export const AT_A_TIME = 8;
/** Wait for nodes that are not ready and for pools without nodes, in ms. */
const PATIENCE = 2 * 60_000;
/** Age, in ms, from which a pod of any object is an orphan: no verification keeps a pod that long. */
const ORPHANED = 60 * 60_000;
/** Most pods that are made for one node: another client may delete each of them. */
const TRIES = 3;

export interface VerificationInput {
  readonly wanted: WantedVerification;
  /** uid of the object. */
  readonly object: string;
  /** Start of the verification, and now, in ms of our clock. */
  readonly startedAt: number;
  readonly now: number;
  /** The target's own clock, in ms. */
  readonly serverNow: number;
  /** Auto-provisioned nodes made until this time, in ms of the target's clock, may lack the list until Karpenter replaces them. */
  readonly listSince?: number | undefined;
  /** True once such nodes were found: the remaining ones are awaited, and not verified. */
  readonly drifting: boolean;
  /** Pools whose nodes get custom CAs. */
  readonly pools: readonly PoolModel[];
  readonly nodes: readonly NodeView[];
  /** Every pod with our labels in the namespace. */
  readonly pods: readonly PodView[];
  /** Results so far, by the uid of the node. */
  readonly results: ReadonlyMap<string, NodeResult>;
  /** Number of pods made so far, by the uid of the node. */
  readonly tries: ReadonlyMap<string, number>;
}

/** The final result of a node, or of a pool without a node to verify. */
export interface NodeAnswer {
  readonly node: string;
  /** Set for an auto-provisioned node; empty where it is not known. */
  readonly nodePool?: string;
  /** `Awaited`: the node is not expected to trust before Karpenter has replaced it. */
  readonly outcome: NodeResult['outcome'] | 'Awaited';
  /** Safe to show. */
  readonly message: string;
}

export interface VerificationPlan {
  /** Pods to delete, before any is created. */
  readonly remove: readonly PodView[];
  /** Nodes that get a pod. */
  readonly create: readonly NodeView[];
  readonly results: ReadonlyMap<string, NodeResult>;
  /** Set once nothing is awaited: a result for each node that had to be verified. */
  readonly answers?: readonly NodeAnswer[];
}

/** Plans one step of a verification. */
export function planVerification(input: VerificationInput): VerificationPlan {
  const { wanted, object, pods, serverNow, results: before } = input;
  const own = pods.filter((pod) => pod.object === object && pod.key === wanted.key);
  const asked = new Set([...before.keys(), ...own.map(({ nodeUid }) => nodeUid)]);
  const targets = targetsOf(input.pools, input.nodes, wanted.spec, asked);
  const chosen = new Map(targets.flatMap(({ nodes }) => nodes.map((node) => [node.uid, node])));

  const results = new Map([...before].filter(([uid]) => chosen.has(uid)));
  const pending = new Set<string>();
  const others = pods.filter((pod) => !own.includes(pod));
  const remove = planCleanUp(others, object, serverNow);
  for (const pod of own) {
    const node = results.has(pod.nodeUid) ? undefined : chosen.get(pod.nodeUid);
    const result = node && resultFrom(pod, node, input);
    if (node && result) results.set(node.uid, result);
    else if (node) pending.add(node.uid);
    if (!pod.terminating && (result || !node)) remove.push(pod);
  }

  const patient = input.now - input.startedAt < PATIENCE;
  const answers: NodeAnswer[] = [];
  const create: NodeView[] = [];
  let waits = pending.size > 0;
  for (const { pool, nodes, expectsNodes } of targets) {
    if (nodes.length === 0 && expectsNodes) {
      if (patient) waits = true;
      else answers.push({ node: pool, outcome: 'Unclear', message: 'the pool has no node in the cluster' });
    }
    for (const node of nodes) {
      const result = results.get(node.uid) ?? withoutAsking(node, input, pending.has(node.uid), patient);
      if (result === 'Ask') create.push(node);
      else if (result === 'Wait') waits = true;
      else answers.push(answerOf(node, result, input));
    }
  }
  const room = Math.max(0, AT_A_TIME - pending.size);
  return {
    remove,
    create: create.slice(0, room),
    results,
    ...(waits || create.length > 0 ? {} : { answers }),
  };
}

/** The pods to delete where nothing of this object is to run. */
export function planCleanUp(pods: readonly PodView[], object: string, serverNow: number): PodView[] {
  return pods.filter((pod) => !pod.terminating && (pod.object === object || serverNow - pod.createdAt > ORPHANED));
}

function resultFrom(pod: PodView, node: NodeView, input: VerificationInput): NodeResult | undefined {
  const { wanted, object, serverNow } = input;
  if (!pod.terminating) return alterationOf(pod, wanted, object, node) ?? judgePod(pod, wanted, serverNow);
  // A new pod of the same name can be created once this one is gone.
  if (serverNow - pod.createdAt < POD_DEADLINE) return undefined;
  return { outcome: 'Unclear', message: 'another client deleted the pod, and it does not terminate' };
}

/** The next action, or the result, for a node without one. */
function withoutAsking(
  node: NodeView,
  input: VerificationInput,
  isPending: boolean,
  patient: boolean,
): NodeAnswer | NodeResult | 'Ask' | 'Wait' {
  if (isPending) return 'Wait';
  if (input.drifting && isBehind(node, input))
    return { node: node.name, outcome: 'Awaited', message: 'the node is older than the list' };
  if ((input.tries.get(node.uid) ?? 0) >= TRIES)
    return { outcome: 'Unclear', message: `another client deleted each of the ${TRIES} pods for this node` };
  if (node.ready) return 'Ask';
  return patient ? 'Wait' : { outcome: 'Unclear', message: 'the node is not ready' };
}

function answerOf(node: NodeView, { outcome, message }: NodeAnswer | NodeResult, input: VerificationInput): NodeAnswer {
  return {
    node: node.name,
    ...(node.kind === 'AutoProvisioned' ? { nodePool: node.nodePool ?? '' } : {}),
    outcome: outcome === 'Untrusted' && isBehind(node, input) ? 'Awaited' : outcome,
    message,
  };
}

/** True for an auto-provisioned node that may be older than the list. Karpenter replaces it in its own time. */
function isBehind({ kind, createdAt }: NodeView, { listSince = -Infinity }: VerificationInput): boolean {
  return kind === 'AutoProvisioned' && createdAt <= listSince;
}
