import type { ClusterModel } from '../../azure/cluster-model.ts';
import { holdFor, restingHold } from '../operation/holds.ts';
import { notePending, proposalOf, startOperation } from '../operation/start.ts';
import { isChange } from '../model/trust.ts';
import { isState } from '../model/provisioning-state.ts';
import type { Decision, Hold, Outlook } from '../model/decision.ts';
import type { HoldCheck, HoldInput, Proposal } from '../model/hold-check.ts';
import type { Intent } from '../model/intent.ts';
import { noteObjects } from '../model/noted-objects.ts';
import { nextRecord } from './next-record.ts';
import { heldShares, withoutShares } from '../kinds/update-trust/held-shares.ts';
import type { Observation } from '../model/observation.ts';
import { planRecordConflict } from './plan-record-conflict.ts';
import { planUnreadable } from './plan-unreadable.ts';
import { releasesOf } from '../kinds/update-trust/release.ts';
import { isSeen, timestamp, type RecordedOperation, type RecordStatus } from '../model/record.ts';
import { concerns } from '../model/record-size.ts';
import { coverageOf, isDrifting } from '../reimage/coverage.ts';
import { countsOn, handOver } from '../reimage/hand-over.ts';
import { reimagedCondition } from '../reimage/condition.ts';
import { abandonedPools } from '../reimage/abandoned-pools.ts';
import { blockersOf } from '../reimage/blockers.ts';
import type { Blocker } from '../reimage/blocker.ts';
import { countOwn, type OwnCounts } from '../reimage/own-counts.ts';
import { measureProgress, type Progress } from '../reimage/progress.ts';
import { baselineOfAttempt, baselineOf, type Baseline } from '../reimage/baseline.ts';
import { causeOfEnd, hasArrived, assess } from '../operation/assess.ts';
import type { Assessment, OpenOperation } from '../model/assessment.ts';
import { omit } from '../model/omit.ts';
import { newSlot, slotAfter } from '../operation/slot.ts';
import { retainedOf, stayingInList } from '../kinds/update-trust/staying-certificates.ts';
import type { Timing } from '../model/timing.ts';
import { dropDepartedOwners } from '../kinds/update-trust/departed-owners.ts';
import { certificatesOf, digestOf, partsOf } from '../model/fingerprints.ts';
import { proposeTrust } from '../kinds/update-trust/propose.ts';
import { holdsPods, keepFinalizers } from '../verify/finalizer.ts';
import { asksOperator, ownWays } from '../model/ways.ts';
import { namespaceOf } from '../model/way.ts';

/**
 * Decides one pass: observation in, decision out. The order counts: a cluster that cannot be read holds everything; a recorded
 * operation is finished before anything else; then one change is sent, if nothing holds it back.
 * `newId` returns the name of a new operation; `holds` are checks after those of every change.
 */
