import { trustsOf } from '../model/intent.ts';
import type { OperationSeen } from './operation-seen.ts';
import type { Observation } from '../model/observation.ts';
import { attemptOf, isSeen, type RecordStatus } from '../model/record.ts';
import { outsideOf } from '../reimage/coverage.ts';
import { estimateOf } from '../reimage/estimate.ts';
import { poolsOf } from '../reimage/own-counts.ts';
import { appliedNow, rememberApplied } from '../reimage/last-applied.ts';
import { isState } from '../model/provisioning-state.ts';
import { lastAppliedUnlessEdited } from '../reimage/unusable-access.ts';
import { completed, type Progress } from '../reimage/progress.ts';
import type { Timing } from '../model/timing.ts';
import { untilOpening } from '../operation/maintenance-window.ts';
import { slotAfter } from '../operation/slot.ts';
import { omit } from '../model/omit.ts';
import { timeLeft } from '../operation/unseen-writes.ts';
import type { Ways, Judge } from '../model/way.ts';

/** The inputs of the next record. */
export interface RecordInput extends OperationSeen {
  readonly observation: Observation;
  /** True when a change is due. */
  readonly hasChange: boolean;
  readonly now: number;
  readonly timing: Timing;
}

/** The members that each read of the cluster determines again. */
const RENEWED = [
  'operation',
  'absence',
  'refusal',
  'unseenWrites',
  'objects',
  'objectsNotNoted',
  'outside',
  'estimate',
  'nodes',
  'nodePools',
  'countedBy',
  'namespaceCounts',
  'lastApplied',
  'firstSucceeded',
] as const;

/** The record after this read, with the parts of the past that still count. The kinds of operations add their own members. */
export function nextRecord(input: RecordInput): RecordStatus {
  const { before, assessment, progress, since, now, timing } = input;
  const { id, arm, nodes } = input.observation;
  const { operation, outside: seenOutside } = before;
  const resourceUID = arm.ok ? arm.reading.model.resourceUID : undefined;
  const seen = assessment?.kind === 'Done' || (assessment?.kind === 'Open' && isSeen(assessment.operation));
  const current =
    assessment?.kind === 'Open'
      ? assessment.operation
      : assessment?.kind === 'NeverArrived'
        ? operation?.supersedes
        : undefined;
  const slot = slotAfter(assessment, progress, now, timing);
  // A change that ARM does not show has made no node old.
  const outside = arm.ok ? outsideOf(arm.reading.model, nodes, seen ? since : undefined, seenOutside) : seenOutside;
  const isAtRest = arm.ok && !current && isState(arm.reading.model.provisioningState, 'Succeeded');
  const remembered = { ...before, ...lastAppliedUnlessEdited(before, trustsOf(input.observation.intents)) };
  const applied = appliedNow(progress, nodes, input.observation.ways.judge, now);
  const unfinished = assessment?.kind === 'Done' ? undefined : progress;
  const estimate = arm.ok ? estimateOf(arm.reading.model, unfinished, since) : undefined;
  return {
    ...omit(before, RENEWED),
    clusterName: id.name,
    ...(resourceUID === undefined ? {} : { resourceUID }),
    ...(current ? { operation: slot ? { ...current, slot } : current } : {}),
    ...attemptsKept(input),
    ...countOf(input),
    ...(input.own.counts.length > 0 ? { namespaceCounts: [...input.own.counts] } : {}),
    ...(estimate ? { estimate } : {}),
    ...(outside ? { outside } : {}),
    ...rememberApplied(remembered, assessment, applied, isAtRest),
  };
}

/**
 * The results of the last attempts. They are kept until ARM shows a later write, or until they hold nothing back and there is
 * nothing to send.
 */
function attemptsKept(input: RecordInput): Pick<RecordStatus, 'refusal' | 'unseenWrites'> {
  const { observation, before, hasChange, arrived, now, timing } = input;
  const { operation, refusal, unseenWrites } = before;
  if (operation && arrived && unseenWrites?.attempt === attemptOf(operation)) return {};
  const wanted = operation !== undefined || hasChange;
  const longest = timing.resume[1];
  return {
    ...(refusal && (wanted || timeLeft(refusal, now) > 0) ? { refusal: untilOpening(refusal, observation, now) } : {}),
    ...(unseenWrites && (wanted || now - Date.parse(unseenWrites.at) < longest) ? { unseenWrites } : {}),
  };
}

/** The count of the nodes: the present one, else the last one; none where the last one was for a write without effect. */
function countOf({
  observation,
  before,
  assessment,
  progress,
  blockers,
}: RecordInput): Pick<RecordStatus, 'nodes' | 'nodePools' | 'countedBy'> {
  const { nodes, nodePools, countedBy } = before;
  if (assessment?.kind === 'NeverArrived') return {};
  if (progress) {
    const counted = assessment?.kind === 'Done' ? completed(progress) : progress;
    return {
      nodes: counted.nodes,
      nodePools: poolsOf(counted, blockers, nodePools),
      countedBy: counterOf(counted, observation.ways),
    };
  }
  return {
    ...(nodes ? { nodes } : {}),
    ...(nodePools ? { nodePools } : {}),
    ...(countedBy === undefined ? {} : { countedBy }),
  };
}

/** The access that the count comes from. */
export function counterOf({ members }: Progress, { judge }: Pick<Ways, 'judge'>): Judge {
  return members.size > 0 ? judge : 'ARM';
}
