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
 * What holds the replacement up, worst first; at most one of a kind and pool. Nothing where nodes are not counted. An eviction
 * that is refused is tried again every few seconds, and is part of any drain, and a new node takes minutes to become Ready:
 * what may pass counts after a while. `since` is of the last attempt: when that began, nothing had moved. `known` are the pools
 * as they were last recorded: what was said once is not taken back because the API server has forgotten what AKS said.
 */
export function blockersOf(
  model: ClusterModel,
  nodes: NodesObservation,
  progress: Progress | undefined,
  since: Baseline | undefined,
  patience: Patience,
  known: readonly NodePoolStatus[] = [],
): Blocker[] {
  if (nodes.kind !== 'Read' || !progress || !since || progress.members.size === 0) return [];
  const running = runningOperation(model) !== undefined;
  const found = model.pools.flatMap((pool) => {
    const members = progress.members.get(pool.name);
    if (!members) return [];
    const before = known.find(({ name }) => name === pool.name);
    const input = { pool, members, nodes, since, running, before, patience };
    const own = blockersOfPool(input);
    const kept = own.length === 0 ? rememberedBlocker(input) : undefined;
    return kept ? [kept] : own;
  });
  return running ? [...found, ...stalledPools(model, nodes, progress, since, found, patience)] : found;
}

function blockersOfPool({ pool, members, nodes, since, running, before, patience }: PoolInput): Blocker[] {
  const { serverTime = Infinity, events = [], refusals, refusalsForbidden } = nodes;
  const drained = members.filter((member) => isDrained(member, running));
  const names = (some: readonly Member[]) => listed(some.map(({ node }) => node.name));
  const first = (events: readonly UpgraderEvent[]) => Math.min(...events.map(({ since }) => since));

  // What was said of an earlier attempt says nothing of one that runs.
  const notes = notesOn(running ? events.filter(({ at }) => at >= since.countedAt) : events, drained);
  // Of a pool that is held up by its pods, the next one that is refused is no news.
  const isKnown = before?.blockedReason === 'EvictionRefused';
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
    .filter(({ node, fate }) => fate !== 'Old' && !node.ready)
    .map(({ node }) => ({ name: node.name, since: wellUntil(node, events) }))
    .filter(({ since }) => nodes.serverTime !== undefined && serverTime - since > patience.notReady);
  const found: Blocker[] = [];
  const add = (kind: Blocker['kind'], by: string, mend: string, since: number) =>
    found.push({ pool: pool.name, kind, by, mend, since });
  if (quarantined.length > 0)
    add(
      'Quarantined',
      `AKS could not drain ${names(quarantined)} and quarantined it`,
      'move its pods (kubectl drain), then delete its machine (az aks nodepool delete-machines)',
      givenUp.length > 0 ? first(givenUp) : (nodes.serverTime ?? since.countedAt),
    );
  if (refused.length > 0) {
    const { by, isNamed } = refusedBy(refused, refusals);
    const mend = refusalsForbidden && !isNamed ? `${FIXES.EvictionRefused}; ${NAME_IT}` : FIXES.EvictionRefused;
    add('EvictionRefused', by, mend, first(refused));
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
      `${listed(late.map(({ name }) => name))} registered and is not Ready`,
      'see why (kubectl describe node); its machine may have to be deleted (az aks nodepool delete-machines)',
      Math.min(...late.map(({ since }) => since)),
    );
  return found;
}

/** Nodes that AKS drains, or has tried to; surge nodes too, which it drains before it takes them away. */
function isDrained({ node, fate }: Member, running: boolean): boolean {
  if (!needsReimage({ node, fate }) && fate !== 'Surge') return false;
  // What takes pods again is not being drained, whatever was said when it was.
  return !running || !node.schedulable;
}

/** Until when a node that is not Ready may have been well: it was when AKS was done with it, or it was not there yet. */
function wellUntil({ name, createdAt }: Member['node'], events: readonly UpgraderEvent[]): number {
  return events
    .filter(({ node, step }) => node === name && step === 'Upgraded')
    .reduce((latest, { at }) => Math.max(latest, at), createdAt);
}

/** Of each node that is drained, whether AKS' last word is that this fails or is refused. */
function notesOn(events: readonly UpgraderEvent[], drained: readonly Member[]): UpgraderEvent[] {
  const born = new Map(drained.map(({ node }) => [node.name, node.createdAt]));
  const own = events.filter(({ node, at }) => at >= (born.get(node) ?? Infinity));
  return [...latestEvents(own).values()].flatMap((event) => {
    if (event.step === 'DrainFailed') return [event];
    // Every pod that is refused is said by itself, in no order, and the drain goes on in between.
    if (event.step !== 'EvictionRefused' && event.step !== 'Draining') return [];
    const ofNode = own.filter(({ node }) => node === event.node);
    // What was refused to an earlier operation says nothing of this one.
    const begun = ofNode.reduce((latest, { step, at }) => (step === 'Cordoned' ? Math.max(latest, at) : latest), 0);
    return ofNode.filter(({ step, at }) => step === 'EvictionRefused' && at >= begun);
  });
}

/**
 * Without what no budget forbids any more: AKS' next attempt will tell. Only some pods are asked about; where none of them is
 * refused, neither are the others.
 */
function stillRefused(refused: readonly UpgraderEvent[], refusals: ReadNodes['refusals']): readonly UpgraderEvent[] {
  const left = refused.filter(({ about }) => refusals?.get(about)?.length !== 0);
  const asked = refused.some(({ about }) => refusals?.has(about));
  return asked && !left.some(({ about }) => refusals?.has(about)) ? [] : left;
}

/** How the budget can be named from the next reading on. */
const NAME_IT =
  'to have the budget named here, let the controller list pods and PodDisruptionBudgets (deploy/target-cluster)';

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
  const named = budgets.slice(0, SPELLED_OUT).map(shown).join(' and ');
  const who = isNamed ? `${named}${others}` : 'a PodDisruptionBudget (most likely)';
  const more = pods.length > 1 ? ` and ${pods.length - 1} more` : '';
  const whom = pod === '' ? `a pod${more}` : `${shown(pod)}${more}`;
  return { by: `${who} allows no eviction of ${whom}, on node ${shown(node)}`, isNamed };
}

/** Names that a message spells out. */
const SPELLED_OUT = 3;

export function listed(names: readonly string[]): string {
  return spelledOut([...new Set(names)].sort().map(shown), SPELLED_OUT);
}

/** Names come from the target's API server. A pod's has at most 63 + 1 + 253 characters. */
function shown(name: string): string {
  return escapeForDisplay(name, 320);
}
