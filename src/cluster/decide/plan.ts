import { KINDS } from '../kinds/index.ts';
import { holdFor, restingHold } from '../operation/holds.ts';
import { seeOperation } from './operation-seen.ts';
import { startOperation } from '../operation/start.ts';
import { withAttemptsOf } from '../model/attempts.ts';
import { isState } from '../model/provisioning-state.ts';
import { withChangeHold, type Decision, type Hold, type Outlook } from '../model/decision.ts';
import type { HoldCheck, HoldInput, Proposal } from '../model/hold-check.ts';
import type { Intent } from '../model/intent.ts';
import { noteObjects } from '../model/noted-objects.ts';
import { nextRecord } from './next-record.ts';
import type { Observation } from '../model/observation.ts';
import { choose, type Offer } from './choose.ts';
import { planRecordConflict } from './plan-record-conflict.ts';
import { planUnreadable } from './plan-unreadable.ts';
import { timestamp, type RecordedOperation, type RecordStatus } from '../model/record.ts';
import { coverageOf, isDrifting } from '../reimage/coverage.ts';
import { countsOn, handOver } from '../reimage/hand-over.ts';
import { reimagedCondition } from '../reimage/condition.ts';
import type { Assessment, OpenOperation } from '../model/assessment.ts';
import type { ClusterView, OperationKind, ReadCluster } from '../operation/kind.ts';
import { newSlot } from '../operation/slot.ts';
import type { Timing } from '../model/timing.ts';
import { dropDepartedOwners } from '../kinds/update-trust/departed-owners.ts';
import { holdsPods, keepFinalizers } from '../verify/finalizer.ts';

/**
 * Decides one reconcile: observation in, decision out. The order counts: a cluster that cannot be read holds everything; a recorded
 * operation is finished before anything else; then one change is sent, if nothing holds it back.
 * `newId` returns the name of a new operation; `holds` are checks after those of every change.
 */