export function plan(
  observation: Observation,
  now: number,
  timing: Timing,
  newId: () => string,
  holds: readonly HoldCheck[] = [],
): Decision {
  const { arm, intents } = observation;
  if (observation.recordConflict) return planRecordConflict(observation, observation.recordConflict, timing);
  const stored = handOver(dropDepartedOwners(observation.record?.status ?? {}, intents), observation.ways, intents);
  if (!arm.ok) return keepFinalizers(planUnreadable(observation, arm, stored, now, timing), stored, now);

  const { model } = arm.reading;
  const before = wasRecreated(stored, model.resourceUID) ? {} : stored;
  const digest = digestOf(partsOf(arm.list));
  const since = before.operation && baselineOf(before.operation);
  const counting = countable(observation, since);
  const progress = progressOf(counting, before, since);
  const { operation: recorded, unseenWrites: unseen } = before;
  const { readAt } = arm.reading;
  const isShown = recorded?.updateTrust?.listDigest === digest;
  const asked = recorded && {
    ...{ observation, model, readAt, operation: recorded, unseen, isShown, digest, progress, now, timing },
  };
  const standing = asked && assess(asked);
  const arrived = asked !== undefined && standing !== undefined && hasArrived(standing, asked);

  const wanted = proposeTrust(intents, before, arm.list, standing, now, timing);
  const shares = heldShares(observation, wanted.merge, timing);
  const trust =
    shares.size > 0 ? proposeTrust(withoutShares(intents, shares), before, arm.list, standing, now, timing) : wanted;
  const blockers = blockersFor({ observation, model, before, standing, progress, since, now, timing });
  const own = countOwnWays(observation, model, before, standing, now, timing);
  const read = { observation, before, trust, standing, arrived, progress, since, blockers, own, now, timing };
  const record = nextRecord(read);
  const slot = slotAfter(standing, progress, now, timing);
  if (record.operation && slot) record.operation = { ...record.operation, slot };
  const hasChange = isChange(trust.merge);
  const open = standing?.kind === 'Open' ? standing : undefined;
  const waits = open?.allows === 'Nothing';
  // A change that was sent is not pending any more, so the next change settles anew.
  if (arrived && before.operation?.phase === 'Sent') delete record.pending;
  // A sent list that ARM does not show yet is not pending. A held change is pending, so that it does not settle twice.
  if (!waits || (record.operation && isSeen(record.operation))) notePending(record, wanted.merge, now);

  const input: HoldInput = { observation, model, record, proposal: proposalOf(trust.merge, intents), now, timing };
  const operationHold = open?.hold;
  const changeHold = hasChange ? (waits ? operationHold : holdFor(input, holds)) : undefined;
  const [share] = shares.values();
  if (record.pending) record.pending = waitingFor(hasChange ? changeHold : share, record.pending, now);

  const rests = !hasChange && (!standing || standing.kind === 'Done' || standing.kind === 'NeverArrived');
  const hold = changeHold ?? operationHold ?? (rests ? restingHold(input) : undefined);
  const succeeded = isState(model.provisioningState, 'Succeeded');
  // Deletions do not wait for nodes that cannot be read.
  const nodesUnseen = operationHold?.reason === 'NodesUnreadable';
  const present = new Map(
    arm.list.flatMap(certificatesOf).map((certificate) => [certificate.fingerprint, certificate]),
  );
  const staysOf = (intent: Intent) =>
    stayingInList(intent, present, trust.claims, before === stored ? observation.record?.status : undefined);
  const releases = releasesOf(
    intents,
    nodesUnseen ? {} : record,
    trust.merge,
    succeeded,
    open?.leftOld === true,
    staysOf,
  ).filter(({ intent }) => !holdsPods(intent, now));
  const staying = intents.filter((intent) => !releases.some((release) => release.intent === intent));
  if (staying.length > 0) Object.assign(record, noteObjects(record, staying, before.objects));
  const outlook: Outlook = {
    ...(hold ? { hold } : {}),
    ...(shares.size > 0 ? { shares } : {}),
    settled: succeeded && !record.operation,
    view: {
      merge: trust.merge,
      claims: trust.claims,
      present,
    },
    nodesReimaged: reimagedCondition(counting, record, progress, blockers),
    ...(own.shown.size > 0 ? { own: own.shown } : {}),
    fullyCovered: coverageOf(model, record.outside, observation.nodes.kind !== 'NoAccess'),
    seenThrough: seenThroughBy(standing, before.operation, intents),
  };
  const rest = { record, releases, retained: retainedOf(intents, trust.retained, present), outlook };

  if (open?.allows === 'Retry' && !hasChange) {
    const held = holdFor({ ...input, proposal: SENT_AGAIN }, holds);
    return resume(rest, open, held, arm.list.length, now, timing);
  }
  // The end of a change is reported before the next one is sent: changes in quick succession would hide it otherwise.
  const saysFirst = outlook.seenThrough.size > 0;
  if (hasChange && !waits && !changeHold && !saysFirst) {
    const operation = startOperation(trust.merge, record.operation, now, newId(), timing);
    return {
      ...rest,
      step: { kind: 'Send', operation, items: trust.merge.items, takeBaseline: true },
      again: soon(timing.poll),
    };
  }
  const nothingLeft = staying.length === 0 && !record.operation;
  return {
    ...rest,
    record: nothingLeft ? undefined : record,
    step: { kind: 'Observe' },
    again: saysFirst && hasChange && !changeHold ? soon(0) : againAfter(record, standing, hold ?? share, now, timing),
  };
}

/** An operation that is sent again has settled before, and reverts nothing new. */
const SENT_AGAIN: Proposal = { intents: [], settleMs: 0, correction: false };

type Pending = NonNullable<RecordStatus['pending']>;

/** The pending change with the hold that it waits for: a copy, because the change may belong to the cache. */
function waitingFor(hold: Hold | undefined, before: Pending, now: number): Pending {
  const pending = omit(before, ['until']);
  const until = hold?.reason === 'Settling' ? timestamp(now + hold.afterMs) : undefined;
  return { ...pending, waitsFor: hold?.reason ?? 'Nothing', ...(until === undefined ? {} : { until }) };
}

