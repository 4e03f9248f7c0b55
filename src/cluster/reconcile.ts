import { isDeepStrictEqual } from 'node:util';
import type { ClusterObject } from '../api/cluster-object.ts';
import type { TargetCluster } from '../api/generated/targetclusters.ts';
import type { ClusterId } from '../api/resource-id.ts';
import type { ClusterModel } from '../azure/cluster-model.ts';
import { BUDGET_USED_UP, QUIET_PERIOD } from '../azure/managed-clusters.ts';
import { act, type ActResult, type Tools } from './act/act.ts';
import type { Brake, BrakePass } from './operation/brake.ts';
import type { Decision, Hold } from './model/decision.ts';
import { kindOf } from './kinds/index.ts';
import { recordEvents } from './kinds/update-trust/events.ts';
import { retainedEvent } from './kinds/update-trust/release-event.ts';
import type { FollowUp, FollowUpReport, FollowUpReports } from './model/follow-up.ts';
import { kindsOf, report, statusFor } from './report.ts';
import type { TrustEvent } from './model/trust-event.ts';
import type { Gather } from './observe/gather.ts';
import { leaveOut, type Intent } from './model/intent.ts';
import type { Observation } from './model/observation.ts';
import { untilStalled } from './operation/patience.ts';
import { isOffLimits, passOffLimits, refuseObjects } from './reconcile-not-allowed.ts';
import { plan } from './decide/plan.ts';
import { describeRecord } from './decide/record-conditions.ts';
import { queueStateOf, waitForOthers, wishOf } from './operation/slot.ts';
import { SHORTEST_WAIT, UNREACHABLE_AFTER } from './model/timing.ts';
import { restartedSettling } from './operation/settle-race.ts';
import { unrecordedHold } from './act/unrecorded.ts';

export interface ReconcileTools extends Tools {
  readonly gather: Gather;
  /** Lets only so many clusters change at the same time. */
  readonly brake: Brake;
  /** Work that follows an operation and disrupts nothing. */
  readonly followUps: readonly FollowUp[];
  readonly emit: (object: ClusterObject | TargetCluster, event: TrustEvent) => void;
  readonly newId: () => string;
  readonly random: () => number;
}

/** The result of a reconcile, for logs and metrics. */
export interface ReconcileSummary {
  readonly step: Decision['step']['kind'];
  readonly sent?: ActResult['sent'];
  /** The kind of the operation that was sent. */
  readonly sentKind?: string;
  readonly hold?: string;
  /** Clusters whose rotations hold that of this one, by key. They are for the log: tenants are not to learn of them. */
  readonly heldByClusters?: readonly string[];
  /** Time until the next reconcile, in ms. Infinite when only a change causes one. */
  readonly afterMs: number;
  /** The change that was completed in this reconcile, and its duration since it was recorded. */
  readonly completed?: { readonly kind: string; readonly seconds: number };
  /**
   * Set when only a change, a certificate's date or a follow-up's next step needs another reconcile: the cluster as read, and the time
   * until then.
   */
  readonly resting?: { readonly model: ClusterModel; readonly untilMs?: number };
  /** Set when the policy allows no object of the cluster. It was not read, and the next reconcile needs a change of the policy or an object. */
  readonly offLimits?: true;
}

/** ms. */
const SHORT_PAUSE = 60_000;

/** One reconcile of one cluster: gather, plan, act, report. */
export async function reconcileCluster(
  id: ClusterId,
  tools: ReconcileTools,
  signal: AbortSignal,
): Promise<ReconcileSummary> {
  const brake = tools.brake.begin(id.key);
  try {
    return await reconcileOnce(id, brake, tools, signal);
  } finally {
    brake.end();
    tools.gather.end(id);
  }
}