export function plan(
  observation: Observation,
  now: number,
  timing: Timing,
  newId: () => string,
  holds: readonly HoldCheck[] = [],
  kinds: readonly OperationKind[] = KINDS,
): Decision {
  const { arm, intents } = observation;
  if (observation.recordConflict) return planRecordConflict(observation, observation.recordConflict, timing);
  const stored = handOver(dropDepartedOwners(observation.record?.status ?? {}, intents), observation.ways, intents);
  if (!arm.ok) return keepFinalizers(planUnreadable(observation, arm, stored, now, timing), stored, now);

  const { model } = arm.reading;
  const seen = seeOperation(observation, arm, stored, now, timing, kinds);
  const { before, assessment, arrived, progress, blockers, own } = seen;
  const open = assessment?.kind === 'Open' ? assessment : undefined;
  const waits = open?.allows === 'Nothing';

  const ofStored = before === stored ? observation.record?.status : undefined;
  const view: ClusterView = { observation, seen: arm, model, before, stored: ofStored, assessment, now, timing };
  const proposals = kinds.map((kind) => ({ kind, proposal: kind.propose(view) }));
  const hasChange = proposals.some(({ proposal }) => proposal.change);
  const read = nextRecord({ ...seen, observation, hasChange, now, timing });
  const remembered = proposals.reduce((next, { proposal }) => proposal.remember(next, { arrived, waits }), read);

  const input = { observation, model, record: remembered, now, timing };
  const offers = proposals.map((one): Offer => ({ ...one, ...heldBy(one, open, input, holds) }));
  const noted = offers.reduce((next, { proposal, hold }) => {
    return proposal.noteHold(next, proposal.change ? hold : firstToEnd(proposal.shares));
  }, remembered);

  const rests = !hasChange && !open;
  const clusterHold =
    open?.hold ?? (rests ? restingHold({ ...input, record: noted, proposal: SENT_AGAIN }) : undefined);
  const changeHolds = new Map(offers.flatMap(({ kind, hold }) => (hold ? [[kind.name, hold] as const] : [])));
  const hold = [...changeHolds.values()][0] ?? clusterHold;
  const succeeded = isState(model.provisioningState, 'Succeeded');
  // Deletions do not wait for nodes that cannot be read.
  const operation = open?.hold?.reason === 'NodesUnreadable' ? undefined : noted.operation;
  const releasing = { operation, leftOld: open?.leftOld === true, succeeded };
  const releases = proposals
    .flatMap(({ proposal }) => proposal.releases(releasing))
    .filter(({ intent }) => !holdsPods(intent, now));
  const staying = intents.filter((intent) => !releases.some((release) => release.intent === intent));
  const record = staying.length > 0 ? { ...noted, ...noteObjects(noted, staying, before.objects) } : noted;
  const shares = new Map(proposals.flatMap(({ proposal }) => [...proposal.shares]));
  const shown = proposals.flatMap(({ proposal }) => proposal.view ?? [])[0];
  const outlook: Outlook = {
    ...(hold ? { hold } : {}),
    ...(clusterHold ? { clusterHold } : {}),
    ...(changeHolds.size > 0 ? { changeHolds } : {}),
    ...(shares.size > 0 ? { shares } : {}),
    settled: succeeded && !record.operation,
    ...(shown ? { view: shown } : {}),
    nodesReimaged: reimagedCondition(seen.counting, record, progress, blockers),
    ...(own.shown.size > 0 ? { own: own.shown } : {}),
    fullyCovered: coverageOf(model, record.outside, observation.nodes.kind !== 'NoAccess'),
    seenThrough: seenThroughBy(assessment, before.operation, intents, kinds),
  };
  const retained = proposals.flatMap(({ proposal }) => proposal.retained ?? []);
  const rest = { record, releases, retained, outlook };

  const begun = open && kinds.find(({ name }) => name === open.operation.kind);
  const isReplaced = offers.some(({ kind, proposal }) => kind === begun && proposal.change);
  if (open?.allows === 'Retry' && begun && !isReplaced) {
    const held = holdFor(inputOf({ ...input, record }, begun, SENT_AGAIN), [...holds, ...begun.holds]);
    return resume(rest, open, held, begun, arm, now, timing);
  }
  // The end of a change is reported before the next one is sent: changes in quick succession would hide it otherwise.
  const saysFirst = outlook.seenThrough.size > 0;
  const chosen = choose(offers, record.lastKind);
  if (chosen && !saysFirst) {
    const operation = startOperation(chosen.change.members, record.operation, now, newId(), timing);
    return {
      ...rest,
      step: { kind: 'Send', operation, write: chosen.change.write, takeBaseline: true },
      again: soon(timing.poll),
    };
  }
  const nothingLeft = staying.length === 0 && !record.operation;
  const share = firstToEnd(shares);
  // Each kind's change waits for its own hold, so the first of them to end counts.
  const again = againAfter(record, assessment, firstToEnd(changeHolds) ?? hold ?? share, now, timing);
  return {
    ...rest,
    record: nothingLeft ? undefined : record,
    step: { kind: 'Observe' },
    again: saysFirst && chosen ? soon(0) : { ...again, afterMs: Math.min(again.afterMs, untilEnd(share, now)) },
  };
}

/** The hold of a single object that ends first. */
function firstToEnd(shares: ReadonlyMap<string, Hold>): Hold | undefined {
  const holds = [...shares.values()];
  return holds.find((one) => holds.every(({ afterMs }) => one.afterMs <= afterMs));
}

/** The time until the known end of a hold, in ms. */
function untilEnd(hold: Hold | undefined, now: number): number {
  return hold?.untilMs === undefined ? Infinity : Math.max(0, hold.untilMs - now);
}

/** An operation that is sent again has settled before, and reverts nothing new. */
const SENT_AGAIN: Proposal = { intents: [], settleMs: 0, correction: false };

/** The input of the checks for a change of one kind: what became of the writes of another kind is not in it. */
function inputOf(
  { record, ...input }: Omit<HoldInput, 'proposal'>,
  { name }: OperationKind,
  proposal: Proposal,
): HoldInput {
  return { ...input, record: withAttemptsOf(record, name), proposal, kind: name };
}

