import type { ConditionValue } from '../../api/conditions.ts';
import { withCapital } from '../../api/sentences.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import { isState } from '../model/provisioning-state.ts';
import type { Observation } from '../model/observation.ts';
import { isSeen, type NodesStatus, type RecordStatus } from '../model/record.ts';
import { appliedCondition } from './last-applied.ts';
import { listed } from './blockers.ts';
import type { Blocker } from './blocker.ts';
import { needsReimage } from './node-state.ts';
import type { Progress } from './progress.ts';

/** The condition `NodesReimaged`: about the running operation, else about the last one, else that there was none. `record` is the next one. */
export function reimagedCondition(
  { arm, nodes }: Observation,
  record: RecordStatus,
  progress: Progress | undefined,
  blockers: readonly Blocker[],
): ConditionValue {
  const state = arm.ok ? arm.reading.model.provisioningState : '';
  if (record.operation) {
    if (nodes.kind === 'Unreadable') return { status: 'Unknown', reason: 'NodesUnreadable', message: nodes.message };
    return countCondition({
      model: { provisioningState: state },
      nodes: record.nodes,
      blockers: blockers,
      progress,
      seen: isSeen(record.operation),
      coarse: nodes.kind === 'NoAccess',
    });
  }
  const applied = appliedCondition(record);
  if (applied) return applied;
  const hint = isState(state, 'Failed') || isState(state, 'Canceled') ? '. Bring it to Succeeded (az aks update)' : '';
  const message = `The cluster is in state ${state}, so it is not known whether every node has the certificate list${hint}`;
  return { status: 'Unknown', reason: 'ClusterNotSucceeded', message };
}

/** The progress of a replacement that is not complete. */
export function countCondition({
  model: { provisioningState: state },
  nodes,
  blockers: blockers,
  progress,
  seen,
  coarse,
}: {
  readonly model: Pick<ClusterModel, 'provisioningState'>;
  readonly nodes: NodesStatus | undefined;
  readonly blockers: readonly Blocker[];
  readonly progress: Progress | undefined;
  /** Whether the list was read back from ARM. */
  readonly seen: boolean;
  /** Whether the count comes from ARM alone. */
  readonly coarse: boolean;
}): ConditionValue {
  const counted = nodes
    ? `${nodes.reimaged} of ${nodes.total} nodes were replaced since the change`
    : 'No node was counted yet';
  const count = `${counted}${coarse ? ', by the pool states that ARM reports' : ''}`;
  const causes = describeBlockers(blockers);
  if (seen && (isState(state, 'Failed') || isState(state, 'Canceled')))
    return { status: 'False', reason: 'ReimageFailed', message: joined(`${count}${leftBehind(progress)}`, causes) };
  const reason = blockers.length > 0 ? 'ReimageBlocked' : 'ReimageInProgress';
  return { status: 'False', reason, message: joined(count, causes) };
}

/** Names the nodes with and without the new certificates, once the operation has ended and a person has to act. */
function leftBehind(progress: Progress | undefined): string {
  const members = [...(progress?.members.values() ?? [])].flat();
  const names = (left: boolean) =>
    members.filter((member) => needsReimage(member) === left).map(({ node }) => node.name);
  const [without, having] = [names(true), names(false)];
  if (without.length === 0) return '';
  return `; without the new certificates: ${listed(without)}${having.length > 0 ? `; with them: ${listed(having)}` : ''}`;
}

/** Blockers that a message spells out: each of a hundred pools may have its own. */
const SPELLED_OUT = 10;

/** One sentence for the pools that have the same blocker. */
function describeBlockers(blockers: readonly Blocker[]): string {
  const pools = Map.groupBy(blockers, ({ by, fix }) => `${by}. ${withCapital(fix)}`);
  const texts = [...pools].map(
    ([cause, same]) =>
      `Node ${same.length > 1 ? 'pools' : 'pool'} ${same.map(({ pool }) => pool).join(', ')}: ${cause}`,
  );
  const more = texts.length - SPELLED_OUT;
  return [...texts.slice(0, SPELLED_OUT), ...(more > 0 ? [`And ${more} more, see status.nodePools`] : [])].join('. ');
}

function joined(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('. ');
}
