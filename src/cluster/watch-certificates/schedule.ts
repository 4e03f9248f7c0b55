import type { CertificateRotationStatus } from '../../api/generated/certificaterotations.ts';
import { reconcileRequestOf } from '../../api/names.ts';
import { clusterKey } from '../../api/resource-id.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import type { CertificatesReport } from '../model/follow-up.ts';
import { uidOf, type Intent } from '../model/intent.ts';
import { rotationsOf } from '../model/rotation.ts';
import type { Timing } from '../model/timing.ts';

/** When the objects' certificates are read next. It is kept in memory only, so that a status changes only with what it says. */
export interface Schedule {
  /** True where the object has to be read now, or its last report was not written yet. */
  readonly isDue: (intent: Intent) => boolean;
  /** The time until its next read, in ms; undefined where it is due, because then the present reconcile reads it, or a retry of it. */
  readonly restsMs: (intent: Intent) => number | undefined;
  /** True where the object is new, was edited, or asks for a read. */
  readonly isRequested: (intent: Intent) => boolean;
  /** The report that was made for the object a moment ago, and that may not have been written. */
  unwritten(intent: Intent): CertificatesReport | undefined;
  /** Notes a read, and plans the next one. */
  noteRead(intents: readonly Intent[], report: CertificatesReport, outcome: ReadOutcome): void;
  /** The reports of the cluster's objects are in their statuses. */
  noteWritten(key: string): void;
  /** Forgets all objects of a cluster but these. @returns true when none is left */
  retain(key: string, intents: readonly Intent[]): boolean;
  /** Forgets objects that are long overdue, because they are gone. @returns the keys of clusters without any object */
  sweep(): readonly string[];
}

export interface ReadOutcome {
  /** True: access to the API server is configured. */
  readonly hasAccess: boolean;
  /** True: something could not be read that the next read may show. */
  readonly failed: boolean;
}

interface Plan {
  readonly token: string;
  /** When it was read last, in ms; absent where an earlier process has read it. */
  readonly readAt?: number;
  readonly nextAt: number;
  /** Reads in a row of which a part failed. */
  readonly failures: number;
  readonly unwritten?: { readonly report: CertificatesReport; readonly at: number };
}

const MINUTE = 60_000;
/** An object that is edited all the time is not read more often than this, in ms. */
const EDITED_MS = 10_000;
/** After a rotation, the certificates are read this often until the new CA is seen, in ms. */
const OUTDATED_MS = MINUTE;
/** A report whose status the API server refuses is written with later reconciles, for this long, in ms. */
const REPORT_MS = 30 * MINUTE;
/** Overdue for this long, an object is gone, in ms. */
const GONE_MS = 24 * 60 * MINUTE;
/** Between two sweeps, in ms. */
const SWEEP_MS = 60 * MINUTE;

export interface ScheduleOptions {
  readonly now: () => number;
  /** From 0 to 1: spreads the reads of clusters that would otherwise all come at the same time. */
  readonly random: () => number;
  readonly timing: Pick<Timing, 'certificates'>;
}

