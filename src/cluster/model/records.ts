import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { RecordStatus } from './record.ts';

/**
 * The TargetCluster objects, one per cluster. Every write carries the version that was read, so that of two writers one fails.
 * Repeated refusals of the same kind throw errors with a growing `retryAfterMs`.
 */
export interface Records {
  /** Undefined when there is none, or when another cluster's record has the name; see {@link Records.isTaken}. */
  read(id: ClusterId): TargetCluster | undefined;
  /** True when the object of that name is the record of another cluster. It is neither read nor written for this one. */
  isTaken(id: ClusterId): boolean;
  /** Writes the record if it differs, or creates it. Throws a 409 when another client wrote first. */
  write(
    id: ClusterId,
    before: TargetCluster | undefined,
    status: RecordStatus,
    signal: AbortSignal,
  ): Promise<TargetCluster>;
  remove(record: TargetCluster, signal: AbortSignal): Promise<void>;
  /**
   * Throws when the record has changed, or exists although none was expected: the answer to a write of ours may have been lost.
   */
  confirm(id: ClusterId, record: TargetCluster | undefined, signal: AbortSignal): Promise<void>;
  /** The newest known version of a record from the watch: our own later write of it, or the record itself. */
  newest(record: TargetCluster): TargetCluster;
  /** Takes a version from the watch. @returns true for a version that this process wrote and that the watch had not delivered before */
  receiveFromWatch(record: TargetCluster): boolean;
}
