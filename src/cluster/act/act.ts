import { isDeepStrictEqual } from 'node:util';
import { sentences } from '../../api/sentences.ts';
import { InvalidAnswerError, type ClusterModel } from '../../azure/cluster-model.ts';
import { READ_TOO_OLD } from '../../azure/failures.ts';
import type { ClusterReading, ManagedClusters, Outcome } from '../../azure/managed-clusters.ts';
import { replaceList } from '../../azure/replace-list.ts';
import { maySayLater, recordAfterSend, recordBeforeSend, type SendOutcome } from '../operation/send-outcome.ts';
import { withChangeHold, type ArmWrite, type Decision, type Hold, type Release, type Step } from '../model/decision.ts';
import type { HoldCheck } from '../model/hold-check.ts';
import type { Gather } from '../observe/gather.ts';
import { leaveOut, type Intent } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import { counterOf } from '../decide/next-record.ts';
import type { ObjectWrites } from './object-writes.ts';
import type { WriteRefusal } from '../model/write-refusal.ts';
import { plan } from '../decide/plan.ts';
import { KINDS } from '../kinds/index.ts';
import { readClusterCA } from '../observe/cluster-ca.ts';
import { attemptOf, type ClusterRecord, type RecordStatus } from '../model/record.ts';
import { omit } from '../model/omit.ts';
import type { Records } from '../model/records.ts';
import { measureProgress, type Progress } from '../reimage/progress.ts';
import { withBaselines } from '../reimage/baseline-by-way.ts';
import { baselineOf } from '../reimage/baseline.ts';
import { describeRecord } from '../decide/record-conditions.ts';
import { createSendSteps } from './send-steps.ts';
import type { OperationKind } from '../operation/kind.ts';
import type { Timing } from '../model/timing.ts';

export interface Tools {
  readonly objects: ObjectWrites;
  readonly records: Records;
  readonly arm: ManagedClusters;
  readonly gather: Pick<Gather, 'known' | 'lostRace' | 'sent'>;
  readonly now: () => number;
  readonly timing: Timing;
  /** Checks that can hold back a change, after those of every change; default: none. */
  readonly holds?: readonly HoldCheck[];
  /** Default: the kinds of operations that there are. */
  readonly kinds?: readonly OperationKind[];
}

/** The effects on the record and the cluster. */
interface StepResult {
  readonly record: ClusterRecord | undefined;
  /** The hold that statuses report instead of the decided one. */
  readonly hold?: Hold;
  /** The time until the next reconcile, in ms; it replaces the decision's own. */
  readonly afterMs?: number;
  readonly sent?: Exclude<SendOutcome['kind'], 'Unsent'>;
  /** True when a write was not sent at the last moment: the next reconcile reports why. */
  readonly unsent?: boolean;
  /** True when nothing was changed because the cluster or its objects changed since they were read. */
  readonly moved?: boolean;
}

/** The effects of a reconcile. */
export interface ActResult extends StepResult {
  /** Objects that were released, and the refusals of the API server for those that were not. */
  readonly released: readonly Release[];
  readonly unreleased: readonly WriteRefusal[];
}

/** Carries out a decision: at most one write to ARM, which is always recorded first. */
export async function act(
  observation: Observation,
  decision: Decision,
  tools: Tools,
  signal: AbortSignal,
): Promise<ActResult> {
  const { step } = decision;
  const done =
    step.kind === 'Send'
      ? await send(observation, decision, step, tools, signal)
      : await storeRecord(observation, decision, tools, signal);
  // A stale read does not show whether certificates have left the list. The next reconcile reads again at once.
  const releases = done.moved ? decision.releases.filter(({ why }) => why !== 'Removed') : decision.releases;
  if (releases.length > 0 && done.record === observation.record)
    await tools.records.confirm(observation.id, observation.record, signal);
  const released: Release[] = [];
  const unreleased: WriteRefusal[] = [];
  for (const release of releases) {
    const refusal = await tools.objects.release(release.intent.object, signal);
    if (refusal) unreleased.push(refusal);
    else released.push(release);
  }
  return { ...done, released, unreleased };
}

