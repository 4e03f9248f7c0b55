import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { RecordStatus } from './record.ts';

/**
 * The TargetCluster objects: one a cluster. Every write carries the version that was read, so that of two writers one fails. A write
 * that is refused alike time after time throws errors whose `retryAfterMs` grows.
 */
export interface Records {
  /** Undefined also where the name is taken by the record of another cluster; see {@link Records.isTaken}. */
  read(id: ClusterId): TargetCluster | undefined;
  /** True where the object of that name is the record of another cluster, which is neither read nor written for this one. */
  isTaken(id: ClusterId): boolean;
  /** Writes the record if it differs; makes the object where there is none. Throws a 409 when somebody else wrote first. */
  write(
    id: ClusterId,
    before: TargetCluster | undefined,
    status: RecordStatus,
    signal: AbortSignal,
  ): Promise<TargetCluster>;
  remove(record: TargetCluster, signal: AbortSignal): Promise<void>;
  /**
   * Throws when the record is another by now, or there is one where there was none: an answer to a write of ours may have been
   * lost.
   */
  confirm(id: ClusterId, record: TargetCluster | undefined, signal: AbortSignal): Promise<void>;
  /** The newest version that is known of a record that the watch brought: our own write over it, or itself. */
  newest(record: TargetCluster): TargetCluster;
  /** The watch brought this. @returns whether we made it, as far as we were told, and the watch had not brought it before */
  receiveFromWatch(record: TargetCluster): boolean;
}