async function reconcileOnce(
  id: ClusterId,
  brake: BrakePass,
  tools: ReconcileTools,
  signal: AbortSignal,
): Promise<ReconcileSummary> {
  const known = tools.gather.known(id);
  const retries: number[] = [];
  if (isOffLimits(known)) {
    await tools.gather.assertCurrent(known, signal);
    for (const { retryMs } of await passOffLimits(known, tools, signal)) retries.push(retryMs);
  }
  for (const { retryMs } of await refuseObjects(known.outsiders, undefined, tools, signal)) retries.push(retryMs);
  if (isOffLimits(known)) return { step: 'Observe', offLimits: true, afterMs: Math.min(...retries) };
  // Runs while ARM is read: both have to be done before a change is sent.
  const guarded = tools.objects.guard(known.intents, signal);
  // Its failure is handled where it is awaited.
  guarded.catch(() => {});
  const firstRead = await tools.gather.read(known, signal);
  const refusals = await guarded;
  for (const { retryMs } of refusals.values()) retries.push(retryMs);
  for (const { rest } of firstRead.intents) if (rest) retries.push(Math.max(SHORTEST_WAIT, rest.untilMs - tools.now()));
  // Such an object becomes Stalled without any further change, and a cluster at rest has no passes.
  if (firstRead.intents.some(({ frozen }) => frozen === 'SourceUnreadable')) retries.push(tools.timing.drift);
  let observation = { ...firstRead, intents: leaveOut(firstRead.intents, refusals) };
  const decide = (seen: Observation) => plan(seen, tools.now(), tools.timing, tools.newId, tools.holds, tools.kinds);
  let decision = decide(observation);
  if (observation.arm.ok && observation.arm.listed) {
    if (changesNothing(observation, decision, tools)) {
      return { step: 'Observe', ...nextReadMs(observation, decision, {}, retries, tools) };
    }
    const closely = await tools.gather.read(known, signal, 'Closely');
    observation = { ...closely, intents: leaveOut(closely.intents, refusals) };
    decision = decide(observation);
  }
  if (decision.step.kind === 'Send' && decision.step.takeBaseline) {
    const counted = await tools.gather.count(observation, signal);
    const { ways, writeWaitMs } = observation;
    observation = counted;
    // Objects whose nodes cannot be read take no part in the change. Without access to nodes, nothing was read.
    const isNew = ways.judge !== 'ARM' || ways.namespaces.size > 0 || counted.writeWaitMs !== writeWaitMs;
    if (isNew) decision = decide(observation);
  }
  const { arm } = observation;
  if (!arm.ok && isKeptBack(arm)) {
    return { step: 'Observe', afterMs: arm.failure.retryAfterMs ?? SHORTEST_WAIT };
  }
  // Comes last of all holds: a change takes its slot right before it is recorded.
  const turn = decision.step.kind === 'Send' ? brake.take(wishOf(decision, tools.now())) : undefined;
  if (turn) decision = waitForOthers(decision, turn);
  const decided = decision;
  tools.gather.lostRace(id, restartedSettling(observation, decided), 'Each');
  const acted = await act(observation, decided, tools, signal).catch(async (error: unknown) => {
    // The record cannot be written, so the objects report it.
    const hold = unrecordedHold(error);
    // Without the record, no change counts as completed.
    const outlook = { ...decided.outlook, seenThrough: new Set<string>() };
    const standstill: Decision = { ...decided, step: { kind: 'Observe' }, releases: [], outlook };
    if (hold) await report(observation, standstill, unrecorded(observation, hold), {}, tools, signal);
    throw error;
  });
  brake.written(queueStateOf(acted.record?.status, tools.timing));
  // A step of a follow-up is taken only where its status can be written.
  const saysNothing =
    acted.sent !== undefined ||
    acted.unsent === true ||
    decision.outlook.silent === true ||
    observation.recordConflict !== undefined;
  const { followed, failed } = saysNothing ? NO_STEPS : await takeSteps(observation, decision, tools, signal);
  const done = arm.ok ? soonEnough(acted, followed, decision.again.afterMs) : acted;
  for (const refusal of done.unreleased) retries.push(refusal.retryMs);
  if (done.sent === undefined && !done.unsent) {
    const unwritten = await report(observation, decision, done, followed, tools, signal);
    for (const refusal of unwritten) retries.push(refusal.retryMs);
    if (unwritten.length === 0) for (const one of tools.followUps) one.reported?.(observation);
  }
  if (done.record) {
    for (const event of recordEvents(observation.record?.status, done.record.status)) tools.emit(done.record, event);
  }
  if (done.sent === 'Accepted') {
    const events = kindsOf(tools).flatMap(
      ({ objects }) => objects.sentEvents?.(observation.intents, decision, done.record?.status ?? {}) ?? [],
    );
    for (const [{ object }, event] of events) tools.emit(object, event);
  }
  for (const retained of decision.retained ?? []) tools.emit(retained.intent.object, retainedEvent(retained));
  for (const release of done.released) {
    const event = kindOf(release.intent.object, tools.kinds)?.objects.releaseEvent(release);
    if (event) tools.emit(release.intent.object, event);
  }
  // Everything else of the pass is written.
  if (failed) throw failed.reason;
  const [share] = decision.outlook.shares?.values() ?? [];
  const hold = done.hold ?? decision.outlook.hold ?? share;
  return {
    step: decision.step.kind,
    ...(done.sent === undefined ? {} : { sent: done.sent }),
    ...(done.sent !== undefined && decision.step.kind === 'Send' ? { sentKind: decision.step.operation.kind } : {}),
    ...(hold ? { hold: hold.reason } : {}),
    ...(turn?.troubled ? { heldByClusters: turn.troubled } : {}),
    ...completedBy(observation, done, tools.now()),
    ...nextReadMs(observation, decision, done, retries, tools),
  };
}

/**
 * True when ARM was not asked and no status has to mention it. A pause may come from another cluster's requests, so it is reported
 * only when it is long or repeated.
 */
