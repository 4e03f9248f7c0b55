import { timestamp, type RotationMemory } from '../../model/record.ts';
import { rotationsOf } from '../../model/rotation.ts';
import type { Intent } from '../../model/intent.ts';
import type { ClusterView } from '../../operation/kind.ts';
import type { DatedPlan } from './automatic.ts';
import { announcerOf, CONFIRMED_EVERY, withCountedNotice } from './counted-notice.ts';
import { planOf } from './policy-plan.ts';
import { askers, oncePerInput, presentCA, verdictsOf, type Verdict } from './request.ts';

/** `status.nextRotation`, with times in ms. */
export interface NextRotation {
  /** The earliest time at which it may begin. */
  readonly at: number;
  readonly reason: DatedPlan['reason'];
  /** Absent before it is announced. */
  readonly announcedAt?: number;
}

/** The announcement as the next record has it; undefined where no policy asks for a rotation that is near. */
export function noticeOf(
  verdicts: ReadonlyMap<string, Verdict>,
  { observation, before, assessment, now }: Pick<ClusterView, 'observation' | 'before' | 'assessment' | 'now'>,
): RotationMemory['notice'] {
  const mine = askers(observation.intents);
  const announced = mine.flatMap((intent) => {
    const verdict = verdicts.get(intent.name) ?? { kind: 'Off' };
    const plan = 'plan' in verdict ? verdict.plan : undefined;
    const oldCA = 'oldCA' in verdict ? verdict.oldCA : 'ca' in verdict ? verdict.ca.fingerprint : '';
    return plan ? [{ since: timestamp(plan.announcedAt), oldCA, by: announcerOf(intent) }] : [];
  });
  const [first] = announced.sort((a, b) => (a.since < b.since ? -1 : 1));
  const present = withCountedNotice(before.rotation, mine, now)?.notice;
  if (first && present?.since === first.since && present.oldCA === first.oldCA) return confirmed(present, now);
  if (first) return { ...first, confirmedAt: timestamp(now) };
  const isRotating = before.operation?.kind === 'RotateCertificates' && assessment?.kind !== 'Done';
  // An object that asks for nothing any more takes its announcement back, also where nothing else is known of the cluster.
  const asking = mine.filter(({ policy }) => policy);
  const stays = asking.some(({ name }) => isRotating || verdicts.get(name)?.kind === 'Unread');
  return stays ? before.rotation?.notice : undefined;
}

function confirmed(notice: NonNullable<RotationMemory['notice']>, now: number): RotationMemory['notice'] {
  const { confirmedAt = notice.since } = notice;
  return now - Date.parse(confirmedAt) < CONFIRMED_EVERY ? notice : { ...notice, confirmedAt: timestamp(now) };
}

/** The next rotation by the policy of each object, by its name, where the dates that decide it are known. */
export const nextRotations = oncePerInput((intents, input): ReadonlyMap<string, NextRotation> => {
  const verdicts = verdictsOf(intents, input);
  const memory = withCountedNotice(input.memory, askers(intents), input.now);
  return new Map(
    rotationsOf(intents).flatMap((intent) => {
      const kind = verdicts.get(intent.name)?.kind;
      if (kind === undefined || SILENT.has(kind)) return [];
      const plan = planOf(intent, { ...input, memory, ca: presentCA(input) })?.plan;
      if (!plan || plan.kind === 'Refused') return [];
      const { at, reason, announcedAt } = plan;
      return [[intent.name, { at, reason, ...(plan.kind === 'Planned' ? {} : { announcedAt }) }] as const];
    }),
  );
});

/** Nothing is planned for an object that asks for nothing, or must not. */
const SILENT: ReadonlySet<Verdict['kind']> = new Set(['Off', 'NotAllowed', 'Conflicting', 'ClockWrong']);

/** The next time, in ms, at which an announcement begins or its rotation may begin; undefined where none is to come. */
export function nextNotice(
  intents: readonly Intent[],
  memory: RotationMemory | undefined,
  now: number,
): number | undefined {
  const counted = withCountedNotice(memory, askers(intents), now);
  const input = { ca: undefined, memory: counted, now };
  const verdicts = verdictsOf(intents, input);
  const times = rotationsOf(intents).flatMap((intent) => {
    const kind = verdicts.get(intent.name)?.kind ?? 'Off';
    const plan = SILENT.has(kind) ? undefined : planOf(intent, input)?.plan;
    if (!plan || plan.kind === 'Refused') return [];
    return plan.kind === 'Planned' ? plan.announcedAt : plan.at;
  });
  const { since = '', confirmedAt = since } = counted?.notice ?? {};
  const coming = [...times, Date.parse(confirmedAt) + CONFIRMED_EVERY].filter((time) => time > now);
  return coming.length > 0 ? Math.min(...coming) : undefined;
}
