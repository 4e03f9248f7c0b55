import { escapeForDisplay } from '../../api/display.ts';
import { spelledOut } from '../../api/spelled-out.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import { runningOperation } from '../model/provisioning-state.ts';
import type { NodesObservation, UpgraderEvent } from '../model/observation.ts';
import type { NodePoolStatus } from '../model/record.ts';
import { rememberedBlocker, FIXES } from './remembered-blocker.ts';
import { latestEvents } from './latest-events.ts';
import { needsReimage, type Member } from './node-state.ts';
import { drainMinutes } from './pool-times.ts';
import type { Progress } from './progress.ts';
import type { Baseline } from './baseline.ts';
import { stalledPools } from './stalled-pools.ts';
import type { Blocker, Patience, PoolInput, ReadNodes } from './blocker.ts';

/**
 * The blockers of the replacement, worst first, at most one of a kind and pool; none where nodes are not counted. AKS retries a
 * refused eviction every few seconds, and a new node takes minutes to become Ready, so a cause that may pass counts only after a
 * while.
 *
 * @param baseline of the last attempt: before it, no node was replaced
 * @param recorded the pools as last recorded: a blocker stays although the API server has dropped the events that showed it
 */
export function blockersOf(
  model: ClusterModel,
  nodes: NodesObservation,
  progress: Progress | undefined,
  baseline: Baseline | undefined,
  patience: Patience,
  recorded: readonly NodePoolStatus[] = [],
): Blocker[] {
  if (nodes.kind !== 'Read' || !progress || !baseline || progress.members.size === 0) return [];
  const running = runningOperation(model) !== undefined;
  const found = model.pools.flatMap((pool) => {
    const members = progress.members.get(pool.name);
    if (!members) return [];
    const before = recorded.find(({ name }) => name === pool.name);
    const input = { pool, members, nodes, baseline, running, recorded: before, patience };
    const own = blockersOfPool(input);
    const kept = own.length === 0 ? rememberedBlocker(input) : undefined;
    return kept ? [kept] : own;
  });
  return running ? [...found, ...stalledPools(model, nodes, progress, baseline, found, patience)] : found;
}

function blockersOfPool({ pool, members, nodes, baseline, running, recorded, patience }: PoolInput): Blocker[] {
  const { serverTime = Infinity, events = [], refusals, refusalsForbidden } = nodes;
  const drained = members.filter((member) => isDrained(member, running));
  const names = (some: readonly Member[]) => listed(some.map(({ node }) => node.name));
  const first = (events: readonly UpgraderEvent[]) => Math.min(...events.map(({ since }) => since));

  // Events of an earlier attempt say nothing about one that runs.
  const notes = drainTroubles(running ? events.filter(({ at }) => at >= baseline.countedAt) : events, drained);
  // Where a pool is already blocked by a refused eviction, the next refusal counts at once.
  const isKnown = recorded?.blockedReason === 'EvictionRefused';
  const refused = stillRefused(
    notes.filter(
      ({ step, since }) => step === 'EvictionRefused' && (isKnown || serverTime - since >= patience.eviction),
    ),
    refusals,
  );
  const quarantined = members.filter((member) => needsReimage(member) && member.node.quarantined);
  const isQuarantined = ({ node }: UpgraderEvent) => quarantined.some((one) => one.node.name === node);
  const undrained = notes.filter(({ step }) => step === 'DrainFailed');
  const [givenUp, failed] = [undrained.filter(isQuarantined), undrained.filter((event) => !isQuarantined(event))];
  const late = members
    .filter(({ node, state }) => state !== 'Old' && !node.ready)
    .map(({ node }) => ({ name: node.name, since: readyUntil(node, events) }))
    .filter(({ since }) => nodes.serverTime !== undefined && serverTime - since > patience.notReady);
  const found: Blocker[] = [];
  const add = (kind: Blocker['kind'], by: string, fix: string, since: number) =>
    found.push({ pool: pool.name, kind, by, fix, since });
  if (quarantined.length > 0)
    add(
      'Quarantined',
      `AKS could not drain ${names(quarantined)} and quarantined it`,
      'Move its pods (kubectl drain), then delete its machine (az aks nodepool delete-machines)',
      givenUp.length > 0 ? first(givenUp) : (nodes.serverTime ?? baseline.countedAt),
    );
  if (refused.length > 0) {
    const { by, isNamed } = refusedBy(refused, refusals);
    const fix = refusalsForbidden && !isNamed ? `${FIXES.EvictionRefused}. ${NAME_BUDGET}` : FIXES.EvictionRefused;
    add('EvictionRefused', by, fix, first(refused));
  }
  if (failed.length > 0)
    add(
      'DrainFailed',
      `${listed(failed.map(({ node }) => node))} could not be drained within ${drainMinutes(pool)} minutes`,
      FIXES.DrainFailed,
      first(failed),
    );
  if (late.length > 0)
    add(
      'NodeNotReady',
      `${listed(late.map(({ name }) => name))} registered but is not Ready`,
      'Find the cause (kubectl describe node); its machine may have to be deleted (az aks nodepool delete-machines)',
      Math.min(...late.map(({ since }) => since)),
    );
  return found;
}

