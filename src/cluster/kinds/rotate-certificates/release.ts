import type { Hold } from '../../model/decision.ts';
import type { ClusterCA, Observation } from '../../model/observation.ts';
import type { RecordedOperation, RotationMemory } from '../../model/record.ts';
import { mayRotate, rotationsOf, type RotationIntent } from '../../model/rotation.ts';
import type { Timing } from '../../model/timing.ts';
import { windowHold } from '../../operation/window.ts';
import { verdictsOf, type Verdict } from './request.ts';

/** A rotation that a person canceled, or that has failed for good: it holds every other one of its CA until it is released. */
export interface HeldRotation extends Pick<NonNullable<RecordedOperation['rotateCertificates']>, 'oldCA'> {
  /** The objects that asked for it. */
  readonly requestedBy?: readonly string[] | undefined;
  /** Of one for spec.beforeExpiry: when the first of the certificates would have expired. */
  readonly notAfter?: string | undefined;
  /** The states of the CertificateRotation objects when it ended; undefined where it ends with this read. */
  readonly heldFor: readonly string[] | undefined;
}

/** The rotation that ended without another CA; undefined where none is remembered. */
export function endedRotation({ ended, lastRotation }: RotationMemory): HeldRotation | undefined {
  if (!ended) return undefined;
  const { requestedBy, notAfter } = lastRotation?.oldCA === ended.oldCA ? lastRotation : {};
  return { oldCA: ended.oldCA, requestedBy, notAfter, heldFor: ended.heldFor ?? [] };
}

export interface ReleaseInput {
  readonly observation: Observation;
  readonly memory: RotationMemory | undefined;
  /** ms. */
  readonly now: number;
  readonly timing: Timing;
}

/** Objects whose states a record keeps for one rotation. One that is not among them releases nothing. */
const MOST_NOTED = 500;

/**
 * The states that hold it after this read. An object that is new is noted as it is, so it releases nothing by its creation, and a later
 * edit of it may.
 */
export function notedStates(held: HeldRotation, { intents }: Pick<Observation, 'intents'>): string[] {
  const noted = held.heldFor ?? [];
  const known = new Set(noted.map(ownerOf));
  const [asking, others] = [true, false].map((isAsking) =>
    rotationsOf(intents).filter(
      (intent) => isConcerned(intent, held) === isAsking && !known.has(ownerOf(intent.token)),
    ),
  );
  const fresh = [...(asking ?? []), ...(others ?? [])].map(({ token }) => token);
  return [...noted, ...fresh].slice(0, MOST_NOTED);
}

/**
 * What releases it: the edit, or the reconcile request, of an object that had asked for it or names its CA, and that still asks for a
 * rotation. To withdraw a request releases nothing, and neither does another object.
 * @returns the hold of its window while that is closed; undefined where nothing releases it
 */
export function releaseOf(held: HeldRotation, input: ReleaseInput): 'Released' | Hold | undefined {
  const { observation, now, timing } = input;
  if (held.heldFor === undefined) return undefined;
  const noted = new Map(held.heldFor.map((token) => [ownerOf(token), token]));
  const releasing = rotationsOf(observation.intents).filter((intent) => {
    const before = noted.get(ownerOf(intent.token));
    if (before === undefined || before === intent.token || !mayRotate(intent) || !isConcerned(intent, held))
      return false;
    // Without an edit, a person has said so by the annotation, however long ago the request was made.
    return asks(intent, held, input, specOf(before) === specOf(intent.token));
  });
  const windows = releasing.map(({ object: { spec } }) => {
    return spec.window && windowHold(spec.window, observation.maintenance, now, timing, 'The rotation waits');
  });
  if (windows.includes(undefined)) return 'Released';
  return windows.flatMap((hold) => hold ?? []).sort((a, b) => a.afterMs - b.afterMs)[0];
}

/** True while an object asks for a rotation of that CA, whatever its window and the present policy of the controller say. */
export function isAskedFor(held: HeldRotation, input: ReleaseInput): boolean {
  return rotationsOf(input.observation.intents).some((intent) => {
    // What the controller does not follow now, it may follow later without an edit.
    const frozen = intent.frozen === 'Suspended' ? intent.frozen : undefined;
    return asks({ ...intent, frozen, grants: { ...intent.grants, rotate: true } }, held, input, false);
  });
}

function isConcerned({ name, object }: RotationIntent, { oldCA, requestedBy = [] }: HeldRotation): boolean {
  return requestedBy.includes(name) || object.spec.request?.replaceCA === oldCA;
}

/** True where the object would have the rotation begun, had none been sent: of the CA that was in place then, or of the present one. */
function asks(intent: RotationIntent, held: HeldRotation, input: ReleaseInput, isExpiredToo: boolean): boolean {
  const { memory, observation, now } = input;
  const { clusterCA } = observation;
  const isNew = clusterCA?.ok === true && clusterCA.fingerprint !== held.oldCA;
  const replaced = isNew || !clusterCA?.ok ? noted(held, memory) : clusterCA;
  return [replaced, ...(isNew ? [clusterCA] : [])].some((ca) => {
    const { kind } = verdictIn(intent, ca, memory, now);
    if (kind === 'Due' || kind === 'ServerUnread') return true;
    if (kind === 'RequestExpired') return isExpiredToo;
    return (kind === 'NoRequest' || kind === 'AlreadyRotated') && ca === replaced && isExpiring(intent, held, now);
  });
}

type ReadCA = Extract<ClusterCA, { ok: true }>;

/** The verdict on the object alone, with no announcement to wait for and its window open. What the rotation itself left behind does not count. */
function verdictIn(intent: RotationIntent, ca: ReadCA, memory: RotationMemory = {}, now: number): Verdict {
  const { casSeen = [] } = memory;
  const at = casSeen.findIndex(({ fingerprintSHA256 }) => fingerprintSHA256 === ca.fingerprint);
  const { window: _, ...spec } = intent.object.spec;
  const policy = intent.policy && { policy: { ...intent.policy, notice: 0 } };
  const only: RotationIntent = { ...intent, ...policy, object: { ...intent.object, spec } };
  const then: RotationMemory = { casSeen: casSeen.slice(0, at + 1) };
  return verdictsOf([only], { ca, memory: then, now }).get(intent.name) ?? { kind: 'Off' };
}

/** The CA that the rotation was to replace, by what is remembered of it. */
function noted({ oldCA }: HeldRotation, { casSeen = [] }: RotationMemory = {}): ReadCA {
  const row = casSeen.find(({ fingerprintSHA256 }) => fingerprintSHA256 === oldCA);
  const [createdAt, notAfter] = [Date.parse(row?.createdAt ?? ''), Date.parse(row?.notAfter ?? '')];
  return { ok: true, fingerprint: oldCA, createdAt, notAfter, readAt: NaN };
}

/** True where spec.beforeExpiry still asks for it by the certificate that was about to expire, which may not be shown any more. */
function isExpiring({ policy }: RotationIntent, { notAfter = '' }: HeldRotation, now: number): boolean {
  return policy?.beforeExpiry !== undefined && Date.parse(notAfter) - policy.beforeExpiry <= now;
}

/** The uid of a token's object. */
function ownerOf(token: string): string {
  return token.slice(0, token.indexOf('/'));
}

/** The uid and the generation. */
function specOf(token: string): string {
  return token.slice(0, token.lastIndexOf('/'));
}
