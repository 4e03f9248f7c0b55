import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ClusterRecord, RecordStatus } from './record.ts';

/**
 * The object is the record of another cluster, or another version of the controller wrote an operation that this one cannot read,
 * or a time in it cannot be read.
 */
export type RecordConflict = 'OtherCluster' | 'OtherVersion' | 'InvalidTime';

/**
 * The TargetCluster objects, one per cluster. Every write carries the version that was read, so that of two writers one fails.
 * Repeated refusals of the same kind throw errors with a growing `retryAfterMs`.
 */
export interface Records {
  /** Undefined when there is none, or when it cannot be used; see {@link Records.conflict}. */
  read(id: ClusterId): ClusterRecord | undefined;
  /** Why the object of that name cannot be used: it is neither read nor written then. */
  conflict(id: ClusterId): RecordConflict | undefined;
  /** Writes the record if it differs, or creates it. Throws a 409 when another client wrote first. */
  write(
    id: ClusterId,
    before: ClusterRecord | undefined,
    status: RecordStatus,
    signal: AbortSignal,
  ): Promise<ClusterRecord>;
  /**
   * Keeps a status in memory: reads show it, and the next write of the record brings it to the API server. It is forgotten when
   * the process stops, or when another client writes the record first.
   *
   * @returns the record as reads show it
   */
  defer(record: ClusterRecord, status: RecordStatus): ClusterRecord;
  remove(record: ClusterRecord, signal: AbortSignal): Promise<void>;
  /**
   * Throws when the record has changed, or exists although none was expected: the answer to a write of ours may have been lost.
   */
  confirm(id: ClusterId, record: ClusterRecord | undefined, signal: AbortSignal): Promise<void>;
  /** The newest known version of a record from the watch: our own later write of it, or the record itself. */
  newest(record: TargetCluster): TargetCluster;
  /** Takes a version from the watch. @returns true for a version that this process wrote and that the watch had not delivered before */
  receiveFromWatch(record: TargetCluster): boolean;
}
