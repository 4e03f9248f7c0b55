import { nextConditions } from '../../../src/api/conditions.ts';
import type { ClusterObject } from '../../../src/api/cluster-object.ts';
import type { Intent } from '../../../src/cluster/model/intent.ts';
import { intentName } from '../../../src/cluster/model/intent.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import type { KindProposal, ObjectKind, OperationKind } from '../../../src/cluster/operation/kind.ts';

/** Asks for one more PUT of the cluster as it is, for each generation of the object. */
export interface Reapply extends ClusterObject {
  status?: { phase: string; conditions: { type: string; status: string; reason: string; message: string }[] };
}

/** The member of the record that this kind keeps: the generation that was seen through, by UID. */
type ToyRecord = RecordStatus & { reapplied?: Record<string, number> };
const NAME = 'Reapply' as OperationKind['name'];
const isDue = (record: ToyRecord, { object: { metadata } }: Intent) =>
  record.reapplied?.[metadata.uid ?? ''] !== metadata.generation;

const objects: ObjectKind = {
  kind: 'Reapply',
  read: ({ metadata, spec, ...object }, { grants }) => ({
    name: intentName('Reapply', metadata.namespace ?? '', metadata.name),
    object: { ...object, metadata, spec },
    token: `${metadata.uid}/${metadata.generation}`,
    createdAt: Date.parse(metadata.creationTimestamp ?? ''),
    frozen: grants.target ? undefined : 'NotAllowed',
    deletion: metadata.deletionTimestamp === undefined ? undefined : 'Retain',
    settleMs: 0,
    grants,
  }),
  status({ intent, record, decision: { outlook }, now }) {
    const { operation } = record;
    const { reason, message } = isDue(record, intent)
      ? (outlook.hold ?? { reason: 'Updating', message: 'The cluster is sent again.' })
      : { reason: 'Reapplied', message: 'The cluster was sent again.' };
    const ready = { status: reason === 'Reapplied' ? 'True' : 'False', reason, message } as const;
    const previous = (intent.object as Reapply).status?.conditions as Parameters<typeof nextConditions>[0];
    const phase = !isDue(record, intent) ? 'Done' : operation?.kind === NAME ? operation.phase : 'Waiting';
    return { phase, conditions: nextConditions(previous, { Ready: ready }, now) };
  },
  notAllowedStatus: () => ({ phase: 'NotAllowed', conditions: [] }),
  events: () => [],
  releaseEvent: () => ({ type: 'Normal', reason: 'Released', message: 'Nothing has to be undone.' }),
};

/** A second kind of operation. */
export const reapply: OperationKind = {
  name: NAME,
  objects,
  holds: [{ name: 'Suspended', check: ({ proposal }) => (proposal.intents.some(isSuspended) ? SUSPENDED : undefined) }],
  isShown: () => true,
  resend: (_, { list }) => ({ kind: 'PutList', items: list.map((_, keep) => ({ keep })) }),
  concerned: (_, intents) => intents.filter(({ object }) => object.kind === 'Reapply'),
  propose({ observation, seen, before, assessment }): KindProposal {
    const intents = observation.intents.filter(({ object, frozen }) => object.kind === 'Reapply' && !frozen);
    const isOwn = before.operation?.kind === NAME;
    const isDone = assessment?.kind === 'Done' && isOwn;
    const isRunning = assessment?.kind === 'Open' && isOwn;
    const generations = intents.map(
      ({ object: { metadata } }) => [metadata.uid ?? '', metadata.generation ?? 0] as const,
    );
    const done = Object.fromEntries<number>(generations);
    const record = isDone ? { ...before, reapplied: done } : before;
    const due = intents.filter((intent) => !intent.deletion && isDue(record, intent));
    const proposal = { intents: due, settleMs: 0, correction: false };
    const write = { kind: 'PutList', items: seen.list.map((_, keep) => ({ keep })) } as const;
    return {
      ...(due.length > 0 && !isRunning ? { change: { members: { kind: NAME }, write, proposal } } : {}),
      shares: new Map(),
      remember: (next) => (isDone ? { ...next, reapplied: done } : next),
      noteHold: (next) => next,
      releases: ({ operation }) =>
        operation ? [] : intents.flatMap((intent) => (intent.deletion ? [{ intent, stays: [], why: 'Retained' }] : [])),
    };
  },
};

const isSuspended = ({ object }: Intent) => object.spec.suspend === true;
const SUSPENDED = { reason: 'Suspended', message: 'Suspended.', stalled: false, afterMs: 60_000 } as const;