async function storeRecord(
  observation: Observation,
  decision: Decision,
  tools: Tools,
  signal: AbortSignal,
): Promise<StepResult> {
  const before = observation.record;
  if (decision.record)
    return { record: await writeRecord(observation, decision, before, decision.record, tools, signal) };
  // No object is left to record. Finalisers wait for the release of each object.
  if (before) await tools.records.remove(before, signal);
  return { record: undefined };
}

async function send(
  observation: Observation,
  decision: Decision,
  step: Extract<Step, { kind: 'Send' }>,
  tools: Tools,
  signal: AbortSignal,
): Promise<StepResult> {
  const { id, arm, intents, ways, counted } = observation;
  if (!arm.ok || !decision.record) throw new Error('a list is sent only over a cluster that was read');
  const { text, model } = arm.reading;
  const steps = createSendSteps(tools.now);
  const body = step.write.kind === 'PutList' ? bodyOf(text, step.write) : '';
  if (body instanceof InvalidAnswerError) {
    const message = sentences(`The change was not sent, because the answer of ARM is ambiguous: ${body.message}`);
    const hold: Hold = { reason: 'Unreachable', message, stalled: false, afterMs: tools.timing.busy[0] };
    return holdBack(observation, decision, hold, tools, signal);
  }
  let operation = step.operation;
  let progress: Progress | undefined;
  if (step.takeBaseline) {
    if (!counted) throw new Error('the nodes are counted before a change is sent');
    steps.note('nodes', counted.tookMs);
    operation = withBaselines(operation, ways, counted, model, tools.now());
    // Without visible nodes there is no baseline, and progress comes from ARM alone.
    const nodes = counted.nodes.kind === 'Unreadable' ? ({ kind: 'NoAccess' } as const) : counted.nodes;
    const kind = (tools.kinds ?? KINDS).find(({ name }) => name === operation.kind);
    progress = measureProgress(aboutToUpdate(model), nodes, baselineOf(operation), undefined, kind?.replaces);
  }
  const before = decision.record;
  const context = () => ({ intents, now: tools.now(), timing: tools.timing });
  const inFlight = recordBeforeSend(before, operation, context());
  const recorded: RecordStatus = {
    ...inFlight,
    ...(progress
      ? { nodes: progress.nodes, nodePools: [...progress.pools], countedBy: counterOf(progress, ways) }
      : {}),
  };
  const record = await steps.take('record', () =>
    writeRecord(observation, decision, observation.record, recorded, tools, signal),
  );
  const outcome = await put();
  if (outcome.kind !== 'Unsent') tools.gather.sent(id);

  const status = record.status ?? {};
  const hadNoEffect = outcome.kind === 'Refused' || outcome.kind === 'Unsent';
  const after = recordAfterSend(hadNoEffect ? asCountedBefore(status, before) : status, before, outcome, context());
  const written = maySayLater(status, after, outcome)
    ? tools.records.defer(record, after)
    : await tools.records.write(id, record, after, signal);
  // The next reconcile reads the result back and reports it.
  const afterMs = outcome.kind === 'Accepted' ? tools.timing.firstRead : 0;
  return outcome.kind === 'Unsent'
    ? { record: written, unsent: true, afterMs, moved: hasMoved(outcome) }
    : { record: written, sent: outcome.kind, afterMs, moved: hasMoved(outcome) };

  async function put(): Promise<SendOutcome> {
    const again = await steps.take('read', readOnceMore);
    if (!again.ok) return again.outcome;
    const { reading } = again;
    const age = () => tools.now() - reading.readAt;
    const tooSlow = (): SendOutcome => {
      return { kind: 'Unsent', reason: 'ReadsTooSlow', message: steps.tooSlow(age(), tools.timing.freshness) };
    };
    // The wait for a lost write begins at the recorded time, so the write has to leave soon after that time.
    const { freshness, agreeingReads } = tools.timing;
    const recordedUntil = Date.parse(operation.lastAttemptAt) + Math.max(freshness, agreeingReads);
    const leaveBy = Math.min(reading.readAt + freshness, recordedUntil);
    if (tools.now() >= leaveBy) return tooSlow();
    const send = sendingOver(reading, leaveBy);
    if (send instanceof InvalidAnswerError) return changed(send.message);
    const answer = await steps.take('leave', send);
    if (answer.ok) return { kind: 'Accepted' };
    if (answer.failure.code === READ_TOO_OLD) return tooSlow();
    return { kind: answer.failure.refused ? 'Refused' : 'Lost', failure: answer.failure };
  }

  /** The write over the cluster as it was read last. */
  function sendingOver(
    reading: ClusterReading,
    leaveBy: number,
  ): (() => Promise<Outcome<undefined>>) | InvalidAnswerError {
    if (step.write.kind === 'Rotate')
      return () => tools.arm.rotateClusterCertificates(id, attemptOf(operation), signal, leaveBy);
    const newest = reading.text === text ? body : bodyOf(reading.text, step.write);
    if (newest instanceof InvalidAnswerError) return newest;
    const { eTag } = reading.model;
    return () => tools.arm.put(id, newest, eTag, attemptOf(operation), signal, leaveBy);
  }

  /** The read from which the body is made. The earlier steps may have taken long, so an old read is repeated. */
  async function readOnceMore(): Promise<Reading> {
    if (!arm.ok) throw new Error('a list is sent only over a cluster that was read');
    const otherCA = step.write.kind === 'Rotate' ? await otherClusterCA(observation, tools, signal) : undefined;
    if (otherCA !== undefined) return moved(otherCA);
    if (tools.now() - arm.reading.readAt < tools.timing.freshness / 2) return { ok: true, reading: arm.reading };
    const again = await tools.arm.get(id, signal);
    if (!again.ok)
      return moved(`the cluster could not be read again (${again.failure.code}: ${again.failure.message})`);
    if (!sameCluster(model, again.value.model)) return moved('the cluster changed since it was read');
    const { intents: present } = tools.gather.known(id);
    const edited = editedBetween(intents, present);
    if (edited.length > 0 && !wantsTheSame(observation, step, present, tools)) {
      tools.gather.lostRace(id, edited);
      return moved('its objects were edited meanwhile');
    }
    return { ok: true, reading: again.value };
  }
}

