import { reconcileRequestOf } from '../../api/names.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import { dropOldest } from '../../waiting/drop-oldest.ts';
import { clusterCAOf } from '../kinds/rotate-certificates/consumers.ts';
import { isAhead } from '../kinds/rotate-certificates/proof.ts';
import type { Decision } from '../model/decision.ts';
import type { ConsumersReport } from '../model/follow-up.ts';
import type { Observation } from '../model/observation.ts';
import { omit } from '../model/omit.ts';
import { uidOf } from '../model/intent.ts';
import { mayRotate, type RotationIntent } from '../model/rotation.ts';
import type { Timing } from '../model/timing.ts';

/** When the holders of a cluster's CA are searched next. It follows from the status, and from what is kept in memory of the last search. */
export interface SearchSchedule {
  /** The time until the next search for the object, in ms; not above 0 where it is due. */
  until(intent: RotationIntent, seen?: Seen): number;
  /** The report of the last search, until it is in the object's status. */
  unwritten(intent: RotationIntent): ConsumersReport | undefined;
  /** Notes a search. `failed`: the next one may show more. */
  note(intent: RotationIntent, report: ConsumersReport, failed: boolean): void;
  /** Notes that nothing can be searched yet. @returns when to try again, in ms */
  postpone(intent: RotationIntent): number;
  /** The reports are in the statuses. */
  written(intents: readonly RotationIntent[]): void;
}

export interface Seen {
  readonly observation: Pick<Observation, 'record'>;
  readonly decision: Pick<Decision, 'outlook'>;
}

interface Plan {
  readonly token: string;
  /** When it was searched last, in ms; undefined where it was only postponed. */
  readonly at?: number;
  readonly nextAt: number;
  /** Searches in a row of which a part failed, or that were postponed. */
  readonly failures: number;
  readonly unwritten?: ConsumersReport;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** First and longest wait after a search that failed. */
const FAILED = { fromMs: 10 * MINUTE, toMs: DAY };
/** First and longest wait for the certificates to be read. */
const UNREAD = { fromMs: 1000, toMs: 10 * MINUTE };
/** A report whose status the API server refuses is written with later reconciles, for this long. */
const REPORT = 30 * MINUTE;
/** After a rotation, the search waits this long at most for the new CA to be read. */
const OUTDATED = HOUR;
/** The most objects that are remembered. A forgotten one is planned by its status. */
const REMEMBERED = 10_000;

export interface SearchScheduleOptions {
  readonly now: () => number;
  /** From 0 to 1: spreads the searches of clusters that would otherwise all come at the same time. */
  readonly random: () => number;
  readonly timing: Pick<Timing, 'consumers'>;
}

export function createSearchSchedule({ now, random, timing }: SearchScheduleOptions): SearchSchedule {
  const gap = timing.consumers;
  /** By the uid of the object. */
  const plans = new Map<string, Plan>();

  function until(intent: RotationIntent, seen?: Seen): number {
    const plan = plans.get(uidOf(intent));
    if (unwritten(intent)) return 0;
    if (seen?.observation.record?.status?.operation?.kind === 'RotateCertificates') return Infinity;
    return Math.min(dueIn(intent, plan), seen ? aheadIn(intent, plan, seen) : Infinity);
  }

  function unwritten(intent: RotationIntent): ConsumersReport | undefined {
    const plan = plans.get(uidOf(intent));
    if (plan?.token !== intent.token || plan.at === undefined) return undefined;
    return now() - plan.at < REPORT ? plan.unwritten : undefined;
  }

  function dueIn(intent: RotationIntent, plan: Plan | undefined): number {
    const { consumers, lastRotation } = intent.object.status ?? {};
    const searchedAt = searched(intent, plan);
    if (searchedAt === undefined) return plan?.token === intent.token ? left(plan.nextAt) : 0;
    const soon = left(searchedAt + gap, gap);
    if (isOutdated(intent)) return Math.max(Math.min(gap, MINUTE), soon);
    if (plan ? plan.token !== intent.token : !isHandled(intent)) return soon;
    if (plan && plan.failures > 0) return left(plan.nextAt);
    const ca = clusterCAOf(intent.object.status);
    if (ca !== undefined && ca !== consumers?.clusterCASHA256) return soon;
    if (Date.parse(lastRotation?.completedAt ?? '') > searchedAt) return soon;
    return left(plan?.nextAt ?? searchedAt + DAY);
  }

  /** Before a rotation, what the object shows is an hour old at most. */
  function aheadIn(intent: RotationIntent, plan: Plan | undefined, { decision }: Seen): number {
    if (!mayRotate(intent) || !isAhead(decision)) return Infinity;
    return left((searched(intent, plan) ?? -Infinity) + HOUR, HOUR);
  }

  /** True where the CA that is known is the one that a rotation has replaced. */
  function isOutdated({ object: { status } }: RotationIntent): boolean {
    const { oldCA, completedAt = '' } = status?.lastRotation ?? {};
    return oldCA !== undefined && clusterCAOf(status) === oldCA && now() - Date.parse(completedAt) < OUTDATED;
  }

  /** A longer wait than was ever planned is over: the clock was set back. */
  function left(time: number, longest = DAY): number {
    const wait = time - now();
    return wait > longest ? 0 : wait;
  }

  function searched(intent: RotationIntent, plan: Plan | undefined): number | undefined {
    const at = plan?.at ?? Date.parse(intent.object.status?.consumers?.searchedAt ?? '');
    return Number.isNaN(at) ? undefined : at;
  }

  function set(intent: RotationIntent, plan: Plan): void {
    const uid = uidOf(intent);
    plans.delete(uid);
    plans.set(uid, plan);
    dropOldest(plans, REMEMBERED);
  }

  const failuresOf = (intent: RotationIntent) => plans.get(uidOf(intent))?.failures ?? 0;

  return {
    until,
    unwritten,
    note(intent, report, failed) {
      const failures = failed ? failuresOf(intent) + 1 : 0;
      const wait = failed ? backoffMs(FAILED, failures - 1) : DAY;
      const nextAt = now() + wait * (0.9 + 0.1 * random());
      set(intent, { token: intent.token, at: now(), nextAt, failures, unwritten: report });
    },
    postpone(intent) {
      const failures = failuresOf(intent) + 1;
      const wait = backoffMs(UNREAD, failures - 1);
      const { at } = plans.get(uidOf(intent)) ?? {};
      const since = at === undefined ? {} : { at };
      set(intent, { token: intent.token, ...since, nextAt: now() + wait, failures });
      return wait;
    },
    written(intents) {
      for (const intent of intents) {
        const plan = plans.get(uidOf(intent));
        if (plan?.unwritten) plans.set(uidOf(intent), omit(plan, ['unwritten']));
      }
    },
  };
}

/** True where the status was written for the object as it is now. */
function isHandled({ object }: RotationIntent): boolean {
  const { observedGeneration, lastHandledReconcileAt } = object.status ?? {};
  return observedGeneration === object.metadata.generation && lastHandledReconcileAt === reconcileRequestOf(object);
}
