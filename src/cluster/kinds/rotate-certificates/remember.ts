import { attemptsIn } from '../../model/attempts.ts';
import { omit } from '../../model/omit.ts';
import {
  attemptOf,
  endOf,
  isSeen,
  timestamp,
  type RecordedOperation,
  type RecordStatus,
  type RotationMemory,
} from '../../model/record.ts';
import { timeLeft } from '../../operation/unseen-writes.ts';
import type { ClusterView } from '../../operation/kind.ts';
import { isRotating } from './assess.ts';
import { endedRotation, isAskedFor, notedStates, releaseOf } from './release.ts';
import { isEarlierCA } from './request.ts';

type LastRotation = NonNullable<RotationMemory['lastRotation']>;

/** CAs that the record keeps; a cluster has one for thirty years. */
const MOST_CAS = 32;

export interface RotationRemembering {
  /** True when the read shows that the recorded attempt reached ARM. */
  readonly arrived: boolean;
  /** The CA that a rotation which is due replaces; undefined where none is due. */
  readonly wanted: string | undefined;
  /** The announcement of the rotation that a policy asks for; undefined where none is announced. */
  readonly notice: RotationMemory['notice'];
}

/** The next record with what is remembered of the cluster CA and its rotations. */
export function rememberRotation(next: RecordStatus, view: ClusterView, how: RotationRemembering): RecordStatus {
  const { before, assessment } = view;
  const memory = before.rotation ?? {};
  const rotation: RotationMemory = {
    ...casOf(memory, view),
    ...lastOf(memory, view),
    ...(how.notice ? { notice: how.notice } : {}),
    ...pendingOf(memory, view, how),
    ...endedOf(memory, view),
    ...attemptsOf(memory, view, how),
  };
  const isDone = assessment?.kind === 'Done' && before.operation?.kind === 'RotateCertificates';
  // ARM refused the list because the old certificates had expired.
  const isOver = isDone && next.refusal?.reason === 'ClusterCertificatesExpired';
  return {
    ...omit(next, ['rotation', ...(isOver ? (['refusal'] as const) : [])]),
    ...(Object.keys(rotation).length > 0 ? { rotation } : {}),
  };
}

function casOf({ casSeen = [] }: RotationMemory, { observation, now }: ClusterView): Pick<RotationMemory, 'casSeen'> {
  const ca = observation.clusterCA;
  if (!ca?.ok) return casSeen.length > 0 ? { casSeen } : {};
  const dates = {
    ...(Number.isNaN(ca.createdAt) ? {} : { createdAt: timestamp(ca.createdAt) }),
    ...(Number.isNaN(ca.notAfter) ? {} : { notAfter: timestamp(ca.notAfter) }),
  };
  const isKnown = casSeen.some(({ fingerprintSHA256 }) => fingerprintSHA256 === ca.fingerprint);
  // An earlier version of the controller kept no end of its validity.
  if (isKnown)
    return { casSeen: casSeen.map((row) => (row.fingerprintSHA256 === ca.fingerprint ? { ...row, ...dates } : row)) };
  const row = { fingerprintSHA256: ca.fingerprint, ...dates, firstSeenAt: timestamp(now) };
  return { casSeen: [...casSeen, row].slice(-MOST_CAS) };
}

function lastOf(
  { casSeen = [], lastRotation }: RotationMemory,
  view: ClusterView,
): Pick<RotationMemory, 'lastRotation'> {
  const { observation, before, assessment, now } = view;
  const ca = observation.clusterCA;
  const kept = lastRotation ? { lastRotation } : {};
  const operation = assessment?.kind === 'Open' ? assessment.operation : before.operation;
  const own = operation?.kind === 'RotateCertificates' ? operation : undefined;
  if (own && assessment && assessment.kind !== 'NeverArrived' && (assessment.kind === 'Done' || isSeen(own)))
    return { lastRotation: ofOperation(own, view, assessment.kind === 'Done') };
  const known = casSeen.at(-1)?.fingerprintSHA256;
  const isOld = ca?.ok && isEarlierCA({ casSeen }, ca.fingerprint);
  if (own || !ca?.ok || known === undefined || known === ca.fingerprint || isOld) return kept;
  // ARM listed the CA of an earlier attempt until now.
  if (lastRotation && isDuring(ca.createdAt, lastRotation))
    return { lastRotation: { ...lastRotation, newCA: ca.fingerprint } };
  const startedAt = Number.isNaN(ca.createdAt) ? now : Math.min(ca.createdAt, now);
  return {
    lastRotation: {
      startedAt: timestamp(startedAt),
      startedBy: 'AnotherClient',
      reason: 'Unknown',
      oldCA: known,
      newCA: ca.fingerprint,
    },
  };
}

