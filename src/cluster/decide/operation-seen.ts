import type { ClusterModel } from '../../azure/cluster-model.ts';
import type { Assessment } from '../model/assessment.ts';
import { digestOf, partsOf } from '../model/fingerprints.ts';
import type { Observation } from '../model/observation.ts';
import type { RecordStatus } from '../model/record.ts';
import type { Timing } from '../model/timing.ts';
import { withAttemptsOf } from '../model/attempts.ts';
import { namespaceOf } from '../model/way.ts';
import { asksOperator, ownWays } from '../model/ways.ts';
import { assess, causeOfEnd, hasArrived, type AssessmentInput } from '../operation/assess.ts';
import type { OperationKind, ReadCluster } from '../operation/kind.ts';
import { abandonedPools } from '../reimage/abandoned-pools.ts';
import { baselineOf, baselineOfAttempt, type Baseline } from '../reimage/baseline.ts';
import type { Blocker } from '../reimage/blocker.ts';
import { blockersOf } from '../reimage/blockers.ts';
import { countOwn, type OwnCounts } from '../reimage/own-counts.ts';
import { measureProgress, type Progress } from '../reimage/progress.ts';

/** The recorded operation as one read shows it, whatever its kind; without one, the record and the counts that go on. */
export interface OperationSeen {
  /** The record as it counts now: empty for a cluster that was created again. */
  readonly before: RecordStatus;
  readonly assessment: Assessment | undefined;
  /** True when the read shows that the recorded attempt reached ARM. */
  readonly arrived: boolean;
  readonly since: Baseline | undefined;
  /** The observation to count by. */
  readonly counting: Observation;
  readonly progress: Progress | undefined;
  readonly blockers: readonly Blocker[];
  readonly own: OwnCounts;
}

/** Judges the recorded operation by what was read. */
export function seeOperation(
  observation: Observation,
  seen: ReadCluster,
  stored: RecordStatus,
  now: number,
  timing: Timing,
  kinds: readonly OperationKind[],
): OperationSeen {
  const { model, readAt } = seen.reading;
  const before = wasRecreated(stored, model.resourceUID) ? {} : stored;
  const { operation } = before;
  const { unseenWrites: unseen } = withAttemptsOf(before, operation?.kind ?? '');
  const since = operation && baselineOf(operation);
  const counting = countable(observation, since);
  const kind = kinds.find(({ name }) => name === operation?.kind);
  const progress = operation && measureProgress(model, counting.nodes, since, before.nodePools, kind?.replaces);
  const asked: AssessmentInput | undefined = operation && {
    ...{ observation, model, readAt, operation, unseen, progress, now, timing },
    isShown: kind?.isShown(operation, seen, observation) ?? false,
    digest: digestOf(partsOf(seen.list)),
  };
  const assessment = asked && (kind?.assess ?? assess)(asked);
  return {
    ...{ before, assessment, since, counting, progress },
    arrived: asked !== undefined && assessment !== undefined && hasArrived(assessment, asked),
    blockers: blockersFor({ observation, model, before, assessment, progress, since, now, timing }),
    own: countOwnWays(observation, model, before, kind?.keepsList ? undefined : assessment, now, timing),
  };
}

/** True where the cluster was created again: its resourceUID differs, so the record of the old cluster no longer counts. */
function wasRecreated(record: RecordStatus, resourceUID: string | undefined): boolean {
  return record.resourceUID !== undefined && resourceUID !== undefined && record.resourceUID !== resourceUID;
}

/** The blockers of the operation; empty without one and once it is done, because no change of ours replaces nodes then. */
function blockersFor({
  observation,
  model,
  before,
  assessment,
  progress,
  since,
  now,
  timing,
}: BlockerInput): Blocker[] {
  const { nodes } = observation;
  if (assessment?.kind !== 'Open') return [];
  const attempt = since && baselineOfAttempt(since, assessment.operation, nodes, now);
  const found = blockersOf(model, nodes, progress, attempt, timing, before.nodePools);
  return [...found, ...abandonedPools(progress, causeOfEnd(model, assessment.operation), found)];
}

interface BlockerInput {
  readonly observation: Observation;
  readonly model: ClusterModel;
  readonly before: RecordStatus;
  readonly assessment: Assessment | undefined;
  readonly progress: Progress | undefined;
  readonly since: Baseline | undefined;
  readonly now: number;
  readonly timing: Timing;
}

/** The observation to count by. Without a baseline, unreadable nodes count as no access: ARM alone counts. */
function countable(observation: Observation, since: Baseline | undefined): Observation {
  if (observation.nodes.kind !== 'Unreadable' || since) return observation;
  return { ...observation, nodes: { kind: 'NoAccess' } };
}

function countOwnWays(
  { ways, own, intents }: Observation,
  model: ClusterModel,
  { operation, namespaceCounts = [] }: RecordStatus,
  assessment: Assessment | undefined,
  now: number,
  timing: Timing,
): OwnCounts {
  const isGone = assessment?.kind === 'NeverArrived';
  const phase = !assessment || isGone ? 'None' : assessment.kind === 'Done' ? 'Ended' : 'Running';
  // While the operation runs, the record's own members have the count of the judging namespace.
  const namespaces = phase === 'None' ? [...ways.namespaces.keys()] : ownWays(ways).map(([namespace]) => namespace);
  return countOwn({
    ...{ model, phase, now, timing, namespaces },
    seen: own,
    seesOtherwise: new Set(intents.filter(asksOperator).map(namespaceOf)),
    before: isGone ? [] : namespaceCounts,
    operation: assessment?.kind === 'Open' ? assessment.operation : operation,
  });
}
