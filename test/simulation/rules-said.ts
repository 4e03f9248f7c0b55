import { reasonPolicy } from '../../src/api/reasons.ts';
import type { CustomCATrustStatus } from '../../src/api/generated/customcatrusts.ts';
import { PROMPT, type Condition, type Saying } from './conditions/condition.ts';
import { START } from './scheduler.ts';
import type { Script } from './script.ts';
import type { Moment, Timeline } from './timeline.ts';
import { violate, type World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** `--stalled-after`, and a look. */
const PATIENCE = 30 * MINUTE;

/** The status of the objects that it concerns names the cause in time, and no other status mentions it. */
export function checkSaid(world: World, timeline: Timeline, script: Script, condition: Condition): void {
  const [from, to] = [START + script.from, START + script.to];
  if (condition.says) checkCause(world, timeline, script, condition.says);
  for (const [name, moments] of timeline.objects) {
    const last = moments.at(-1);
    if (!last || last.gone) continue;
    checkStalled(
      world,
      name,
      last.status,
      moments.findLast(({ status }) => reasonOf(status, 'Ready') !== reasonOf(last.status, 'Ready'))?.at ?? from,
      to,
    );
    checkRelease(world, name, last, to);
    if (name !== condition.silences) checkLooked(world, name, last, to);
    for (const { status } of moments)
      for (const { type, message } of status?.conditions ?? []) checkWording(world, `${name}: ${type}`, message);
    const hidden = `${name.startsWith('team/') ? 'ops' : 'team'}-only-`;
    for (const { at, status } of moments)
      if (JSON.stringify(status ?? {}).includes(hidden))
        violate(world, `${name} hears of a Secret ${hidden}… at ${(at - START) / 1000}`);
  }
  for (const { about, text } of timeline.costs.get('Event') ?? []) {
    checkWording(world, `an event of ${about}`, text);
    if (text.includes(`${about.startsWith('team/') ? 'ops' : 'team'}-only-`))
      violate(world, `${about} hears of a Secret: ${text}`);
  }
}

/** A small letter at the beginning, a sentence without its end or without its middle, and what no person writes. */
const UNTIDY = /^[a-z]+[\s,:;]|\S {2}\S|: ?[.;](?: |$)|[^.]\.\.(?:[^.]|$)|\bundefined\b|\[object /;

function checkWording(world: World, where: string, text: string): void {
  if (UNTIDY.test(text)) violate(world, `${where} is not in whole sentences: ${text}`);
}

function reasonOf(status: CustomCATrustStatus | undefined, type: string): string | undefined {
  return status?.conditions?.find((one) => one.type === type)?.reason;
}

function names(status: CustomCATrustStatus | undefined, { reasons, words }: Saying): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || !reasons.includes(ready.reason)) return false;
  return ready.status === 'True' || !words || words.test(ready.message);
}

function checkCause(world: World, timeline: Timeline, script: Script, says: Saying): void {
  const moments = timeline.objects.get(says.object) ?? [];
  const last = moments.at(-1);
  const ready = last?.status?.conditions?.find(({ type }) => type === 'Ready');
  if (!last || last.gone) return;
  // The first edit under the condition makes a write due.
  const due = script.acts.find(({ at, object }) => object === says.object && at >= script.from)?.at ?? script.from;
  const first = moments.find(({ at, status }) => at >= START + script.from && names(status, says));
  const within = says.within ?? PROMPT;
  const wanted = `${says.reasons.join(' or ')}${says.words ? ` ${String(says.words)}` : ''}`;
  if (!first) return violate(world, `${says.object} never says ${wanted}, but ${ready?.reason}: ${ready?.message}`);
  if (first.at - START - due > within)
    violate(
      world,
      `${says.object} says ${wanted} ${Math.round((first.at - START - due) / MINUTE)} min after it was due`,
    );
  // A later edit may have asked for what is there, and while the next attempt runs, it is the attempt that is reported.
  if (!names(last.status, says) && ready?.status !== 'True' && ready?.reason !== 'Updating')
    violate(world, `${says.object} says ${wanted} no more, but ${ready?.reason}: ${ready?.message}`);
}

/** Stalled where a person has to act, and only there. */
function checkStalled(
  world: World,
  name: string,
  status: CustomCATrustStatus | undefined,
  since: number,
  now: number,
): void {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || ready.status === 'True' || now - since < PATIENCE) return;
  const stalled = status?.conditions?.some(({ type }) => type === 'Stalled') === true;
  const { stalls } = reasonPolicy(ready.reason);
  if (stalls !== 'Never' && !stalled)
    violate(
      world,
      `${name} is not Stalled after ${((now - since) / HOUR).toFixed(1)} h of ${ready.reason}: ${ready.message}`,
    );
}

/** Under every condition, a status shows that an edit was seen. */
function checkLooked(world: World, name: string, { at, generation, status }: Moment, now: number): void {
  if (now - at < PATIENCE || status?.observedGeneration === generation) return;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  violate(world, `nothing is said of the last edit of ${name}, but ${ready?.reason} of an earlier one`);
}

/** Who waits to be deleted reads how not to wait. */
function checkRelease(world: World, name: string, { deleting, status, at }: Moment, now: number): void {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!deleting || now - at < PATIENCE || !ready) return;
  if (!ready.message.includes('Retain'))
    violate(world, `${name} is being deleted and does not say how it is released: ${ready.reason}: ${ready.message}`);
}