/** True for a time in which the controller's own rotation ran. */
function isDuring(at: number, { startedBy, startedAt, completedAt }: LastRotation): boolean {
  if (startedBy !== 'ThisController' || completedAt === undefined) return false;
  return at >= Date.parse(startedAt) && at <= Date.parse(completedAt);
}

function ofOperation(
  { startedAt, attempts, rotateCertificates }: RecordedOperation,
  { observation: { clusterCA }, before, now }: ClusterView,
  isDone: boolean,
): LastRotation {
  const { oldCA = '', reason = 'Requested', notAfter, requestedBy = [] } = rotateCertificates ?? {};
  const last = before.rotation?.lastRotation;
  const earlier = last?.oldCA === oldCA ? last.newCA : undefined;
  const newCA = clusterCA?.ok && clusterCA.fingerprint !== oldCA ? clusterCA.fingerprint : earlier;
  return {
    startedAt,
    ...(isDone ? { completedAt: timestamp(now) } : {}),
    startedBy: 'ThisController',
    reason,
    ...(notAfter === undefined ? {} : { notAfter }),
    ...(requestedBy.length > 0 ? { requestedBy } : {}),
    oldCA,
    ...(newCA === undefined ? {} : { newCA }),
    attempts,
  };
}

function pendingOf(
  { pending }: RotationMemory,
  { model, now, timing }: ClusterView,
  { wanted }: RotationRemembering,
): Pick<RotationMemory, 'pending'> {
  if (wanted === undefined) return {};
  const { agreeing, arrives } = timing.rotation;
  const isSame = pending?.oldCA === wanted && Date.parse(pending.since) <= now;
  // Another client may be rotating it, and ARM may list the old CA for some time after the end.
  const countsFrom = timestamp(isRotating(model) ? now + arrives - agreeing : now);
  if (!isSame) return { pending: { since: timestamp(now), countsFrom, oldCA: wanted, waitsFor: 'Nothing' } };
  return { pending: isRotating(model) ? { ...pending, countsFrom } : pending };
}

/**
 * The end of a rotation that left the CA as it was. No other one of that CA follows until an object that asked for it releases it. It is
 * forgotten where no object asks for one any more: the CA is not read then, so nothing would end it.
 */
function endedOf(memory: RotationMemory, view: ClusterView): Pick<RotationMemory, 'ended'> {
  const { ended } = memory;
  const { before, assessment, observation, now, timing } = view;
  const { operation } = before;
  const ca = observation.clusterCA;
  if (assessment?.kind === 'NeverArrived' && operation?.kind === 'RotateCertificates' && isSeen(operation)) {
    const end = endOf(operation);
    const how = operation.canceled ? 'was canceled' : end ? 'failed' : 'ended';
    const cause = end ? ` (${[end.code, end.message].filter((text) => text !== '').join(': ')})` : '';
    const message = `The rotation ${how}${cause}, and ARM reports Succeeded with the same cluster CA. To rotate it all the same, edit the object or annotate it with aks-ca-trust.dev/reconcile-requested-at.`;
    const { oldCA = '', requestedBy } = operation.rotateCertificates ?? {};
    return {
      ended: {
        outcome: operation.canceled ? 'Canceled' : 'Failed',
        oldCA,
        message,
        at: timestamp(now),
        heldFor: notedStates({ oldCA, requestedBy, heldFor: undefined }, observation),
      },
    };
  }
  const held = endedRotation(memory);
  const input = { observation, memory, now, timing };
  if (!ended || !held || (ca?.ok && ca.fingerprint !== ended.oldCA)) return {};
  const isOver = releaseOf(held, input) === 'Released' || !isAskedFor(held, input);
  return isOver ? {} : { ended: { ...ended, heldFor: notedStates(held, observation) } };
}

/** What became of the last attempts: kept until one is seen, or until they hold nothing back and no rotation is due. */
function attemptsOf(
  memory: RotationMemory,
  { before: { operation }, now, timing }: ClusterView,
  { arrived, wanted }: RotationRemembering,
): Pick<RotationMemory, 'refusal' | 'unseenWrites'> {
  const own = operation?.kind === 'RotateCertificates' ? operation : undefined;
  const { refusal, unseenWrites } = attemptsIn(memory);
  if (own && arrived && unseenWrites?.attempt === attemptOf(own)) return {};
  const counts = own !== undefined || wanted !== undefined;
  const isRecent = unseenWrites !== undefined && now - Date.parse(unseenWrites.at) < timing.resume[1];
  return {
    ...(refusal && (counts || timeLeft(refusal, now) > 0) ? { refusal } : {}),
    ...(unseenWrites && (counts || isRecent) ? { unseenWrites } : {}),
  };
}
