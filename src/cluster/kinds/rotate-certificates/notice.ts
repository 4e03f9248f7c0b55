import { timestamp, type RotationMemory } from '../../model/record.ts';
import { rotationsOf } from '../../model/rotation.ts';
import type { Intent } from '../../model/intent.ts';
import type { ClusterView } from '../../operation/kind.ts';
import { cronWindowAt } from '../../../waiting/cron-window.ts';
import type { ChangeWindow } from '../../operation/window.ts';
import type { DatedPlan } from './automatic.ts';
import { planOf } from './policy-plan.ts';
import { askers, presentCA, verdictsOf, type Verdict, type VerdictInput } from './request.ts';

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
  { observation, before, assessment }: Pick<ClusterView, 'observation' | 'before' | 'assessment'>,
): RotationMemory['notice'] {
  const announced = [...verdicts.values()].flatMap((verdict) => {
    const plan = 'plan' in verdict ? verdict.plan : undefined;
    const oldCA = 'oldCA' in verdict ? verdict.oldCA : 'ca' in verdict ? verdict.ca.fingerprint : '';
    return plan ? [{ since: timestamp(plan.announcedAt), oldCA }] : [];
  });
  const [first] = announced.sort((a, b) => (a.since < b.since ? -1 : 1));
  if (first) return first;
  const isRotating = before.operation?.kind === 'RotateCertificates' && assessment?.kind !== 'Done';
  // An object that asks for nothing any more takes its announcement back, also where nothing else is known of the cluster.
  const asking = askers(observation.intents).filter(({ policy }) => policy);
  const stays = asking.some(({ name }) => isRotating || verdicts.get(name)?.kind === 'Unread');
  return stays ? before.rotation?.notice : undefined;
}

/** The next rotation by the policy of each object, by its name, where the dates that decide it are known. */
export function nextRotations(intents: readonly Intent[], input: VerdictInput): ReadonlyMap<string, NextRotation> {
  const verdicts = verdictsOf(intents, input);
  return new Map(
    rotationsOf(intents).flatMap((intent) => {
      const kind = verdicts.get(intent.name)?.kind;
      if (kind === undefined || SILENT.has(kind)) return [];
      const plan = planOf(intent, { ...input, ca: presentCA(input) })?.plan;
      if (!plan || plan.kind === 'Refused') return [];
      const { reason, announcedAt, kind: stage } = plan;
      const from = stage === 'Due' ? Math.max(plan.at, input.now) : plan.at;
      const opening = openingAt(intent.object.spec.window, from);
      const at = opening > from ? opening : plan.at;
      return [[intent.name, { at, reason, ...(stage === 'Planned' ? {} : { announcedAt }) }] as const];
    }),
  );
}

/** Nothing is planned for an object that asks for nothing, or must not. */
const SILENT: ReadonlySet<Verdict['kind']> = new Set(['Off', 'NotAllowed', 'Conflicting']);

/** When the schedule of a window is open at a time or next after it, in ms; the time itself where that is not known. */
function openingAt(window: ChangeWindow | undefined, from: number): number {
  const { schedule, timeZone = 'Etc/UTC', durationHours = 0 } = window ?? {};
  if (schedule === undefined) return from;
  const state = cronWindowAt({ schedule, timeZone, durationHours }, from);
  return state.kind === 'Closed' ? state.opensAt : from;
}

/** The next time, in ms, at which an announcement begins or its rotation may begin; undefined where none is to come. */
export function nextNotice(
  intents: readonly Intent[],
  memory: RotationMemory | undefined,
  now: number,
): number | undefined {
  const input = { ca: undefined, memory, now };
  const verdicts = verdictsOf(intents, input);
  const times = rotationsOf(intents).flatMap((intent) => {
    const kind = verdicts.get(intent.name)?.kind ?? 'Off';
    const plan = SILENT.has(kind) ? undefined : planOf(intent, input)?.plan;
    if (!plan || plan.kind === 'Refused') return [];
    return plan.kind === 'Planned' ? plan.announcedAt : plan.at;
  });
  const coming = times.filter((time) => time > now);
  return coming.length > 0 ? Math.min(...coming) : undefined;
}
