import type { PoolModel } from '../../azure/cluster-model.ts';
import type { NodeView } from '../model/observation.ts';
import { alterationOf } from './pod-tampering.ts';
import { judgePod, POD_DEADLINE } from './judge-pod.ts';
import { targetsOf } from './node-sample.ts';
import type { NodeResult, PodView } from './types.ts';
import type { WantedVerification } from './request.ts';

/** Pods of one verification that are there at the same time. */
export const AT_A_TIME = 8;
/** Nodes that are not ready, and pools without any node, are given this long, in ms. */
const PATIENCE = 2 * 60_000;
/** Pods of any object that are older than a verification keeps one, in ms: whoever made them is gone. */
const ORPHANED = 60 * 60_000;
/** Pods that a node gets: somebody may take them away, and may do so each time. */
const TRIES = 3;

export interface VerificationInput {
  readonly wanted: WantedVerification;
  /** uid of the object. */
  readonly object: string;
  /** When it began, in ms of our clock, and now. */
  readonly startedAt: number;
  readonly now: number;
  /** The target's own clock, in ms. */
  readonly serverNow: number;
  /** Auto-provisioned nodes that were made up to then may lack the list, in ms of that clock: Karpenter replaces them later. */
  readonly listSince?: number | undefined;
  /** True once such nodes were found: those that are left are waited for, and not asked. */
  readonly drifting: boolean;
  /** Those whose nodes get custom CAs. */
  readonly pools: readonly PoolModel[];
  readonly nodes: readonly NodeView[];
  /** Every pod with our labels in the namespace. */
  readonly pods: readonly PodView[];
  /** What pods have shown so far, by the uid of the node. */
  readonly results: ReadonlyMap<string, NodeResult>;
  /** Pods that were made so far, by the uid of the node. */
  readonly tries: ReadonlyMap<string, number>;
}

/** An answer for a node, or for a pool that has none to ask. */
export interface NodeAnswer {
  readonly node: string;
  /** Set for an auto-provisioned node; empty where it is not known. */
  readonly nodePool?: string;
  /** `Awaited`: it is not shown to trust, nor expected to, before Karpenter has replaced it. */
  readonly outcome: NodeResult['outcome'] | 'Awaited';
  /** Safe to show. */
  readonly message: string;
}

export interface VerificationPlan {
  /** First. */
  readonly remove: readonly PodView[];
  /** Then: nodes that get a pod. */
  readonly create: readonly NodeView[];
  readonly results: ReadonlyMap<string, NodeResult>;
  /** Set once nothing is waited for any more: an answer for each node that was to be asked. */
  readonly answers?: readonly NodeAnswer[];
}

/** One step of a verification that is to go on. */
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
      else answers.push({ node: pool, outcome: 'Unclear', message: 'no node of the pool is there to be asked' });
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

/** The pods to take away where nothing of this object is to run. */
export function planCleanUp(pods: readonly PodView[], object: string, serverNow: number): PodView[] {
  return pods.filter((pod) => !pod.terminating && (pod.object === object || serverNow - pod.createdAt > ORPHANED));
}

function resultFrom(pod: PodView, node: NodeView, input: VerificationInput): NodeResult | undefined {
  const { wanted, object, serverNow } = input;
  if (!pod.terminating) return alterationOf(pod, wanted, object, node) ?? judgePod(pod, wanted, serverNow);
  // Another one of its name can be made once it is gone.
  if (serverNow - pod.createdAt < POD_DEADLINE) return undefined;
  return { outcome: 'Unclear', message: 'somebody told the pod to end, and it does not go away' };
}

/** What is done about a node of which no pod has shown anything. */
function withoutAsking(
  node: NodeView,
  input: VerificationInput,
  isPending: boolean,
  patient: boolean,
): NodeAnswer | NodeResult | 'Ask' | 'Wait' {
  if (isPending) return 'Wait';
  if (input.drifting && isBehind(node, input))
    return { node: node.name, outcome: 'Awaited', message: 'it is older than the list' };
  if ((input.tries.get(node.uid) ?? 0) >= TRIES)
    return { outcome: 'Unclear', message: `${TRIES} pods were made for it, and each was taken away by somebody else` };
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

/** True of a node that may have been made before the list, and is replaced in Karpenter's own time. */
function isBehind({ kind, createdAt }: NodeView, { listSince = -Infinity }: VerificationInput): boolean {
  return kind === 'AutoProvisioned' && createdAt <= listSince;
}