export function createSchedule({ now, random, timing }: ScheduleOptions): Schedule {
  /** By the key of the cluster, then by the uid of the object. */
  const clusters = new Map<string, Map<string, Plan>>();
  let sweptAt = now();

  function planOf(intent: Intent): Plan | undefined {
    const key = clusterKey(intent.object.spec.target.resourceId);
    const uid = uidOf(intent);
    const plan = clusters.get(key)?.get(uid);
    if (plan || !isReported(intent)) return plan;
    // Read by an earlier process. After a start, the objects are not all read at once.
    const first = { token: intent.token, nextAt: now() + timing.certificates[0] * random(), failures: 0 };
    setPlan(key, uid, first);
    return first;
  }

  function setPlan(key: string, uid: string, plan: Plan): void {
    const plans = clusters.get(key) ?? new Map<string, Plan>();
    clusters.set(key, plans.set(uid, plan));
  }

  /** The time until then, in ms. A longer wait than was ever planned is over: the clock was set back. */
  function until(time: number, longest: number): number {
    const left = time - now();
    return left > longest ? 0 : left;
  }

  /** Not above 0 where the object is due. */
  function nextIn(intent: Intent): number {
    const plan = planOf(intent);
    if (plan?.token === intent.token) {
      const planned = until(plan.nextAt, timing.certificates[1]);
      return isOutdated(intent) ? Math.min(planned, until((plan.readAt ?? 0) + OUTDATED_MS, OUTDATED_MS)) : planned;
    }
    return plan?.readAt === undefined ? 0 : until(plan.readAt + EDITED_MS, EDITED_MS);
  }

  function unwritten(intent: Intent): CertificatesReport | undefined {
    const plan = planOf(intent);
    if (plan?.token !== intent.token || !plan.unwritten) return undefined;
    return now() - plan.unwritten.at < REPORT_MS ? plan.unwritten.report : undefined;
  }

  const isDue = (intent: Intent) => isWatched(intent) && (nextIn(intent) <= 0 || unwritten(intent) !== undefined);

  return {
    isDue,
    restsMs: (intent) => (isWatched(intent) && !isDue(intent) ? nextIn(intent) : undefined),
    isRequested: (intent) => planOf(intent)?.token !== intent.token,
    unwritten,
    noteRead(intents, report, { hasAccess, failed }) {
      const [withAccess, without] = timing.certificates;
      const interval = hasAccess ? withAccess : without;
      const at = now();
      for (const intent of intents) {
        const failures = failed ? (planOf(intent)?.failures ?? 0) + 1 : 0;
        const wait = failed ? backoffMs({ fromMs: withAccess / 4, toMs: interval }, failures - 1) : interval;
        const nextAt = at + wait * (0.9 + 0.1 * random());
        const key = clusterKey(intent.object.spec.target.resourceId);
        setPlan(key, uidOf(intent), { token: intent.token, readAt: at, nextAt, failures, unwritten: { report, at } });
      }
    },
    noteWritten(key) {
      for (const [uid, { unwritten: _, ...plan }] of clusters.get(key) ?? []) setPlan(key, uid, plan);
    },
    retain(key, intents) {
      const kept = new Set(intents.map(uidOf));
      const plans = clusters.get(key);
      for (const uid of plans?.keys() ?? []) if (!kept.has(uid)) plans?.delete(uid);
      if (plans?.size) return false;
      clusters.delete(key);
      return kept.size === 0;
    },
    sweep() {
      if (now() - sweptAt < SWEEP_MS) return [];
      sweptAt = now();
      const gone: string[] = [];
      for (const [key, plans] of clusters) {
        for (const [uid, { nextAt }] of plans) if (now() - nextAt > GONE_MS) plans.delete(uid);
        if (plans.size > 0) continue;
        clusters.delete(key);
        gone.push(key);
      }
      return gone;
    },
  };
}

/** True for an object whose certificates are read. */
export function isWatched(intent: Intent): boolean {
  return rotationsOf([intent]).length > 0 && !intent.frozen && !intent.deletion;
}

/** True where the status shows the cluster CA that the last rotation has replaced. */
function isOutdated({ object }: Intent): boolean {
  const { lastRotation, certificates = [] } = (object.status ?? {}) as CertificateRotationStatus;
  if (lastRotation?.newCA === undefined || lastRotation.completedAt === undefined) return false;
  const ca = certificates.find(({ name }) => name === 'ClusterCA')?.fingerprintSHA256;
  return ca === lastRotation.oldCA;
}

/** True where the status shows certificates for the object as it is now. */
function isReported({ object }: Intent): boolean {
  const { observedGeneration, lastHandledReconcileAt, certificates } = (object.status ??
    {}) as CertificateRotationStatus;
  return (
    (certificates?.length ?? 0) > 0 &&
    observedGeneration === object.metadata.generation &&
    lastHandledReconcileAt === reconcileRequestOf(object)
  );
}