function isKeptBack({ failure, failedInARow }: Extract<Observation['arm'], { ok: false }>): boolean {
  if (failure.code !== QUIET_PERIOD) return failure.code === BUDGET_USED_UP;
  return failedInARow < UNREACHABLE_AFTER && (failure.retryAfterMs ?? 0) <= SHORT_PAUSE;
}

function unrecorded({ record }: Observation, hold: Hold): ActResult {
  return { record, hold, released: [], unreleased: [] };
}

function completedBy({ record }: Observation, done: ActResult, now: number): Pick<ReconcileSummary, 'completed'> {
  const operation = record?.status?.operation;
  const through = operation && done.record?.status?.lastApplied?.at !== record.status?.lastApplied?.at;
  return through
    ? { completed: { kind: operation.kind, seconds: Math.max(0, now - Date.parse(operation.startedAt)) / 1000 } }
    : {};
}

interface Steps {
  readonly followed: FollowUpReports;
  /** The first step that threw. */
  readonly failed?: PromiseRejectedResult;
}

const NO_STEPS: Steps = { followed: {} };

/** Takes the next step of every follow-up. One that fails leaves the objects without its report, and keeps no status from being written. */
async function takeSteps(
  observation: Observation,
  decision: Decision,
  { followUps }: ReconcileTools,
  signal: AbortSignal,
): Promise<Steps> {
  const taken = await Promise.allSettled(
    followUps.map(async (one) => [one.name, await one.step(observation, decision, signal)] as const),
  );
  const failed = taken.find((one) => one.status === 'rejected');
  const reports = taken.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return { followed: Object.fromEntries(reports), ...(failed ? { failed } : {}) };
}

/** A follow-up may need the next reconcile sooner than the cluster does. */
function soonEnough(done: ActResult, reports: FollowUpReports, planned: number): ActResult {
  const all = Object.values(reports).flatMap((one: ReadonlyMap<string, FollowUpReport>) => [...one.values()]);
  const due = all.flatMap(({ afterMs }) => (afterMs === undefined ? [] : [afterMs]));
  if (due.length === 0) return done;
  return { ...done, afterMs: Math.min(...due, done.afterMs ?? done.hold?.afterMs ?? planned) };
}

/** True when record and statuses would not change, and nothing else has to be done. */
function changesNothing(observation: Observation, decision: Decision, tools: ReconcileTools): boolean {
  const now = tools.now();
  const { stalledAfter } = tools.timing;
  if (decision.step.kind !== 'Observe' || decision.releases.length > 0 || !decision.record) return false;
  const isDue = (intent: Intent) => tools.followUps.some((one) => one.isDue(intent, observation, decision));
  if (observation.intents.some(isDue)) return false;
  const record = describeRecord(decision.record, observation, decision, now);
  return (
    isDeepStrictEqual(record, observation.record?.status) &&
    observation.intents.every((intent) => {
      const status = statusFor({ intent, observation, decision, record, now, stalledAfter }, tools);
      return status === undefined || isDeepStrictEqual(status, intent.object.status);
    })
  );
}

/**
 * The earliest of the planned reconcile, retries, a follow-up's next step, and a certificate's date, with jitter when the decision asks for
 * it. With nothing to wait for but the last two, the cluster is idle.
 */
function nextReadMs(
  { arm, intents, record: stored }: Observation,
  { again, outlook }: Decision,
  done: Partial<ActResult>,
  retries: readonly number[],
  tools: ReconcileTools,
): Pick<ReconcileSummary, 'afterMs' | 'resting'> {
  const { now, random, timing } = tools;
  const planned = done.afterMs ?? done.hold?.afterMs ?? again.afterMs;
  const spread = again.jitter && done.afterMs === undefined ? planned * (0.9 + 0.2 * random()) : planned;
  const time = now();
  const record = done.record?.status ?? stored?.status ?? {};
  const dates = kindsOf(tools).flatMap(({ objects }) => objects.nextTime?.(intents, record, time) ?? []);
  const steps = tools.followUps.flatMap((one) => intents.flatMap((intent) => one.restsMs?.(intent) ?? []));
  const waits = [...dates.map((date) => date - time + 1000), ...steps];
  const untilMs = waits.length > 0 ? Math.min(...waits) : undefined;
  const stalls = untilStalled(done.record?.status ?? {}, timing.stalledAfter, time);
  const held = done.hold ?? outlook.hold ?? outlook.shares;
  const rests = retries.length === 0 && arm.ok && again.jitter && done.afterMs === undefined && !held;
  return {
    afterMs: Math.min(spread, untilMs ?? Infinity, stalls ?? Infinity, ...retries),
    ...(rests ? { resting: { model: arm.reading.model, ...(untilMs === undefined ? {} : { untilMs }) } } : {}),
  };
}
