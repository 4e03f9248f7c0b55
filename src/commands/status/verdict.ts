import type { Condition } from '../../api/conditions.ts';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import { reconcileRequestOf } from '../../api/names.ts';
import { reasonPolicy } from '../../api/reasons.ts';
import { EXIT } from '../exit-codes.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';

/** How far an object, a cluster or a whole view has come. */
export type Outcome = 'Converged' | 'InProgress' | 'Stuck';

export interface Verdict {
  readonly outcome: Outcome;
  /** Matters for Stuck: false where it may resolve by itself, as a refused eviction or a failed operation that is sent again. */
  readonly lasting: boolean;
}

/** Exit code of each outcome. */
export const EXIT_CODES: Readonly<Record<Outcome, number>> = {
  Converged: EXIT.Done,
  InProgress: EXIT.InProgress,
  Stuck: EXIT.Stuck,
};

const CONVERGED: Verdict = { outcome: 'Converged', lasting: true };
const IN_PROGRESS: Verdict = { outcome: 'InProgress', lasting: false };
const STALLED: Verdict = { outcome: 'Stuck', lasting: true };
const HELD_UP: Verdict = { outcome: 'Stuck', lasting: false };

/** Reasons of `NodesReimaged` that say that nodes should be replaced and are not. */
const NOT_REPLACING_REASONS: ReadonlySet<string> = new Set(['ReimageBlocked', 'ReimageFailed']);

/** An object that asks for something. */
type Asking = CustomCATrust | CertificateRotation;

/** True once the controller has processed the present generation of the object. */
export function isJudged({ metadata, status }: Asking): boolean {
  const ready = find(status?.conditions, 'Ready');
  return ready !== undefined && (ready.observedGeneration ?? status?.observedGeneration) === metadata.generation;
}

/** True while the object has a reconcile request that the controller has not handled. */
export function awaitsReconcile(object: Asking): boolean {
  const request = reconcileRequestOf(object);
  return request !== undefined && request !== object.status?.lastHandledReconcileAt;
}

/**
 * The verdict on one object, by what it asks for: a CertificateRotation that watches has converged, in whatever health the certificates
 * are. Conditions of an older generation do not count: they are not about the present spec.
 */
export function verdictOn(object: Asking): Verdict {
  if (!isJudged(object) || awaitsReconcile(object)) return IN_PROGRESS;
  const conditions = object.status?.conditions;
  const leaving = object.metadata.deletionTimestamp !== undefined;
  if (find(conditions, 'Ready')?.status === 'True') return leaving ? IN_PROGRESS : CONVERGED;
  if (find(conditions, 'Stalled')?.status === 'True') return STALLED;
  return isHeldUp(conditions) || needsAttention(find(conditions, 'Ready')) ? HELD_UP : IN_PROGRESS;
}

/** True for reasons that only a person can resolve, and for those that stall when they last. */
function needsAttention(ready: Condition | undefined): boolean {
  const { endedBy, stalls } = reasonPolicy(ready?.reason ?? '');
  return endedBy === 'Person' || stalls === 'AfterPatience';
}

/** The verdict on a cluster without objects, or whose objects are not in the view. */
export function verdictOnRecord({ status }: TargetCluster): Verdict {
  if (status?.refusal?.stalled === true) return STALLED;
  if (isHeldUp(status?.conditions)) return HELD_UP;
  const idle = status?.state === 'Idle' && find(status.conditions, 'NodesReimaged')?.status === 'True';
  return idle ? CONVERGED : IN_PROGRESS;
}

/** The worst of several verdicts: stuck if one of them is, and lasting if one stuck verdict is. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  const stuck = verdicts.filter(({ outcome }) => outcome === 'Stuck');
  if (stuck.length > 0) return stuck.some(({ lasting }) => lasting) ? STALLED : HELD_UP;
  return verdicts.every(({ outcome }) => outcome === 'Converged') ? CONVERGED : IN_PROGRESS;
}

/** The exit code of a whole view. */
export function exitCodeOf(reports: readonly { readonly verdict: Verdict }[]): number {
  return EXIT_CODES[worst(reports.map(({ verdict }) => verdict)).outcome];
}

export function find(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

function isHeldUp(conditions: readonly Condition[] | undefined): boolean {
  const reimaged = find(conditions, 'NodesReimaged');
  return reimaged?.status === 'False' && NOT_REPLACING_REASONS.has(reimaged.reason);
}
