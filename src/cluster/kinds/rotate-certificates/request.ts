import type { Intent } from '../../model/intent.ts';
import type { ClusterCA } from '../../model/observation.ts';
import type { RecordStatus } from '../../model/record.ts';
import { rotationsOf, type RotationIntent } from '../../model/rotation.ts';
import { isOfWindows } from '../../operation/window.ts';

export type RotationMemory = NonNullable<RecordStatus['rotation']>;
type ReadCA = Extract<ClusterCA, { ok: true }>;

/** What an object asks for now. */
export type Verdict =
  /** It only watches, or does not count. */
  | { readonly kind: 'Off' | 'NoRequest' }
  /** The policy does not let its namespace rotate. */
  | { readonly kind: 'NotAllowed' }
  /** Another object asks for something else, so neither is followed. */
  | { readonly kind: 'Conflicting'; readonly others: number }
  /** The cluster CA that it names is gone, whichever client rotated it. */
  | { readonly kind: 'AlreadyRotated' }
  | { readonly kind: 'RequestExpired' }
  /** `at`: the time from which it counts, in ms. */
  | { readonly kind: 'RequestedLater'; readonly at: number }
  /** Whether it is satisfied needs the cluster CA, which was not read. */
  | { readonly kind: 'Unread' }
  | { readonly kind: 'Due'; readonly ca: ReadCA };

export interface VerdictInput {
  readonly ca: ClusterCA | undefined;
  readonly memory: RotationMemory | undefined;
  /** ms. */
  readonly now: number;
}

/** A request by its time is void after this long, in ms: an old one may come back from a backup. */
export const REQUEST_LASTS = 24 * 60 * 60_000;

/** What each CertificateRotation object asks for, by name. */
export function verdictsOf(intents: readonly Intent[], input: VerdictInput): ReadonlyMap<string, Verdict> {
  const rotations = rotationsOf(intents);
  const asked = new Set(askers(intents).flatMap((intent) => requestOf(intent) ?? []));
  return new Map(
    rotations.map((intent) => {
      const verdict = verdictOf(intent, input);
      const isOpen = verdict.kind === 'Due' || verdict.kind === 'Unread' || verdict.kind === 'RequestedLater';
      return [
        intent.name,
        isOpen && asked.size > 1 ? { kind: 'Conflicting', others: asked.size - 1 } : verdict,
      ] as const;
    }),
  );
}

/** True where the present cluster CA decides something: a rotation is recorded, or an object asks for one that may be due. */
export function needsClusterCA(record: RecordStatus, intents: readonly Intent[], now: number): boolean {
  if (record.operation?.kind === 'RotateCertificates') return true;
  const verdicts = verdictsOf(intents, { ca: undefined, memory: record.rotation, now });
  return [...verdicts.values()].some(({ kind }) => kind === 'Unread');
}

/** True where a rotation may begin, so that what its checks need is read. While its windows are closed, nothing is checked. */
export function needsPreflight(record: RecordStatus, intents: readonly Intent[], now: number): boolean {
  if (record.operation || isOfWindows(record.rotation?.pending?.waitsFor)) return false;
  return needsClusterCA(record, intents, now);
}

function verdictOf(intent: RotationIntent, { ca: read, memory, now }: VerdictInput): Verdict {
  // A listing may come from a replica that is behind.
  const ca = read?.ok && isEarlierCA(memory, read.fingerprint) ? undefined : read;
  const { spec } = intent.object;
  if (spec.mode !== 'Rotate' || intent.frozen || intent.deletion) return { kind: 'Off' };
  if (!mayAsk(intent)) return { kind: 'NotAllowed' };
  const replaceCA = spec.request?.replaceCA;
  const requestedAt = spec.requestedAt === undefined ? undefined : Date.parse(spec.requestedAt);
  if (replaceCA === undefined && requestedAt === undefined) return { kind: 'NoRequest' };
  if (replaceCA === undefined && requestedAt !== undefined && hasRotatedSince(memory, requestedAt))
    return { kind: 'AlreadyRotated' };
  const answer = ca?.ok ? answerBy(ca, replaceCA, requestedAt) : rememberedAnswer(intent, memory, replaceCA);
  if (answer) return answer;
  // A date that cannot be read asks for nothing.
  if (requestedAt !== undefined && !(now - requestedAt <= REQUEST_LASTS)) return { kind: 'RequestExpired' };
  if (requestedAt !== undefined && requestedAt > now) return { kind: 'RequestedLater', at: requestedAt };
  return ca?.ok ? { kind: 'Due', ca } : { kind: 'Unread' };
}

/** True for a CA that another one has replaced since: it never comes back. */
export function isEarlierCA({ casSeen = [] }: RotationMemory = {}, fingerprint: string): boolean {
  const isLast = casSeen.at(-1)?.fingerprintSHA256 === fingerprint;
  return !isLast && casSeen.some(({ fingerprintSHA256 }) => fingerprintSHA256 === fingerprint);
}

/** True where the controller itself has rotated since that time. The dates of a CA come from another clock, and are not exact. */
function hasRotatedSince({ lastRotation }: RotationMemory = {}, requestedAt: number): boolean {
  if (lastRotation?.startedBy !== 'ThisController' || lastRotation.completedAt === undefined) return false;
  return Date.parse(lastRotation.startedAt) >= requestedAt;
}

/** The objects that may ask for a rotation now. Only their edits release one that a person canceled, or that has failed for good. */
export function askers(intents: readonly Intent[]): readonly RotationIntent[] {
  return rotationsOf(intents).filter(mayAsk);
}

function mayAsk({ object: { spec }, frozen, deletion, grants }: RotationIntent): boolean {
  return spec.mode === 'Rotate' && !frozen && !deletion && grants.rotate;
}

/** The request in one text, so that equal requests are the same one; undefined where there is none. */
function requestOf({ object: { spec } }: RotationIntent): string | undefined {
  const { request, requestedAt } = spec;
  if (!request && requestedAt === undefined) return undefined;
  return `${request?.replaceCA ?? ''}/${requestedAt === undefined ? '' : Date.parse(requestedAt)}`;
}

function answerBy(ca: ReadCA, replaceCA: string | undefined, requestedAt: number | undefined): Verdict | undefined {
  const isReplaced = replaceCA !== undefined && ca.fingerprint !== replaceCA;
  // A CA is younger than the request only by AKS' clock, which both times come from as far as it matters.
  const isYounger = requestedAt !== undefined && ca.createdAt >= requestedAt;
  return isReplaced || isYounger ? { kind: 'AlreadyRotated' } : undefined;
}

/**
 * The answer without the present CA: a CA that was in place before another one never comes back, and what was reported to this very
 * generation of the object stays true.
 */
function rememberedAnswer(
  { object: { metadata, status } }: RotationIntent,
  { casSeen = [] }: RotationMemory = {},
  replaceCA: string | undefined,
): Verdict | undefined {
  const isPast = casSeen.slice(0, -1).some(({ fingerprintSHA256 }) => fingerprintSHA256 === replaceCA);
  const isCurrent = casSeen.at(-1)?.fingerprintSHA256 === replaceCA;
  if (isPast && !isCurrent) return { kind: 'AlreadyRotated' };
  const reported = status?.conditions?.find(({ type }) => type === 'RotationSucceeded');
  const isSame = reported?.status === 'True' && reported.observedGeneration === metadata.generation;
  return isSame ? { kind: 'AlreadyRotated' } : undefined;
}
