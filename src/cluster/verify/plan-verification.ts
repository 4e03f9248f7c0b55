import type { PoolModel } from '../../azure/cluster-model.ts';
import type { NodeView } from '../observation.ts';
import { judgePod } from './judge-pod.ts';
import type { NodeResult, PodView } from './verification.ts';
import type { WantedVerification } from './wanted.ts';

/** Pods of one verification that are there at the same time. */
export const AT_A_TIME = 8;
/** Nodes that are not ready, and pools without any node, are given this long, in ms. */
const PATIENCE = 2 * 60_000;
/** Pods of any object that are older than a verification keeps one, in ms: whoever made them is gone. */
const ORPHANED = 60 * 60_000;

export interface VerificationInput {
  readonly wanted: WantedVerification;
  /** uid of the object. */
  readonly object: string;
  /** When it began, in ms of our clock, and now. */
  readonly startedAt: number;
  readonly now: number;
  /** The target's own clock, in ms. */
  readonly serverNow: number;
  /** Those whose nodes get custom CAs. */
  readonly pools: readonly PoolModel[];
  readonly nodes: readonly NodeView[];
  /** Every pod with our labels in the namespace. */
  readonly pods: readonly PodView[];
  /** What pods have shown so far, by the uid of the node. */
  readonly results: ReadonlyMap<string, NodeResult>;
}

/** An answer for a node, or for a pool that has none to ask. */
export interface Answer extends NodeResult {
  readonly node: string;
}

export interface VerificationPlan {
  /** First. */
  readonly remove: readonly PodView[];
  /** Then: nodes that get a pod. */
  readonly create: readonly NodeView[];
  readonly results: ReadonlyMap<string, NodeResult>;
  /** Set once nothing is waited for any more: an answer for each node that was to be asked. */
  readonly answers?: readonly Answer[];
}

/** One step of a verification that is to go on. */
export function planVerification(input: VerificationInput): VerificationPlan {
  const { wanted, object, pods, serverNow, results: before } = input;
  const own = pods.filter((pod) => pod.object === object && pod.key === wanted.key);
  const asked = new Set([...before.keys(), ...own.map(({ nodeUid }) => nodeUid)]);
  const targets = input.pools.map((pool) => ({ pool, nodes: choose(pool, input.nodes, asked, wanted) }));
  const uids = new Set(targets.flatMap(({ nodes }) => nodes.map(({ uid }) => uid)));

  const results = new Map([...before].filter(([uid]) => uids.has(uid)));
  const pending = new Set<string>();
  const remove = planCleanUp(
    pods.filter((pod) => !own.includes(pod)),
    object,
    serverNow,
  );
  for (const pod of own) {
    if (pod.terminating) continue;
    const wasWanted = uids.has(pod.nodeUid) && !results.has(pod.nodeUid);
    const result = wasWanted ? judgePod(pod, wanted, serverNow) : undefined;
    if (result) results.set(pod.nodeUid, result);
    if (result || !wasWanted) remove.push(pod);
    else pending.add(pod.nodeUid);
  }

  const patient = input.now - input.startedAt < PATIENCE;
  const answers: Answer[] = [];
  const create: NodeView[] = [];
  let waits = pending.size > 0;
  for (const { pool, nodes } of targets) {
    if (nodes.length === 0 && pool.count > 0) {
      if (patient) waits = true;
      else answers.push({ node: pool.name, outcome: 'Unclear', message: 'no node of the pool is there to be asked' });
    }
    for (const node of nodes) {
      const result = results.get(node.uid);
      if (result) answers.push({ node: node.name, ...result });
      else if (pending.has(node.uid)) continue;
      else if (node.ready) create.push(node);
      else if (patient) waits = true;
      else answers.push({ node: node.name, outcome: 'Unclear', message: 'the node is not ready' });
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

/** One of a pool stays the one that is asked, for as long as it is there. */
function choose(
  pool: PoolModel,
  nodes: readonly NodeView[],
  asked: ReadonlySet<string>,
  { spec }: WantedVerification,
): readonly NodeView[] {
  const own = nodes.filter((node) => node.kind === 'Pool' && node.pool === pool.name).sort(byFitness);
  if (spec.nodes === 'Every') return own;
  const one = own.find(({ uid }) => asked.has(uid)) ?? own[0];
  return one ? [one] : [];
}

/** A cordoned node may be about to go; its pods run all the same, because no scheduler is asked. */
function byFitness(a: NodeView, b: NodeView): number {
  return (
    Number(b.ready) - Number(a.ready) ||
    Number(b.schedulable) - Number(a.schedulable) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  );
}
