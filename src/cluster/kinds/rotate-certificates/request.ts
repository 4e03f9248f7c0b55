import type { Intent } from '../../model/intent.ts';
import type { ClusterCA } from '../../model/observation.ts';
import type { RecordStatus, RotationMemory } from '../../model/record.ts';
import { mayRotate, rotationsOf, type RotationIntent } from '../../model/rotation.ts';
import { isOfWindows } from '../../operation/window.ts';
import type { DatedPlan, Refusal } from './automatic.ts';
import { withCountedNotice } from './counted-notice.ts';
import { planOf } from './policy-plan.ts';
import { clockTrouble } from './preflight/clock.ts';

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
  /** Whether a rotation is due, or to be announced, needs the cluster CA, which was not read. */
  | { readonly kind: 'Unread'; readonly announces?: true }
  /** A rotation is due by the certificate of the API server, which could not be read again. `message`: why. */
  | { readonly kind: 'ServerUnread'; readonly plan: DatedPlan; readonly ca: ReadCA; readonly message: string }
  /** Its policy asks for a rotation, which is announced. */
  | { readonly kind: 'Noticed'; readonly plan: DatedPlan; readonly oldCA: string }
  /** Its policy asks for a rotation, which cannot be announced by a clock that is wrong. `message`: a whole sentence. */
  | { readonly kind: 'ClockWrong'; readonly message: string }
  | Refusal
  /** `plan`: the policy that asks for it; without one, a request does. */
  | { readonly kind: 'Due'; readonly ca: ReadCA; readonly plan?: DatedPlan };

export interface VerdictInput {
  readonly ca: ClusterCA | undefined;
  readonly memory: RotationMemory | undefined;
  /** ms. */
  readonly now: number;
  /** By how much ARM's clock is ahead of ours, in ms; absent where it is not known. */
  readonly armAheadMs?: number | undefined;
}

/** A request by its time is void after this long, in ms: an old one may come back from a backup. */
export const REQUEST_LASTS = 24 * 60 * 60_000;

/** What each CertificateRotation object asks for, by name. */
export const verdictsOf = oncePerInput(findVerdicts);

/** The result of the last input for each list of objects: the status of every object needs it, and there may be thousands. */
export function oncePerInput<T>(
  find: (intents: readonly Intent[], input: VerdictInput) => T,
): (intents: readonly Intent[], input: VerdictInput) => T {
  const found = new WeakMap<readonly Intent[], VerdictInput & { readonly result: T }>();
  return (intents, { ca, memory, now, armAheadMs }) => {
    const last = found.get(intents);
    const isSame = last?.ca === ca && last?.memory === memory && last?.now === now && last.armAheadMs === armAheadMs;
    if (last && isSame) return last.result;
    const result = find(intents, { ca, memory, now, armAheadMs });
    found.set(intents, { ca, memory, now, armAheadMs, result });
    return result;
  };
}

function findVerdicts(intents: readonly Intent[], input: VerdictInput): ReadonlyMap<string, Verdict> {
  const mine = askers(intents);
  const known = { ...input, ca: presentCA(input), memory: withCountedNotice(input.memory, mine, input.now) };
  const requests = new Set(mine.flatMap((intent) => openRequest(intent, known) ?? []));
  const policies = new Set(mine.flatMap(({ policy }) => (policy ? JSON.stringify(policy) : [])));
  return new Map(
    rotationsOf(intents).map((intent) => [intent.name, verdictOf(intent, known, requests.size, policies.size)]),
  );
}

/** True where the present cluster CA decides something: a rotation is recorded, or an object asks for one that may be due. */
export function needsClusterCA(record: RecordStatus, intents: readonly Intent[], now: number): boolean {
  return record.operation?.kind === 'RotateCertificates' || unread(record, intents, now).length > 0;
}

function unread({ rotation: memory }: RecordStatus, intents: readonly Intent[], now: number) {
  const verdicts = verdictsOf(intents, { ca: undefined, memory, now });
  return [...verdicts.values()].filter((verdict) => verdict.kind === 'Unread');
}

/** True where a rotation may begin, so that what its checks need is read. While its windows are closed, nothing is checked. */
export function needsPreflight(record: RecordStatus, intents: readonly Intent[], now: number): boolean {
  if (record.operation || isOfWindows(record.rotation?.pending?.waitsFor)) return false;
  return unread(record, intents, now).some(({ announces }) => !announces);
}

/** True where the certificate of the API server may decide that a rotation is due. While one runs, it decides nothing. */
export function needsServerCertificate(record: RecordStatus, intents: readonly Intent[]): boolean {
  return !record.operation && askers(intents).some(({ policy }) => policy?.beforeExpiry !== undefined);
}

