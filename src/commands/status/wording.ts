import type { Condition } from '../../api/conditions.ts';
import { plural } from '../../api/wording.ts';
import type { ClusterReport } from './cluster-report.ts';
import type { StandingReport } from './standing-report.ts';
import { find } from './verdict.ts';

/** Formats a time of the API. The texts are the same on a terminal and in a log; only their times differ. */
type At = (time: string) => string;

/** The state of the record, and whether it is stuck; without a record, the outcome of the objects. */
export function stateOf({ state, verdict }: ClusterReport): string {
  if (state !== undefined) return verdict.outcome === 'Stuck' ? `${state}, stuck` : state;
  return { Converged: 'Converged', InProgress: 'In progress', Stuck: 'Stuck' }[verdict.outcome];
}

/** `not Ready: ReimageBlocked`. */
export function standingOf(object: StandingReport): string {
  const ready = find(object.conditions, 'Ready');
  if (object.awaitsReconcile) return 'its reconcile request is not handled yet';
  if (!object.judged || ready === undefined) {
    // A deletion waits for the finalizer, so without a controller it never ends.
    const question = ready && !object.deleting ? '' : '; is the controller running?';
    return `${object.deleting ? 'being deleted; ' : ''}generation ${object.generation ?? '?'} is not processed yet${question}`;
  }
  const word = ready.status === 'True' ? 'Ready' : ready.status === 'False' ? 'not Ready' : 'Ready unknown';
  const stalled = object.verdict.outcome === 'Stuck' && object.verdict.lasting ? ', stalled' : '';
  return `${word}: ${ready.reason}${stalled}${object.deleting ? ', being deleted' : ''}`;
}

/** The problems of an object, each once, with the fix that its message names. */
export interface Troubles {
  /** The message of Ready; undefined while Ready is True, or not reported yet. */
  readonly first: string | undefined;
  readonly others: readonly Condition[];
}

export function troublesOf({ judged, conditions }: StandingReport): Troubles {
  if (!judged) return { first: undefined, others: [] };
  const ready = find(conditions, 'Ready');
  const first = ready?.status === 'True' ? undefined : ready?.message;
  const others = conditions.filter(
    ({ type, status, reason, message }) =>
      !SAID_ELSEWHERE.has(type) && !SAID_ELSEWHERE.has(reason) && status !== 'True' && message !== first,
  );
  return { first, others };
}

export function troubleText({ type, reason, message }: Condition): string {
  return `${type}: ${reason}: ${message}`;
}

/** Types and reasons that have a line of their own. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set([
  'Ready',
  'Reconciling',
  'Stalled',
  'FullyCovered',
  'ReimageInProgress',
]);

/** Problems from the record, for a cluster without objects in the view. */
export function recordTroubles({ objects, rotations, conditions }: ClusterReport): Condition[] {
  return objects.length + rotations.length > 0
    ? []
    : conditions.filter(({ status, reason }) => status !== 'True' && !SAID_ELSEWHERE.has(reason));
}

/** True where nodes cannot be read, and only ARM's states of the pools are known. */
function isCoarse({ nodes }: ClusterReport): boolean {
  return nodes?.source === 'ARM';
}

export function nodesText(report: ClusterReport): string | undefined {
  const { nodes } = report;
  if (!nodes) return undefined;
  const { total, reimaged, reimaging = 0, waiting = 0, excluded } = nodes;
  const parts = [`${reimaged}/${total} replaced`];
  if (isCoarse(report)) parts.push('coarse: from the states of the pools in ARM, not from the nodes');
  if (reimaging > 0) parts.push(`${reimaging} being replaced`);
  if (waiting > 0) parts.push(`${waiting} waiting`);
  if (excluded > 0) parts.push(`${excluded} outside`);
  return parts.join(', ');
}

export function slotsText({ certificateSlots: slots }: ClusterReport): string | undefined {
  return slots && `${slots.used}/${slots.limit} in use, ${slots.free} free`;
}

/** How the last attempt ended that is known to have: by ARM's own status of it where that is known. */
export function endOf({ phase, rolling, failed, canceled }: NonNullable<ClusterReport['operation']>) {
  const end = failed ?? canceled;
  return { ended: end?.confirmed ? phase : undefined, lastError: end ? errorOf(end) : rolling?.resumedAfter };
}

function errorOf({ code, message, at }: { code: string; message: string; at: string }) {
  return { code, message, at };
}

export function operationText({ operation, state }: ClusterReport, at: At): string | undefined {
  if (!operation) return undefined;
  const { startedAt, attempts, lastAttemptAt, phase } = operation;
  const { ended, lastError } = endOf(operation);
  const sent = attempts === 0 ? `recorded ${at(startedAt)}, not sent yet` : `sent ${at(startedAt)}`;
  const again = attempts > 1 ? `, attempt ${attempts} ${at(lastAttemptAt)}` : '';
  const heard = attempts > 0 && phase === 'Sent' && state !== 'Idle' ? ', not seen in ARM yet' : '';
  const end = ended === undefined ? '' : `; ARM reports ${ended}`;
  const error = lastError ? `; last error ${at(lastError.at)}: ${lastError.code}: ${lastError.message}` : '';
  return `${sent}${again}${heard}${end}${error}`;
}

export function pendingText({ pending }: ClusterReport, at: At): string | undefined {
  // A change that waits for nothing is being sent.
  if (!pending || pending.waitsFor === 'Nothing') return undefined;
  const { adds = [], removes = [], waitsFor, until } = pending;
  const change = [
    ...(adds.length > 0 ? [`adds ${plural(adds.length, 'certificate')}`] : []),
    ...(removes.length > 0 ? [`removes ${plural(removes.length, 'certificate')}`] : []),
  ].join(', ');
  return `a change that ${change || 'is decided'} waits: ${waitsFor}${until === undefined ? '' : `, until ${at(until)}`}`;
}

/** Nodes that no change of the list reaches, and why. */
export function outsideTexts({ outside, coverage }: ClusterReport): string[] {
  const { virtualNodes = 0, autoProvisionedNodes = 0, autoProvisionedLeft = 0, otherNodes = 0 } = outside ?? {};
  const left = autoProvisionedLeft > 0 ? ` (${autoProvisionedLeft} older than the last change)` : '';
  const counts = [
    ...(autoProvisionedNodes > 0 ? [`${plural(autoProvisionedNodes, 'auto-provisioned node')}${left}`] : []),
    ...(virtualNodes > 0 ? [plural(virtualNodes, 'virtual node')] : []),
    ...(otherNodes > 0 ? [`${plural(otherNodes, 'node')} of no known pool`] : []),
  ];
  const gap = coverage && coverage.status !== 'True' ? [coverage.message] : [];
  return [...(counts.length > 0 ? [counts.join(', ')] : []), ...gap];
}

export interface Ending {
  readonly text: string;
  readonly late: boolean;
}

/** When the change is likely to end; undefined while no node is being replaced. */
export function endingOf(report: ClusterReport, now: number, at: At): Ending | undefined {
  const { estimate, operation, nodes } = report;
  if (estimate) {
    const left = `${plural(estimate.nodesLeft, 'node')} left`;
    if (Date.parse(estimate.likely) < now)
      return {
        text: `later than estimated: ${left}, estimated for ${at(estimate.likely)}`,
        late: true,
      };
    return { text: `likely ${at(estimate.likely)}, at the earliest ${at(estimate.earliest)}; ${left}`, late: false };
  }
  if (!operation || !nodes || isCoarse(report) || nodes.reimaged > 0) return undefined;
  return { text: 'not known before the first node is replaced', late: false };
}
