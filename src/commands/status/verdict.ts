import type { Condition } from '../../api/conditions.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import { reasonPolicy } from '../../api/reasons.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';

/** Where something stands, in one word. */
export type Outcome = 'Converged' | 'InProgress' | 'Stuck';

export interface Verdict {
  readonly outcome: Outcome;
  /** Of what is stuck: false where it may come loose by itself, as a refused eviction may, and a failed operation that is sent again. */
  readonly lasting: boolean;
}

/** Exit code of each outcome; 1 is an error. */
export const EXIT_CODES: Readonly<Record<Outcome, number>> = { Converged: 0, InProgress: 2, Stuck: 3 };

export const CONVERGED: Verdict = { outcome: 'Converged', lasting: true };
const IN_PROGRESS: Verdict = { outcome: 'InProgress', lasting: false };
const STALLED: Verdict = { outcome: 'Stuck', lasting: true };
const HELD_UP: Verdict = { outcome: 'Stuck', lasting: false };

/** Reasons of `NodesReimaged` with which no node is being replaced that should be. */
const HOLD_UPS: ReadonlySet<string> = new Set(['ReimageBlocked', 'ReimageFailed']);

/** True once the controller has looked at the object as it is now. */
export function isJudged({ metadata, status }: CustomCATrust): boolean {
  const ready = find(status?.conditions, 'Ready');
  return ready !== undefined && (ready.observedGeneration ?? status?.observedGeneration) === metadata.generation;
}

/** What is said of an older generation says nothing of this one. */
export function verdictOnTrust(trust: CustomCATrust): Verdict {
  if (!isJudged(trust)) return IN_PROGRESS;
  const conditions = trust.status?.conditions;
  const leaving = trust.metadata.deletionTimestamp !== undefined;
  if (find(conditions, 'Ready')?.status === 'True') return leaving ? IN_PROGRESS : CONVERGED;
  if (find(conditions, 'Stalled')?.status === 'True') return STALLED;
  return isHeldUp(conditions) || needsAttention(find(conditions, 'Ready')) ? HELD_UP : IN_PROGRESS;
}

/** True of a reason that only a person can end, and of one that stalls when it lasts. */
function needsAttention(ready: Condition | undefined): boolean {
  const { endedBy, stalls } = reasonPolicy(ready?.reason ?? '');
  return endedBy === 'Person' || stalls === 'AfterPatience';
}

/** Of a cluster whose objects are not seen, or that has none any more. */
export function verdictOnRecord({ status }: TargetCluster): Verdict {
  if (status?.refusal?.stalled === true) return STALLED;
  if (isHeldUp(status?.conditions)) return HELD_UP;
  const idle = status?.state === 'Idle' && find(status.conditions, 'NodesReimaged')?.status === 'True';
  return idle ? CONVERGED : IN_PROGRESS;
}

/** Of several: stuck is what is stuck in any of them. It lasts as soon as one of them lasts. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const stuck = verdicts.filter(({ outcome }) => outcome === 'Stuck');
  if (stuck.length > 0) return stuck.some(({ lasting }) => lasting) ? STALLED : HELD_UP;
  return verdicts.every(({ outcome }) => outcome === 'Converged') ? CONVERGED : IN_PROGRESS;
}

/** Of a whole view. */
export function exitCodeOf(reports: readonly { readonly verdict: Verdict }[]): number {
  return EXIT_CODES[worst(reports.map(({ verdict }) => verdict)).outcome];
}

export function find(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

function isHeldUp(conditions: readonly Condition[] | undefined): boolean {
  const reimaged = find(conditions, 'NodesReimaged');
  return reimaged?.status === 'False' && HOLD_UPS.has(reimaged.reason);
}
