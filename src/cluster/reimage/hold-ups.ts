import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { runningOperation } from '../cluster-state.ts';
import type { NodesObservation, UpgraderEvent } from '../observation.ts';
import { lastWords } from './last-word.ts';
import { isLeft, type Member } from './members.ts';
import type { Progress } from './progress.ts';
import type { Since } from './since.ts';

/** Something that keeps nodes of a pool from being replaced. */
export interface HoldUp {
  readonly pool: string;
  readonly kind: 'EvictionRefused' | 'DrainFailed' | 'Quarantined' | 'NodeNotReady' | 'NoProgress';
  /** What, and by whom; the same for as long as it is the same. */
  readonly by: string;
  /** What a person can do about it. */
  readonly mend: string;
  /** Since when, in ms of the target's clock, as far as that can be told now. */
  readonly since: number;
}

const MINUTE = 60_000;
/** A node takes minutes to become Ready; AKS itself gives up after about as long. */
const NEVER_READY = 10 * MINUTE;
/** learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling: drainTimeoutInMinutes, where a pool does not say. */
const DRAIN_TIMEOUT_MINUTES = 30;
/** What a reimage takes besides drain and soak, and some more. */
const MARGIN = 15 * MINUTE;

type ReadNodes = Extract<NodesObservation, { kind: 'Read' }>;

/**
 * What holds the replacement up, worst first; at most one of a kind and pool. Nothing where nodes are not counted. An eviction
 * that is refused is tried again every few seconds, and is part of any drain: it counts after `patience` ms.
 */
export function holdUpsOf(
  model: ClusterModel,
  nodes: NodesObservation,
  progress: Progress | undefined,
  since: Since | undefined,
  patience: number,
): HoldUp[] {
  if (nodes.kind !== 'Read' || !progress || !since || progress.members.size === 0) return [];
  const running = runningOperation(model) !== undefined;
  const left = [...progress.members.values()].flat().filter(isLeft);
  // What takes pods again is not being drained, whatever was said when it was.
  const drained = running ? left.filter(({ node }) => !node.schedulable) : left;
  const notes = notesOn(nodes.events ?? [], drained).filter(
    ({ step, since }) => step !== 'EvictionRefused' || (nodes.serverTime ?? Infinity) - since >= patience,
  );
  const found = model.pools.flatMap((pool) => {
    const members = progress.members.get(pool.name);
    return members ? holdUpsOfPool(members, pool, nodes, notes, since) : [];
  });
  if (found.length > 0 || !running) return found;
  const idle = noProgress(model, nodes, progress, since);
  return idle ? [idle] : [];
}

function holdUpsOfPool(
  members: readonly Member[],
  pool: PoolModel,
  nodes: ReadNodes,
  allNotes: readonly UpgraderEvent[],
  since: Since,
): HoldUp[] {
  const left = members.filter(isLeft);
  const own = new Set(left.map(({ node }) => node.name));
  const notes = allNotes.filter(({ node }) => own.has(node));
  const names = (some: readonly Member[]) => listed(some.map(({ node }) => node.name));
  const first = (events: readonly UpgraderEvent[]) => Math.min(...events.map(({ since }) => since));

  const quarantined = left.filter(({ node }) => node.quarantined);
  const refused = notes.filter(({ step }) => step === 'EvictionRefused');
  const isQuarantined = ({ node }: UpgraderEvent) => quarantined.some((one) => one.node.name === node);
  const undrained = notes.filter(({ step }) => step === 'DrainFailed');
  const [givenUp, failed] = [undrained.filter(isQuarantined), undrained.filter((event) => !isQuarantined(event))];
  const late = members.filter(
    ({ node, fate }) =>
      fate !== 'Old' &&
      !node.ready &&
      nodes.serverTime !== undefined &&
      nodes.serverTime - node.createdAt > NEVER_READY,
  );
  const found: HoldUp[] = [];
  const add = (kind: HoldUp['kind'], by: string, mend: string, since: number) =>
    found.push({ pool: pool.name, kind, by, mend, since });
  if (quarantined.length > 0)
    add(
      'Quarantined',
      `AKS could not drain ${names(quarantined)} and quarantined it`,
      'move its pods (kubectl drain), then delete its machine (az aks nodepool delete-machines)',
      givenUp.length > 0 ? first(givenUp) : (nodes.serverTime ?? since.countedAt),
    );
  if (refused.length > 0)
    add(
      'EvictionRefused',
      refusedBy(refused, nodes.refusals),
      'make room in the PodDisruptionBudget, or add a replica of what it guards',
      first(refused),
    );
  if (failed.length > 0)
    add(
      'DrainFailed',
      `${listed(failed.map(({ node }) => node))} could not be drained within ${drainMinutes(pool)} minutes`,
      'see which pods are left on it (kubectl get pods --field-selector spec.nodeName=…), and why they stay',
      first(failed),
    );
  if (late.length > 0)
    add(
      'NodeNotReady',
      `${names(late)} registered and is not Ready`,
      'see why (kubectl describe node); its machine may have to be deleted (az aks nodepool delete-machines)',
      Math.min(...late.map(({ node }) => node.createdAt)),
    );
  return found;
}

