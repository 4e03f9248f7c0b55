import type { ConditionValue } from '../../../api/conditions.ts';
import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import type { ClusterModel } from '../../../azure/cluster-model.ts';
import type { Hold } from '../../model/decision.ts';
import { omit } from '../../model/omit.ts';
import { inWholeSeconds, momentOf, type RecordStatus } from '../../model/record.ts';
import type { RotationIntent } from '../../model/rotation.ts';
import type { ReportInput } from '../../operation/kind.ts';
import type { Refusal } from './automatic.ts';
import { nextRotations, type NextRotation } from './notice.ts';
import { maySeeNames, preflightCondition, preflightRows } from './preflight-hold.ts';
import { REQUEST_LASTS, verdictsOf, type Verdict } from './request.ts';

/** What the status of an object says of rotations. */
export interface RotationPart extends Pick<
  CertificateRotationStatus,
  'phase' | 'lastRotation' | 'preflight' | 'nextRotation'
> {
  /** `PreflightPassed`; absent where no rotation is due. */
  readonly checked?: ConditionValue;
  /** `RotationSucceeded`; absent where the object asks for no rotation. */
  readonly condition?: ConditionValue;
  /** Why the rotation that the object asks for is not complete; absent where nothing is left to do. */
  readonly hold?: Pick<Hold, 'reason' | 'message' | 'stalled'>;
}

export type RotationInput = Pick<ReportInput, 'observation' | 'decision' | 'record' | 'now'> & {
  readonly intent: RotationIntent;
};

/** What the status of the object says of rotations. */
export function rotationPart(input: RotationInput): RotationPart {
  const { intent, observation, record, now } = input;
  const { lastRotation } = record.rotation ?? {};
  const last = lastRotation ? { lastRotation: inWholeSeconds(omit(lastRotation, ['requestedBy', 'notAfter'])) } : {};
  if (intent.object.spec.mode !== 'Rotate') return last;
  if (isOwnRotation(intent, record)) return { ...last, ...whileRotating(input) };
  const armAheadMs = observation.arm.ok ? observation.arm.reading.armAheadMs : undefined;
  const known = { ca: observation.clusterCA, memory: record.rotation, now, armAheadMs };
  const verdicts = verdictsOf(observation.intents, known);
  const verdict = verdicts.get(intent.name) ?? { kind: 'Off' };
  // A rotation that missed its window because of a check is announced for the next one.
  const checks =
    verdict.kind === 'Due' ? checksOf(input, verdicts) : verdict.kind === 'Noticed' ? lastChecks(intent) : {};
  const next = nextRotations(observation.intents, known).get(intent.name);
  return {
    ...last,
    ...checks,
    ...byVerdict(verdict, input, checks.checked),
    ...(next ? { nextRotation: nextRotationOf(next) } : {}),
  };
}

/** The hold is one for all objects, and names nothing of the cluster; the object's own rows may. */
function asShown(hold: ShownHold, checked: ConditionValue | undefined): ShownHold {
  const isNamed = hold.reason === 'PreflightFailed' && checked?.reason === 'PreflightFailed';
  return isNamed ? { ...hold, message: checked.message } : hold;
}

type ShownHold = Pick<Hold, 'reason' | 'message' | 'stalled'>;

function nextRotationOf({
  at,
  reason,
  announcedAt,
}: NextRotation): NonNullable<CertificateRotationStatus['nextRotation']> {
  return { at: momentOf(at), reason, ...(announcedAt === undefined ? {} : { announcedAt: momentOf(announcedAt) }) };
}

type Checks = Pick<RotationPart, 'preflight' | 'checked'>;

/** The checks of a reconcile, with names and without: thousands of objects may ask for one rotation. */
const made = new WeakMap<RotationInput['observation'], Map<boolean, Checks | undefined>>();

/** The checks before the rotation that is due. Until they are made again, the last ones stay. */
function checksOf(input: RotationInput, verdicts: ReadonlyMap<string, Verdict>): Checks {
  const { intent, observation } = input;
  const mayName = maySeeNames(intent, observation.ways);
  const known = made.get(observation) ?? new Map<boolean, Checks | undefined>();
  made.set(observation, known);
  if (!known.has(mayName)) known.set(mayName, makeChecks(input, verdicts, mayName));
  return known.get(mayName) ?? lastChecks(intent);
}

function makeChecks(
  { observation, record, now }: RotationInput,
  verdicts: ReadonlyMap<string, Verdict>,
  mayName: boolean,
): Checks | undefined {
  const asking = observation.intents.filter(({ name }) => verdicts.get(name)?.kind === 'Due');
  const model: ClusterModel | undefined = observation.arm.ok ? observation.arm.reading.model : undefined;
  const rows = model && preflightRows(observation, model, record, asking, now, mayName);
  return rows && { preflight: rows, checked: preflightCondition(rows) };
}

function lastChecks({ object }: RotationIntent): Checks {
  const { preflight = [], conditions } = object.status ?? {};
  const before = conditions?.find(({ type }) => type === 'PreflightPassed');
  if (preflight.length === 0 || !before) return {};
  const { status, reason, message } = before;
  return { preflight, checked: { status, reason, message } };
}

/** True while the rotation that the object asks for is recorded. */
function isOwnRotation({ name, object }: RotationIntent, { operation }: RecordStatus): boolean {
  const rotation = operation?.rotateCertificates;
  if (!rotation) return false;
  return rotation.requestedBy?.includes(name) === true || object.spec.request?.replaceCA === rotation.oldCA;
}