/** True for a node that AKS drains, or has tried to drain. AKS also drains surge nodes before it removes them. */
function isDrained({ node, state }: Member, running: boolean): boolean {
  if (!needsReimage({ node, state }) && state !== 'Surge') return false;
  // A schedulable node is not being drained, even if its events still report the drain.
  return !running || !node.schedulable;
}

/** The last time at which a node that is not Ready may have been Ready: when AKS reported it upgraded, else when it was created. */
function readyUntil({ name, createdAt }: Member['node'], events: readonly UpgraderEvent[]): number {
  return events
    .filter(({ node, step }) => node === name && step === 'Upgraded')
    .reduce((latest, { at }) => Math.max(latest, at), createdAt);
}

/** The failed drains and refused evictions that AKS reported last for each drained node. */
function drainTroubles(events: readonly UpgraderEvent[], drained: readonly Member[]): UpgraderEvent[] {
  const createdAt = new Map(drained.map(({ node }) => [node.name, node.createdAt]));
  const own = events.filter(({ node, at }) => at >= (createdAt.get(node) ?? Infinity));
  return [...latestEvents(own).values()].flatMap((event) => {
    if (event.step === 'DrainFailed') return [event];
    // AKS reports each refused pod separately, in any order, and the drain goes on in between.
    if (event.step !== 'EvictionRefused' && event.step !== 'Draining') return [];
    const ofNode = own.filter(({ node }) => node === event.node);
    // Refusals from an earlier operation say nothing about this one.
    const cordonedAt = ofNode.reduce(
      (latest, { step, at }) => (step === 'Cordoned' ? Math.max(latest, at) : latest),
      0,
    );
    return ofNode.filter(({ step, at }) => step === 'EvictionRefused' && at >= cordonedAt);
  });
}

/**
 * Drops the refusals that no budget causes any more: AKS' next attempt will show the result. Only some pods are checked; where none
 * of those is refused, the others are not either.
 */
function stillRefused(refused: readonly UpgraderEvent[], refusals: ReadNodes['refusals']): readonly UpgraderEvent[] {
  const left = refused.filter(({ about }) => refusals?.get(about)?.length !== 0);
  const checked = refused.some(({ about }) => refusals?.has(about));
  return checked && !left.some(({ about }) => refusals?.has(about)) ? [] : left;
}

/** How to let the next reading name the budget. */
const NAME_BUDGET =
  'To see the budget named here, allow the controller to list pods and PodDisruptionBudgets (deploy/target-cluster)';

function refusedBy(
  refused: readonly UpgraderEvent[],
  refusals: ReadNodes['refusals'],
): { readonly by: string; readonly isNamed: boolean } {
  const pods = [...new Set(refused.map(({ about }) => about))].sort();
  const pod = pods.find((name) => refusals?.has(name)) ?? pods[0] ?? '';
  const budgets = refusals?.get(pod) ?? [];
  const node = refused.find(({ about }) => about === pod)?.node ?? '';
  const isNamed = budgets.length > 0;
  const others = budgets.length > SPELLED_OUT ? ` and ${budgets.length - SPELLED_OUT} more` : '';
  const named = budgets.slice(0, SPELLED_OUT).map(escapedName).join(' and ');
  const blockedBy = isNamed ? `${named}${others}` : 'a PodDisruptionBudget (most likely)';
  const more = pods.length > 1 ? ` and ${pods.length - 1} more` : '';
  const refusedPods = pod === '' ? `a pod${more}` : `${escapedName(pod)}${more}`;
  return { by: `${blockedBy} allows no eviction of ${refusedPods}, on node ${escapedName(node)}`, isNamed };
}

/** Names that a message spells out. */
const SPELLED_OUT = 3;

export function listed(names: readonly string[]): string {
  return spelledOut([...new Set(names)].sort().map(escapedName), SPELLED_OUT);
}

/** Makes a name from the target's API server safe to show. A pod's namespace/name has at most 63 + 1 + 253 characters. */
function escapedName(name: string): string {
  return escapeForDisplay(name, 320);
}
