import type { ConditionValue } from '../../api/conditions.ts';
import type { Assessment } from '../model/assessment.ts';
import type { NodesObservation } from '../model/observation.ts';
import { timestamp, type LastApplied, type RecordStatus } from '../model/record.ts';
import type { Judge } from '../model/way.ts';
import { ownKey } from '../model/ways.ts';
import type { Progress } from './progress.ts';

/** What the record remembers of the operations that are over. `NodesReimaged` of a cluster without an operation comes from it alone. */
export type AppliedMemory = Pick<RecordStatus, 'lastApplied' | 'firstSucceeded'>;

/** The longest cause that is noted, in characters. */
const LONGEST_CAUSE = 1024;

/** The note of an operation that was seen through. `countedBy`: whose access showed the nodes, or could not. `now` in ms. */
export function appliedNow(
  progress: Progress | undefined,
  nodes: NodesObservation,
  countedBy: Judge,
  now: number,
): LastApplied {
  const at = timestamp(now);
  if (progress?.old !== undefined) return { at, proof: 'NodesSeen', countedBy, nodes: progress.nodes.total };
  return nodes.kind === 'Unreadable'
    ? { at, proof: 'ReportedByARM', countedBy, unreadable: nodes.message.slice(0, LONGEST_CAUSE) }
    : { at, proof: 'ReportedByARM' };
}

/** The memory after a read. `isAtRest`: ARM reports Succeeded, and the record has no operation. */
export function rememberApplied(
  { slots, lastApplied, firstSucceeded }: RecordStatus,
  assessment: Assessment | undefined,
  applied: LastApplied,
  isAtRest: boolean,
): AppliedMemory {
  if (assessment?.kind === 'Done') return { lastApplied: applied, firstSucceeded: firstSucceeded ?? 'Later' };
  // A lost write may have replaced nodes all the same, so what was known of them before does not count any more.
  const isDoubtful = assessment?.kind === 'NeverArrived';
  const first = isDoubtful && firstSucceeded ? 'Later' : (firstSucceeded ?? (slots ? 'Later' : 'AtFirstRead'));
  return {
    ...(lastApplied ? { lastApplied: isDoubtful ? byArm(lastApplied) : lastApplied } : {}),
    ...(firstSucceeded !== undefined || isAtRest ? { firstSucceeded: first } : {}),
  };
}

/**
 * The memory as the objects of all namespaces may be shown it: what the Secrets of another namespace than `sole` have shown counts
 * for the cluster no longer. The change stays complete, because ARM reported it too.
 */
export function withoutNamespaceProof(lastApplied: LastApplied, sole: string | undefined): LastApplied {
  const { countedBy = '' } = lastApplied;
  const isForAll = !countedBy.startsWith(ownKey('')) || (sole !== undefined && countedBy === ownKey(sole));
  return isForAll ? lastApplied : byArm(lastApplied);
}

function byArm({ at }: LastApplied): LastApplied {
  return { at, proof: 'ReportedByARM' };
}

/** `NodesReimaged` of a cluster without an operation; undefined until ARM has reported Succeeded once. */
export function appliedCondition({ lastApplied, firstSucceeded }: AppliedMemory): ConditionValue | undefined {
  if (lastApplied?.proof === 'NodesSeen')
    return { status: 'True', reason: 'Reimaged', message: allReplacedMessage(lastApplied.nodes ?? 0) };
  if (!lastApplied && firstSucceeded === undefined) return undefined;
  return lastApplied || firstSucceeded === 'Later'
    ? {
        status: 'True',
        reason: 'ReportedByARM',
        message: 'ARM reports Succeeded; the nodes themselves were not read',
      }
    : { status: 'True', reason: 'NoChangeMade', message: 'No update was needed, so no node was replaced' };
}

/** Says that no node is left to be replaced. */
export function allReplacedMessage(total: number): string {
  if (total === 0) return 'No node had to be replaced: the cluster has none that gets custom CAs';
  return total === 1
    ? 'The only node was replaced since the change'
    : `All ${total} nodes were replaced since the change`;
}