/** Of each node that is left, whether its last word is that a drain fails or is refused. */
function notesOn(events: readonly UpgraderEvent[], left: readonly Member[]): UpgraderEvent[] {
  const born = new Map(left.map(({ node }) => [node.name, node.createdAt]));
  const own = events.filter(({ node, at }) => at >= (born.get(node) ?? Infinity));
  return [...lastWords(own).values()].flatMap((event) => {
    if (event.step === 'DrainFailed') return [event];
    // Every pod that is refused is said by itself, in no order, and the drain goes on in between.
    if (event.step !== 'EvictionRefused' && event.step !== 'Draining') return [];
    const ofNode = own.filter(({ node }) => node === event.node);
    // What was refused to an earlier operation says nothing of this one.
    const begun = ofNode.reduce((latest, { step, at }) => (step === 'Cordoned' ? Math.max(latest, at) : latest), 0);
    return ofNode.filter(({ step, at }) => step === 'EvictionRefused' && at >= begun);
  });
}

function refusedBy(refused: readonly UpgraderEvent[], refusals: ReadNodes['refusals']): string {
  const pods = [...new Set(refused.map(({ about }) => about))].sort();
  const [pod = ''] = pods;
  const budgets = refusals?.get(pod) ?? [];
  const node = refused.find(({ about }) => about === pod)?.node ?? '';
  const who = budgets.length > 0 ? `${budgets.join(' and ')} allows` : 'a PodDisruptionBudget (most likely) allows';
  const more = pods.length > 1 ? ` and ${pods.length - 1} more` : '';
  return `${who} no eviction of ${pod}${more}, on node ${node}`;
}

/** No node moved for longer than a drain, a soak and a reimage may take. */
function noProgress(model: ClusterModel, nodes: ReadNodes, progress: Progress, since: Since): HoldUp | undefined {
  const { serverTime } = nodes;
  if (serverTime === undefined || !progress.old) return undefined;
  const pool = model.pools.find(({ name }) => progress.members.get(name)?.some(isLeft));
  if (!pool) return undefined;
  const moves = (nodes.events ?? []).filter(({ step }) => step !== 'EvictionRefused').map(({ at }) => at);
  const moved = Math.max(since.countedAt, ...nodes.nodes.map(({ createdAt }) => createdAt), ...moves);
  const allowed = (drainMinutes(pool) + (pool.soakMinutes ?? 0)) * MINUTE + MARGIN;
  if (serverTime - moved <= allowed) return undefined;
  const minutes = Math.round(allowed / MINUTE);
  return {
    pool: pool.name,
    kind: 'NoProgress',
    by: `no node has moved for more than ${minutes} minutes, the pool's drain timeout and soak included`,
    mend: 'look at the events of its nodes and at the activity log; az aks operation-abort ends what hangs',
    since: moved,
  };
}

function drainMinutes({ drainTimeoutMinutes }: PoolModel): number {
  return drainTimeoutMinutes ?? DRAIN_TIMEOUT_MINUTES;
}

/** Names that a message spells out. */
const SPELLED_OUT = 3;

export function listed(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort();
  const shown = sorted.slice(0, SPELLED_OUT).join(', ');
  return sorted.length > SPELLED_OUT ? `${shown} and ${sorted.length - SPELLED_OUT} more` : shown;
}
