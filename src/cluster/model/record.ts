import type { TargetClusterStatus } from '../../api/generated/targetclusters.ts';

/** The journal of one cluster: status of its TargetCluster object. */
export type RecordStatus = TargetClusterStatus;
export type RecordedOperation = NonNullable<RecordStatus['operation']>;
export type Slot = NonNullable<RecordStatus['slots']>[number];
export type NamedCertificate = NonNullable<RecordStatus['missing']>[number];
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
