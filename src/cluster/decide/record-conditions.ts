import { nextConditions, type ConditionValue } from '../../api/conditions.ts';
import type { Decision, Hold, Step } from '../model/decision.ts';
import type { ArmObservation, Observation } from '../model/observation.ts';
import { heldBackSince } from '../operation/patience.ts';
import { omit } from '../model/omit.ts';
import type { RecordStatus } from '../model/record.ts';
import { withoutSpareNames } from '../model/record-size.ts';
import { listWarnings } from '../kinds/update-trust/list-conditions.ts';
import { sizeOfList } from '../kinds/update-trust/list-size.ts';

/** Of the nodes while a new change is being sent: the outlook is from before it. */
function beingSent({ operation }: Extract<Step, { kind: 'Send' }>): ConditionValue {
  const sent = operation.kind === 'RotateCertificates' ? 'A rotation of the certificates' : 'A change of the list';
  return {
    status: 'False',
    reason: 'ReimageInProgress',
    message: `${sent} is being sent, and no node was replaced for it yet`,
  };
}

function sentMessage({ operation }: RecordStatus, step: Step): string {
  const kind = step.kind === 'Send' ? step.operation.kind : operation?.kind;
  return kind === 'RotateCertificates' ? 'A rotation of the certificates was sent to ARM.' : 'A list was sent to ARM.';
}

/** Adds the state and the conditions for people to the record. */
export function describeRecord(
  record: RecordStatus,
  { arm, record: stored }: Observation,
  decision: Decision,
  now: number,
): RecordStatus {
  const { outlook, step } = decision;
  if (outlook.silent) return withoutSpareNames(record);
  const hold = outlook.hold ?? shareHold(outlook.shares);
  const updating = record.operation !== undefined || step.kind === 'Send';
  const state =
    !arm.ok && hold?.reason === 'Unreachable'
      ? 'Unreachable'
      : updating
        ? 'Updating'
        : hold?.reason === 'Settling'
          ? 'Settling'
          : hold
            ? 'Held'
            : 'Idle';
  const unfinished =
    hold || updating
      ? { reason: hold?.reason ?? 'Updating', message: hold?.message ?? sentMessage(record, step) }
      : undefined;
  const conditions = nextConditions(
    stored?.status?.conditions,
    {
      Reachable: arm.ok
        ? { status: 'True', reason: 'Read', message: 'ARM answers for the cluster.' }
        : { status: 'False', reason: hold?.reason ?? 'Unreachable', message: hold?.message ?? '' },
      Idle: unfinished
        ? { status: 'False', ...unfinished }
        : { status: 'True', reason: 'NothingToDo', message: 'The list has what the objects want.' },
      // kstatus does not know Idle.
      Reconciling: unfinished && { status: 'True', ...unfinished },
      NodesReimaged: step.kind === 'Send' && step.takeBaseline ? beingSent(step) : outlook.nodesReimaged,
      ...listConditions(arm, decision, stored?.status),
    },
    now,
  );
  const rest = omit(record, ['heldBackSince']);
  // A new attempt ends the count only once it is seen to succeed.
  const since = step.kind === 'Send' ? record.heldBackSince : heldBackSince(hold, record, now);
  return withoutSpareNames({ ...rest, ...(since === undefined ? {} : { heldBackSince: since }), state, conditions });
}

/** The conditions of the list. The last ones are kept while the cluster cannot be read. */
function listConditions(
  arm: ArmObservation,
  { outlook }: Decision,
  before: RecordStatus | undefined,
): Readonly<Record<string, ConditionValue | undefined>> {
  if (arm.ok) return listWarnings(arm.list, sizeOfList(arm.reading.model.elements, outlook.view?.merge.items ?? []));
  const kept = before?.conditions?.filter(({ type }) => LIST_CONDITIONS.has(type)) ?? [];
  return Object.fromEntries(kept.map(({ type, status, reason, message }) => [type, { status, reason, message }]));
}

const LIST_CONDITIONS: ReadonlySet<string> = new Set(['PrivateKeyInList', 'LargeList']);

/** The hold of a single object for the record. Other teams may read the record, so it does not give the cause. */
function shareHold(shares: ReadonlyMap<string, Hold> = new Map()): Hold | undefined {
  const [first] = shares;
  if (!first) return undefined;
  const [name, hold] = first;
  const more = shares.size > 1 ? ` and of ${shares.size - 1} more` : '';
  return { ...hold, message: `The changes for ${name}${more} wait; the status of the object says why.` };
}