/** Sends the list of an operation that ended early again, unless something holds it back. */
function resume(
  rest: Omit<Decision, 'step' | 'again'>,
  standing: OpenOperation,
  held: Hold | undefined,
  listLength: number,
  now: number,
  timing: Timing,
): Decision {
  // The result of the last attempt explains more than the time of the next one.
  const hold = held?.reason === 'Updating' ? (standing.hold ?? held) : (held ?? standing.hold);
  if (hold)
    return { ...rest, outlook: { ...rest.outlook, hold }, step: { kind: 'Observe' }, again: soon(hold.afterMs) };
  // The end of the operation is kept until the resumption reaches ARM: a lost write must not use up a person's release.
  const ended = rest.record?.operation ?? standing.operation;
  const attempt = { attempts: ended.attempts + 1, lastAttemptAt: timestamp(now), slot: newSlot(now, timing) };
  const items = Array.from({ length: listLength }, (_, keep) => ({ keep }));
  return {
    ...rest,
    step: { kind: 'Send', operation: { ...ended, ...attempt }, items, takeBaseline: false },
    again: soon(timing.poll),
  };
}

function againAfter(
  record: RecordStatus,
  standing: Assessment | undefined,
  hold: Hold | undefined,
  now: number,
  timing: Timing,
): Decision['again'] {
  // The superseded operation was restored: assess it at once.
  if (standing?.kind === 'NeverArrived' && record.operation) return soon(0);
  if (hold) return soon(hold.afterMs);
  if (countsOn(record)) return soon(nextOwnCount(record, now, timing));
  if (isDrifting(record)) return soon(timing.busy[1]);
  // Nothing is left but to detect drift.
  return { afterMs: timing.drift, jitter: true };
}

/** True where the cluster was created again: its resourceUID differs, so the record of the old cluster no longer counts. */
function wasRecreated(record: RecordStatus, resourceUID: string | undefined): boolean {
  return record.resourceUID !== undefined && resourceUID !== undefined && record.resourceUID !== resourceUID;
}

function progressOf(observation: Observation, record: RecordStatus, since: Baseline | undefined): Progress | undefined {
  if (!observation.arm.ok || !record.operation) return undefined;
  return measureProgress(observation.arm.reading.model, observation.nodes, since, record.nodePools);
}

/** The blockers of the operation; empty without one and once it is done, because no change of ours replaces nodes then. */
function blockersFor({ observation, model, before, standing, progress, since, now, timing }: BlockerInput): Blocker[] {
  const { nodes } = observation;
  if (standing?.kind !== 'Open') return [];
  const attempt = since && baselineOfAttempt(since, standing.operation, nodes, now);
  const found = blockersOf(model, nodes, progress, attempt, timing, before.nodePools);
  return [...found, ...abandonedPools(progress, causeOfEnd(model, standing.operation), found)];
}

interface BlockerInput {
  readonly observation: Observation;
  readonly model: ClusterModel;
  readonly before: RecordStatus;
  readonly standing: Assessment | undefined;
  readonly progress: Progress | undefined;
  readonly since: Baseline | undefined;
  readonly now: number;
  readonly timing: Timing;
}

/** The observation to count by. Without a baseline, unreadable nodes count as no access: ARM alone counts. */
function countable(observation: Observation, since: Baseline | undefined): Observation {
  if (observation.nodes.kind !== 'Unreadable' || since) return observation;
  return { ...observation, nodes: { kind: 'NoAccess' } };
}

/** The time until the next own count, in ms. It grows, because the nodes of a namespace's own way may never be replaced. */
function nextOwnCount({ lastApplied }: RecordStatus, now: number, { poll, drift }: Timing): number {
  const since = lastApplied ? now - Date.parse(lastApplied.at) : 0;
  return Math.min(drift, Math.max(poll, since / 4));
}

function countOwnWays(
  { ways, own, intents }: Observation,
  model: ClusterModel,
  { operation, namespaceCounts = [] }: RecordStatus,
  standing: Assessment | undefined,
  now: number,
  timing: Timing,
): OwnCounts {
  const isGone = standing?.kind === 'NeverArrived';
  const phase = !standing || isGone ? 'None' : standing.kind === 'Done' ? 'Ended' : 'Running';
  // While the operation runs, the record's own members have the count of the judging namespace.
  const namespaces = phase === 'None' ? [...ways.namespaces.keys()] : ownWays(ways).map(([namespace]) => namespace);
  return countOwn({
    ...{ model, phase, now, timing, namespaces },
    seen: own,
    seesOtherwise: new Set(intents.filter(asksOperator).map(namespaceOf)),
    before: isGone ? [] : namespaceCounts,
    operation: standing?.kind === 'Open' ? standing.operation : operation,
  });
}

function seenThroughBy(
  standing: Assessment | undefined,
  operation: RecordedOperation | undefined,
  intents: readonly Intent[],
): ReadonlySet<string> {
  if (standing?.kind !== 'Done') return new Set();
  const { adds = [], removes = [] } = operation?.updateTrust ?? {};
  const changes = [...adds, ...removes];
  return new Set(intents.filter((intent) => changes.some((row) => concerns(row, intent))).map(({ name }) => name));
}

function soon(afterMs: number): Decision['again'] {
  return { afterMs: Math.max(0, afterMs), jitter: false };
}