function whileRotating({ record, decision }: RotationInput): RotationPart {
  const hold = decision.outlook.hold ?? {
    reason: 'Updating' as const,
    message: 'The rotation was sent to ARM.',
    stalled: false,
  };
  const { phase } = record.operation ?? {};
  const hasEnded = phase === 'Failed' || phase === 'Canceled';
  return { phase: hasEnded && hold.stalled ? 'Failed' : 'Rotating', ...heldBy(hold) };
}

function byVerdict(
  verdict: Verdict,
  { intent, decision, record }: RotationInput,
  checked: ConditionValue | undefined,
): RotationPart {
  switch (verdict.kind) {
    case 'Off':
      return {};
    case 'NoRequest':
      return intent.policy ? { phase: 'Idle', ...byLast(intent, record) } : { phase: 'Idle' };
    case 'Noticed':
      return { ...byLast(intent, record), ...refused(verdict.plan.refusal), phase: 'Noticed' };
    case 'Refused':
      return { phase: 'Idle', ...refused(verdict) };
    case 'NotAllowed':
      return { phase: 'Idle', ...heldBy(notAllowed(intent)) };
    case 'Conflicting':
      return { phase: 'Idle', ...heldBy(CONFLICTING) };
    case 'RequestExpired':
      return { phase: 'Idle', ...heldBy(EXPIRED) };
    case 'AlreadyRotated':
      return { phase: 'Completed', condition: succeeded(intent, record) };
    case 'RequestedLater':
    case 'Unread':
    case 'ServerUnread':
    case 'ClockWrong':
    case 'Due': {
      const { outlook } = decision;
      const hold = outlook.shares?.get(intent.name) ?? outlook.hold;
      const { ended } = record.rotation ?? {};
      const hasEnded = ended !== undefined && hold?.message === ended.message;
      return { phase: hasEnded ? 'Failed' : 'Preflight', ...heldBy(asShown(hold ?? NEXT, checked)) };
    }
  }
}

/** The last rotation of the controller that the object asked for, once it is complete. */
function byLast({ name }: RotationIntent, record: RecordStatus): Pick<RotationPart, 'phase' | 'condition'> {
  const condition = rotatedFor(name, record);
  return condition ? { phase: 'Completed', condition } : {};
}

function refused(refusal: Refusal | undefined): RotationPart {
  return refusal ? heldBy({ ...refusal, stalled: true }) : {};
}

function heldBy({ reason, message, stalled }: Pick<Hold, 'reason' | 'message' | 'stalled'>): RotationPart {
  const status = stalled || reason === 'RotationFailed' ? 'False' : 'Unknown';
  return { condition: { status, reason, message }, hold: { reason, message, stalled } };
}

const NEXT: ShownHold = {
  reason: 'Updating',
  message: 'The rotation is due, and is the next thing to be sent to ARM.',
  stalled: false,
};

const CONFLICTING: Pick<Hold, 'reason' | 'message' | 'stalled'> = {
  reason: 'ConflictingObjects',
  message:
    'Several CertificateRotation objects with mode Rotate name this cluster and ask for different rotations, so none of them is followed. Give all of them the same request and the same every, beforeExpiry and notice, or set all but one to mode Monitor.',
  stalled: true,
};

const EXPIRED: Pick<Hold, 'reason' | 'message' | 'stalled'> = {
  reason: 'RequestExpired',
  message: `The request is older than ${REQUEST_LASTS / 3_600_000} hours, so it may come from a backup and is not followed. Set spec.requestedAt to the present time, or name the CA to replace in spec.request.`,
  stalled: true,
};

function notAllowed({ object: { metadata } }: RotationIntent): Pick<Hold, 'reason' | 'message' | 'stalled'> {
  return {
    reason: 'RotationNotAllowed',
    message: `The policy of the controller does not let namespace ${metadata.namespace ?? ''} rotate the certificates of this cluster (rotate). They are only watched. Set spec.mode to Monitor, or ask the operator of the controller.`,
    stalled: true,
  };
}

/** It does not change with every read: it names neither the present CA nor the time. */
function succeeded({ name, object }: RotationIntent, record: RecordStatus): ConditionValue {
  const rotated = rotatedFor(name, record);
  if (rotated) return rotated;
  const what = object.spec.request
    ? 'The cluster CA that the request names is not in place any more'
    : 'The cluster CA is younger than the request';
  return { status: 'True', reason: 'AlreadyRotated', message: `${what}, so nothing is left to rotate.` };
}

/** `RotationSucceeded` of an object for which the controller made the last rotation; undefined where it did not. */
function rotatedFor(name: string, { rotation }: RecordStatus): ConditionValue | undefined {
  const { startedBy, requestedBy = [], completedAt, reason, attempts = 1 } = rotation?.lastRotation ?? {};
  if (startedBy !== 'ThisController' || completedAt === undefined || !requestedBy.includes(name)) return undefined;
  const why = reason === 'Every' ? ' for spec.every' : reason === 'BeforeExpiry' ? ' for spec.beforeExpiry' : '';
  const how = attempts === 1 ? 'with the first attempt' : `after ${attempts} attempts`;
  return {
    status: 'True',
    reason: 'Rotated',
    message: `The certificates were rotated${why} ${how}, until ${completedAt.replace(/\.\d+Z$/, 'Z')}.`,
  };
}