/** The verdict on a request that is open, else on the policy of the object; `requests` and `policies` are the numbers of different ones. */
function verdictOf(intent: RotationIntent, input: VerdictInput, requests: number, policies: number): Verdict {
  const { spec } = intent.object;
  if (spec.mode !== 'Rotate' || !spec.acceptDowntime || intent.frozen || intent.deletion) return { kind: 'Off' };
  if (!mayRotate(intent)) return { kind: 'NotAllowed' };
  const asked = requestVerdict(intent, input);
  const isOpen = OPEN.has(asked.kind);
  if (isOpen && requests > 1) return { kind: 'Conflicting', others: requests - 1 };
  if (isOpen || !intent.policy) return asked;
  if (policies > 1) return { kind: 'Conflicting', others: policies - 1 };
  return policyVerdict(intent, input) ?? asked;
}

/** What the policy of an object asks for now; undefined before its announcement. */
function policyVerdict(intent: RotationIntent, { ca, memory, now, armAheadMs }: VerdictInput): Verdict | undefined {
  const found = planOf(intent, { ca, memory, now });
  // Without dates, the CA is read. Dates that cannot be read ask for nothing.
  if (!found) return ca?.ok ? undefined : { kind: 'Unread', announces: true };
  const { plan, oldCA } = found;
  switch (plan.kind) {
    case 'Refused':
      return plan;
    case 'Planned':
      return plan.refusal;
    case 'Announced':
      if (memory?.notice?.oldCA === oldCA && Date.parse(memory.notice.since) <= now)
        return { kind: 'Noticed', plan, oldCA };
      // Another client may have rotated since.
      if (!ca?.ok) return { kind: 'Unread', announces: true };
      return announced({ kind: 'Noticed', plan, oldCA }, armAheadMs);
    case 'Due': {
      if (!ca?.ok) return { kind: 'Unread' };
      if (plan.of === 'ClusterCA' || ca.apiServer?.known) return { kind: 'Due', ca, plan };
      return { kind: 'ServerUnread', plan, ca, message: ca.apiServer?.why ?? 'It is not read.' };
    }
  }
}

/** The announcement, unless our clock is wrong: once it is corrected, the notice would seem to have passed. */
function announced(noticed: Verdict, armAheadMs: number | undefined): Verdict {
  const trouble = armAheadMs === undefined ? undefined : clockTrouble({ whose: 'ARM', aheadMs: armAheadMs });
  if (trouble === undefined) return noticed;
  return { kind: 'ClockWrong', message: `${trouble}, so no rotation is announced. Correct the clock that is wrong.` };
}

function requestVerdict(intent: RotationIntent, { ca, memory, now }: VerdictInput): Verdict {
  const { spec } = intent.object;
  const replaceCA = spec.request?.replaceCA;
  const requestedAt = spec.requestedAt === undefined ? undefined : Date.parse(spec.requestedAt);
  if (replaceCA === undefined && requestedAt === undefined) return { kind: 'NoRequest' };
  if (replaceCA === undefined && requestedAt !== undefined && hasRotatedSince(memory, requestedAt))
    return { kind: 'AlreadyRotated' };
  const answer = ca?.ok
    ? answerBy(ca, replaceCA, requestedAt)
    : rememberedAnswer(intent, memory, replaceCA, requestedAt);
  if (answer) return answer;
  // A date that cannot be read asks for nothing.
  if (requestedAt !== undefined && !(now - requestedAt <= REQUEST_LASTS)) return { kind: 'RequestExpired' };
  if (requestedAt !== undefined && requestedAt > now) return { kind: 'RequestedLater', at: requestedAt };
  return ca?.ok ? { kind: 'Due', ca } : { kind: 'Unread' };
}

/** The cluster CA as read. A listing that shows an earlier one may come from a replica that is behind, and counts as none. */
export function presentCA({ ca, memory }: Pick<VerdictInput, 'ca' | 'memory'>): ClusterCA | undefined {
  return ca?.ok && isEarlierCA(memory, ca.fingerprint) ? undefined : ca;
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

/** The objects that may ask for a rotation now. */
export function askers(intents: readonly Intent[]): readonly RotationIntent[] {
  return rotationsOf(intents).filter(mayRotate);
}

const OPEN: ReadonlySet<Verdict['kind']> = new Set(['Due', 'Unread', 'RequestedLater']);

/** The request in one text, so that equal requests are the same one; undefined where there is none, or it is done or void. */
function openRequest(intent: RotationIntent, input: VerdictInput): string | undefined {
  const { request, requestedAt } = intent.object.spec;
  if (!OPEN.has(requestVerdict(intent, input).kind)) return undefined;
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
  requestedAt: number | undefined,
): Verdict | undefined {
  const isPast = casSeen.slice(0, -1).some(({ fingerprintSHA256 }) => fingerprintSHA256 === replaceCA);
  const last = casSeen.at(-1);
  if (isPast && last?.fingerprintSHA256 !== replaceCA) return { kind: 'AlreadyRotated' };
  // A later CA is younger still.
  if (requestedAt !== undefined && Date.parse(last?.createdAt ?? '') >= requestedAt) return { kind: 'AlreadyRotated' };
  const reported = status?.conditions?.find(({ type }) => type === 'RotationSucceeded');
  const isSame = reported?.status === 'True' && reported.observedGeneration === metadata.generation;
  return isSame ? { kind: 'AlreadyRotated' } : undefined;
}