/** What holds back the change of one kind: the operation that is recorded, else the first of all checks. */
function heldBy(
  { kind, proposal: { change } }: Pick<Offer, 'kind' | 'proposal'>,
  open: OpenOperation | undefined,
  input: Omit<HoldInput, 'proposal'>,
  holds: readonly HoldCheck[],
): { readonly hold?: Hold } {
  if (!change) return {};
  const isOthers = open !== undefined && open.operation.kind !== kind.name && !yieldsTo(open);
  if (open && (open.allows === 'Nothing' || isOthers)) return { hold: open.hold ?? goesFirst(open, input.timing) };
  const hold = holdFor(inputOf(input, kind, change.proposal), [...holds, ...kind.holds]);
  return hold ? { hold } : {};
}

/** True where ARM is done with the operation and waiting has no effect, so that a change of another kind may be sent in its place. */
function yieldsTo({ leftOld, yields, hold, allows }: OpenOperation): boolean {
  return allows === 'OtherChange' && (leftOld === true || yields === true || hold?.reason === 'NodesUnreadable');
}

/** Only one operation at a time, of any kind: one that is sent again goes before a change of another kind. */
function goesFirst({ operation }: OpenOperation, { poll }: Timing): Hold {
  const message = `An operation of another kind (${operation.kind}) is not complete. The change is sent after it.`;
  return { reason: 'Updating', message, stalled: false, afterMs: poll };
}

/** Sends an operation that ended early again, unless something holds it back. */
function resume(
  rest: Omit<Decision, 'step' | 'again'>,
  open: OpenOperation,
  held: Hold | undefined,
  kind: OperationKind,
  seen: ReadCluster,
  now: number,
  timing: Timing,
): Decision {
  // The result of the last attempt explains more than the time of the next one.
  const hold = held?.reason === 'Updating' ? (open.hold ?? held) : (held ?? open.hold);
  if (hold)
    return {
      ...rest,
      outlook: withChangeHold(rest.outlook, kind.name, hold),
      step: { kind: 'Observe' },
      again: soon(hold.afterMs),
    };
  // The end of the operation is kept until the resumption reaches ARM: a lost write must not use up a person's release.
  const ended = rest.record?.operation ?? open.operation;
  const slot = newSlot(now, timing, kind.name);
  const attempt = { attempts: ended.attempts + 1, lastAttemptAt: timestamp(now), slot };
  return {
    ...rest,
    step: { kind: 'Send', operation: { ...ended, ...attempt }, write: kind.resend(ended, seen), takeBaseline: false },
    again: soon(timing.poll),
  };
}

function againAfter(
  record: RecordStatus,
  assessment: Assessment | undefined,
  hold: Hold | undefined,
  now: number,
  timing: Timing,
): Decision['again'] {
  // The superseded operation was restored: assess it at once.
  if (assessment?.kind === 'NeverArrived' && record.operation) return soon(0);
  if (hold) return soon(hold.afterMs);
  if (countsOn(record)) return soon(nextOwnCount(record, now, timing));
  if (isDrifting(record)) return soon(timing.busy[1]);
  // Nothing is left but to detect drift.
  return { afterMs: timing.drift, jitter: true };
}

/** The time until the next own count, in ms. It grows, because the nodes of a namespace's own way may never be replaced. */
function nextOwnCount({ lastApplied }: RecordStatus, now: number, { poll, drift }: Timing): number {
  const since = lastApplied ? now - Date.parse(lastApplied.at) : 0;
  return Math.min(drift, Math.max(poll, since / 4));
}

function seenThroughBy(
  assessment: Assessment | undefined,
  operation: RecordedOperation | undefined,
  intents: readonly Intent[],
  kinds: readonly OperationKind[],
): ReadonlySet<string> {
  if (assessment?.kind !== 'Done' || !operation) return new Set();
  const kind = kinds.find(({ name }) => name === operation.kind);
  return new Set(kind?.concerned(operation, intents).map(({ name }) => name));
}

function soon(afterMs: number): Decision['again'] {
  return { afterMs: Math.max(0, afterMs), jitter: false };
}