type Reading =
  { readonly ok: true; readonly reading: ClusterReading } | { readonly ok: false; readonly outcome: SendOutcome };

function moved(why: string): Reading {
  return { ok: false, outcome: changed(why) };
}

/** The outcome when the cluster or its objects changed between read and write; the next reconcile decides again. */
function changed(why: string): SendOutcome {
  return { kind: 'Unsent', reason: 'Conflict', message: `The change of the cluster was not sent: ${why}.` };
}

/** True when a write had no effect because the cluster or its objects changed since they were read. */
function hasMoved(outcome: SendOutcome): boolean {
  if (outcome.kind === 'Refused') return outcome.failure.reason === 'Conflict';
  return outcome.kind === 'Unsent' && outcome.reason === 'Conflict';
}

/**
 * Why a rotation is not sent after the cluster CA was read once more; undefined where it is still the same. Counting the nodes may have
 * taken long. A rotation that is sent again was decided by the state of the cluster, so it needs no CA that could be read.
 */
async function otherClusterCA(
  { id, clusterCA }: Observation,
  { arm, now, timing }: Tools,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!clusterCA?.ok || now() - clusterCA.readAt < timing.freshness / 2) return undefined;
  const present = await readClusterCA(arm, id, now, signal);
  if (!present.ok) return `its CA could not be read again (${present.message})`;
  return present.fingerprint === clusterCA.fingerprint ? undefined : 'its CA is another one now';
}

