import type { TargetCluster, TargetClusterStatus } from '../../api/generated/targetclusters.ts';
import { omit } from './omit.ts';

type Written = NonNullable<TargetClusterStatus['operation']>;

/** The journal of one cluster: status of its TargetCluster object, as {@link readRecord} accepts it. */
export type RecordStatus = Omit<TargetClusterStatus, 'operation'> & { operation?: RecordedOperation };

/** A record with its status read. */
export type ClusterRecord = Omit<TargetCluster, 'status'> & { status?: RecordStatus };

/** An operation from right before its first write until it is seen through. Its phase says which other members it has. */
export type RecordedOperation = Omit<Written, Phase | 'phase' | 'supersedes'> &
  OperationPhase & { supersedes?: SupersededOperation };

/** The unfinished operation in whose place another one was sent. */
export type SupersededOperation = Omit<NonNullable<Written['supersedes']>, Phase | 'phase'> & OperationPhase;

type Phase = 'rolling' | 'failed' | 'canceled';
export type OperationPhase =
  /** Recorded, and not seen in ARM yet. */
  | { phase: 'Sent'; rolling?: never; failed?: never; canceled?: never }
  /** Seen in ARM. */
  | { phase: 'Rolling'; rolling?: NonNullable<Written['rolling']>; failed?: never; canceled?: never }
  /** Seen to end so. It stays in this phase until ARM shows that it runs again. */
  | { phase: 'Failed'; failed: AttemptEnd; rolling?: never; canceled?: never }
  | { phase: 'Canceled'; canceled: AttemptEnd & { heldFor?: string[] }; rolling?: never; failed?: never };

/** How an attempt ended. `confirmed`: its own status in ARM reports so, not only the state of the cluster. */
export type AttemptEnd = NonNullable<Written['failed']>;

/**
 * The status as a record; undefined where another version of the controller wrote an operation that this one cannot read. `kinds`
 * are the kinds of operations that there are.
 */
export function readRecord(
  status: TargetClusterStatus | undefined,
  kinds: readonly string[],
): RecordStatus | undefined {
  const { operation } = status ?? {};
  const isReadable = [operation, operation?.supersedes].every(
    (one) => one === undefined || (kinds.includes(one.kind) && hasOwnPhase(one)),
  );
  return isReadable ? ((status ?? {}) as RecordStatus) : undefined;
}

function hasOwnPhase({ phase, rolling, failed, canceled }: Partial<Pick<Written, Phase | 'phase'>>): boolean {
  const isKnown = phase === 'Sent' || phase === 'Rolling' || phase === 'Failed' || phase === 'Canceled';
  return (
    isKnown &&
    !(rolling && phase !== 'Rolling') &&
    !!failed === (phase === 'Failed') &&
    !!canceled === (phase === 'Canceled')
  );
}

/** The operation in another phase. */
export function inPhase(operation: RecordedOperation, phase: OperationPhase): RecordedOperation {
  return { ...omit(operation, ['phase', 'rolling', 'failed', 'canceled']), ...phase };
}

/** How the operation ended last, while it is in that phase. */
export function endOf({ failed, canceled }: Pick<RecordedOperation, 'failed' | 'canceled'>): AttemptEnd | undefined {
  return failed ?? canceled;
}

/** True once ARM has shown what the operation sent. */
export function isSeen({ phase }: Pick<RecordedOperation, 'phase'>): boolean {
  return phase !== 'Sent';
}

/** What is remembered of the cluster's own CA and its rotations. */
export type RotationMemory = NonNullable<RecordStatus['rotation']>;
export type Slot = NonNullable<RecordStatus['slots']>[number];
export type NamedCertificate = NonNullable<RecordStatus['missing']>[number];
export type LastApplied = NonNullable<RecordStatus['lastApplied']>;
export type NodesStatus = NonNullable<RecordStatus['nodes']>;
export type NodePoolStatus = NonNullable<RecordStatus['nodePools']>[number];

/** RFC 3339 in UTC with milliseconds, because settling and waiting are computed from the record's times. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** The time in whole seconds, for people. */
export function wholeSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

const MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;

/** The same members, with every time in whole seconds. */
export function inWholeSeconds<T extends object>(members: T): T {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string' && MILLISECONDS.test(value) ? wholeSeconds(value) : value,
    ]),
  ) as T;
}

/** A time for people to read: in whole seconds, and never earlier than it is. */
export function momentOf(ms: number): string {
  return new Date(Math.ceil(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** The object part of namespace/name/entry. */
export function objectOf(naming: string): string {
  return naming.slice(0, naming.lastIndexOf('/'));
}

/** Id of one attempt of an operation. It is the same in every replica. */
export function attemptOf({ id, attempts }: Pick<RecordedOperation, 'id' | 'attempts'>): string {
  return `${id}/${attempts}`;
}

/** The operation with every row of its certificates mapped. */
export function withRows(
  operation: RecordedOperation,
  map: (row: NamedCertificate) => NamedCertificate,
): RecordedOperation {
  const { updateTrust } = operation;
  if (!updateTrust) return operation;
  const { adds, removes } = updateTrust;
  return {
    ...operation,
    updateTrust: {
      ...updateTrust,
      ...(adds ? { adds: adds.map(map) } : {}),
      ...(removes ? { removes: removes.map(map) } : {}),
    },
  };
}
