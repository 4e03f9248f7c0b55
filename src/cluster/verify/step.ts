import type { PoolModel } from '../../azure/cluster-model.ts';
import type { NodeView } from '../model/observation.ts';
import { timestamp, wholeSeconds } from '../model/record.ts';
import { planVerification, type VerificationPlan } from './plan.ts';
import { markOf, marksIn, provenText } from './verified-nodes.ts';
import type { NodeResult, PodView, VerificationStatus } from './types.ts';
import { awaitsDrift, listSinceOf, type WantedVerification } from './request.ts';

/**
 * State of a verification besides its status. It is lost with the process: nodes that are known to trust are in the status, and
 * the others are verified again.
 */
export interface Memory {
  readonly key: string;
  /** By the uid of the node. */
  results: Map<string, NodeResult>;
  /** Number of pods made, by the uid of the node. */
  readonly tries: Map<string, number>;
}

export interface VerificationStepInput {
  readonly wanted: WantedVerification;
  /** uid of the object. */
  readonly object: string;
  /** `status.verification` as it is stored. */
  readonly stored: VerificationStatus;
  /** This step adds its results. */
  readonly memory: Memory;
  readonly pools: readonly PoolModel[];
  readonly nodes: readonly NodeView[];
  readonly pods: readonly PodView[];
  /** In ms; by our clock, and by the target's own. */
  readonly now: number;
  readonly serverNow: number;
}

export interface VerificationStep {
  readonly plan: VerificationPlan;
  /** The part of the status that is known already: the list, since when the cluster has it, and the nodes that were shown to trust. */
  readonly begun: Pick<VerificationStatus, 'listDigest' | 'listSince' | 'proven'>;
}

const PROVEN: NodeResult = { outcome: 'Trusted', message: 'the node was shown to trust before' };

export function emptyMemory(key: string): Memory {
  return { key, results: new Map(), tries: new Map() };
}

/** Judges the pods and plans the next step, with the results of earlier steps. */
export function stepOf(input: VerificationStepInput): VerificationStep {
  const { wanted, object, stored, memory, pools, nodes, pods, now, serverNow } = input;
  const { key, listDigest } = wanted;
  const marks = marksIn(stored.proven ?? '');
  for (const { uid } of nodes) if (marks.has(markOf(key, uid))) memory.results.set(uid, PROVEN);
  const listSince = listSinceOf(stored, wanted, serverNow);
  const plan = planVerification({
    wanted,
    object,
    startedAt: stored.running ? Date.parse(stored.running.startedAt) : now,
    now,
    serverNow,
    listSince,
    drifting: stored.key === key && awaitsDrift(stored),
    pools,
    nodes,
    pods,
    results: memory.results,
    tries: memory.tries,
  });
  memory.results = new Map(plan.results);
  const trusted = [...plan.results].flatMap(([uid, { outcome }]) => (outcome === 'Trusted' ? [uid] : []));
  return {
    plan,
    begun: {
      listDigest,
      ...(listSince === undefined ? {} : { listSince: wholeSeconds(timestamp(listSince)) }),
      ...(trusted.length > 0 ? { proven: provenText(key, trusted) } : {}),
    },
  };
}
