import type { ConditionValue } from '../../api/conditions.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import { isState } from '../model/provisioning-state.ts';
import type { Observation } from '../model/observation.ts';
import type { NodesStatus, RecordStatus } from '../model/record.ts';
import type { Assessment } from '../model/standing.ts';
import { REPORTED_BY_ARM } from './hand-over.ts';
import { listed } from './blockers.ts';
import type { Blocker } from './blocker.ts';
import { needsReimage } from './node-state.ts';
import type { Progress } from './progress.ts';

/** What `NodesReimaged` says: of the running operation, of the last one, or that there never was one. */
export function reimagedCondition(
  { arm, nodes }: Observation,
  record: RecordStatus,
  standing: Assessment | undefined,
  progress: Progress | undefined,
  holdUps: readonly Blocker[],
): ConditionValue {
  const state = arm.ok ? arm.reading.model.provisioningState : '';
  if (standing?.kind === 'Done') {
    const total = progress?.nodes.total ?? 0;
    return progress?.old === undefined
      ? REPORTED_BY_ARM
      : { status: 'True', reason: 'Reimaged', message: allOf(total) };
  }
  if (record.operation) {
    if (nodes.kind === 'Unreadable') return { status: 'Unknown', reason: 'NodesUnreadable', message: nodes.message };
    return countCondition({
      model: { provisioningState: state },
      nodes: record.nodes,
      holdUps,
      progress,
      seen: record.operation.seen === true,
      coarse: nodes.kind === 'NoAccess',
    });
  }
  const before = record.conditions?.find(({ type }) => type === 'NodesReimaged');
  if (before?.status === 'True') return { status: 'True', reason: before.reason, message: before.message };
  if (!isState(state, 'Succeeded')) {
    const fix = isState(state, 'Failed') || isState(state, 'Canceled') ? '. Bring it to Succeeded (az aks update)' : '';
    const message = `the cluster is in state ${state}; whether every node has its list cannot be told${fix}`;
    return { status: 'Unknown', reason: 'ClusterNotSucceeded', message };
  }
  return before && !neverRead(before)
    ? REPORTED_BY_ARM
    : { status: 'True', reason: 'NoChangeMade', message: 'nothing had to be sent, so no node was replaced' };
}

/** That nothing is left to be replaced. */
export function allOf(total: number): string {
  if (total === 0) return 'no node had to be replaced: the cluster has none that gets custom CAs';
  return total === 1
    ? 'the only node was replaced since the change'
    : `all ${total} nodes were replaced since the change`;
}

/** How far a replacement has come that is not done. */
export function countCondition({
  model: { provisioningState: state },
  nodes,
  holdUps,
  progress,
  seen,
  coarse,
}: {
  readonly model: Pick<ClusterModel, 'provisioningState'>;
  readonly nodes: NodesStatus | undefined;
  readonly holdUps: readonly Blocker[];
  readonly progress: Progress | undefined;
  /** Whether the list was read back from ARM. */
  readonly seen: boolean;
  /** Whether ARM alone has counted. */
  readonly coarse: boolean;
}): ConditionValue {
  const counted = nodes
    ? `${nodes.reimaged} of ${nodes.total} nodes were replaced since the change`
    : 'no node was counted yet';
  const count = `${counted}${coarse ? ', by what ARM says of the pools' : ''}`;
  const what = saidOf(holdUps);
  if (seen && (isState(state, 'Failed') || isState(state, 'Canceled')))
    return { status: 'False', reason: 'ReimageFailed', message: sentences(`${count}${leftBehind(progress)}`, what) };
  const reason = holdUps.length > 0 ? 'ReimageBlocked' : 'ReimageInProgress';
  return { status: 'False', reason, message: sentences(count, what) };
}

/** True of what is said of a cluster that could not be read from the first look on: what was known before is kept otherwise. */
function neverRead({ status, reason }: ConditionValue): boolean {
  return status === 'Unknown' && reason !== 'ClusterNotSucceeded' && reason !== 'NodesUnreadable';
}

/** Which nodes do not have the new certificates, and which do, once nothing goes on by itself. */
function leftBehind(progress: Progress | undefined): string {
  const members = [...(progress?.members.values() ?? [])].flat();
  const names = (left: boolean) =>
    members.filter((member) => needsReimage(member) === left).map(({ node }) => node.name);
  const [without, having] = [names(true), names(false)];
  if (without.length === 0) return '';
  return `; without the new certificates: ${listed(without)}${having.length > 0 ? `; with them: ${listed(having)}` : ''}`;
}

/** Hold-ups that a message spells out: of a hundred pools, each may have one of its own. */
const SPELLED_OUT = 10;

/** The same of several pools is said once. */
function saidOf(holdUps: readonly Blocker[]): string {
  const pools = Map.groupBy(holdUps, ({ by, mend }) => `${by}; ${mend}`);
  const said = [...pools].map(
    ([what, same]) => `node ${same.length > 1 ? 'pools' : 'pool'} ${same.map(({ pool }) => pool).join(', ')}: ${what}`,
  );
  const more = said.length - SPELLED_OUT;
  return [...said.slice(0, SPELLED_OUT), ...(more > 0 ? [`and ${more} more, see status.nodePools`] : [])].join('. ');
}

function sentences(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('. ');
}