/** True when a decision for one model is right for the other: they differ at most in the eTag and in the number of nodes. */
function sameCluster(one: ClusterModel, other: ClusterModel): boolean {
  return isDeepStrictEqual(decisive(one), decisive(other));
}

/** The objects, by namespace/name, that differ between the two. Restless objects do not count, because nothing of them is sent. */
function editedBetween(some: readonly Intent[], others: readonly Intent[]): string[] {
  const statesOf = (all: readonly Intent[]) => {
    const heard = all.filter(({ frozen }) => frozen !== 'Restless');
    return new Map(heard.map(({ name, token, grants }) => [`${token} ${grants.target}`, name]));
  };
  const [before, after] = [statesOf(some), statesOf(others)];
  const gone = [...before].filter(([state]) => !after.has(state));
  const come = [...after].filter(([state]) => !before.has(state));
  return [...new Set([...gone, ...come].map(([, name]) => name))];
}

/**
 * True when the objects want the same list after their edits. Such an edit does not delay the write: a tenant who may name the
 * cluster could otherwise hold it back by editing an object again and again.
 */
function wantsTheSame(
  observation: Observation,
  { operation, write, takeBaseline }: Extract<Step, { kind: 'Send' }>,
  present: readonly Intent[],
  { now, timing, holds, kinds }: Tools,
): boolean {
  const refusals = new Map(observation.intents.flatMap(({ name, leftOut }) => (leftOut ? [[name, leftOut]] : [])));
  const intents = leaveOut(present, refusals);
  const { step } = plan({ ...observation, intents }, now(), timing, () => operation.id, holds, kinds);
  return (
    step.kind === 'Send' &&
    step.takeBaseline === takeBaseline &&
    step.operation.kind === operation.kind &&
    isDeepStrictEqual(step.write, write)
  );
}

function decisive(model: ClusterModel): object {
  return { ...omit(model, ['eTag']), pools: model.pools.map((pool) => omit(pool, ['count'])) };
}

/** Restores the count of the nodes from before a write that was refused or not sent. */
function asCountedBefore(record: RecordStatus, { nodes, nodePools, countedBy }: RecordStatus): RecordStatus {
  return {
    ...omit(record, ['nodes', 'nodePools', 'countedBy']),
    ...(nodes ? { nodes } : {}),
    ...(nodePools ? { nodePools } : {}),
    ...(countedBy === undefined ? {} : { countedBy }),
  };
}

/** The model while the new operation runs: the pools' results of the last operation do not count for it. */
function aboutToUpdate(model: ClusterModel): ClusterModel {
  return { ...model, pools: model.pools.map((pool) => ({ ...pool, provisioningState: 'Updating' })) };
}

/** The body of a write, made from the cluster's text as ARM shows it. */
function bodyOf(text: string, { items }: Extract<ArmWrite, { kind: 'PutList' }>): string | InvalidAnswerError {
  try {
    return replaceList(text, items);
  } catch (error) {
    if (error instanceof InvalidAnswerError) return error;
    throw error;
  }
}

/** Reports why the decided change is not sent. */
async function holdBack(
  observation: Observation,
  decision: Decision,
  hold: Hold,
  tools: Tools,
  signal: AbortSignal,
): Promise<StepResult> {
  const { step } = decision;
  const outlook = step.kind === 'Send' ? withChangeHold(decision.outlook, step.operation.kind, hold) : decision.outlook;
  const held: Decision = { ...decision, step: { kind: 'Observe' }, outlook };
  const record = await writeRecord(observation, held, observation.record, decision.record ?? {}, tools, signal);
  return { record, hold, afterMs: hold.afterMs };
}

function writeRecord(
  observation: Observation,
  decision: Decision,
  before: ClusterRecord | undefined,
  status: RecordStatus,
  tools: Tools,
  signal: AbortSignal,
): Promise<ClusterRecord> {
  return tools.records.write(
    observation.id,
    before,
    describeRecord(status, observation, decision, tools.now()),
    signal,
  );
}
