import { isDeepStrictEqual } from 'node:util';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { API_VERSION, TARGET_CLUSTERS, targetClusterPath } from '../../api/names.ts';
import { clusterKey, recordName, type ClusterId } from '../../api/resource-id.ts';
import { create, get, remove, replace } from '../../kubernetes/client/verbs.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import type { ReadableStore } from '../../kubernetes/cache/store.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import { dropOldest } from '../../waiting/drop-oldest.ts';
import { StaleCacheError } from '../../kubernetes/cache/stale-cache-error.ts';
import { createMutationCache } from '../../kubernetes/cache/mutation-cache.ts';
import { refusesRecord } from './unrecorded.ts';
import { KINDS } from '../kinds/index.ts';
import { readRecord, type ClusterRecord, type RecordStatus } from '../model/record.ts';
import { hasReadableTimes } from '../model/record-times.ts';
import type { RecordConflict, Records } from '../model/records.ts';

/** The wait after a refused record, in ms: from a minute, doubling to an hour. */
const REFUSED = { fromMs: 60_000, toMs: 3_600_000 };

/** The most refused records that are remembered. A forgotten one waits for the shortest time again. */
const REMEMBERED = 10_000;

export function createRecords(connection: Connection, store: ReadableStore<TargetCluster>): Records {
  const created = new Map<string, TargetCluster>();
  /** The records whose creation has no answer yet: the watch is often faster than the answer. */
  const beingCreated = new Set<string>();
  /** The number of refusals in a row, by name. */
  const refused = new Map<string, number>();
  // A record that we created may not be in the cache yet.
  const overlay = createMutationCache<TargetCluster>(({ metadata: { name, resourceVersion } }) => {
    return store.get(undefined, name)?.metadata.resourceVersion ?? (created.has(name) ? resourceVersion : undefined);
  });
  /** The records as the API server has them, by name, with the statuses that their next writes bring. */
  const deferred = new Map<string, { readonly stored: TargetCluster; readonly status: RecordStatus }>();

  function withDeferred(record: TargetCluster): TargetCluster {
    const found = deferred.get(record.metadata.name);
    return found && isVersionOf(found.stored, record) ? { ...record, status: found.status } : record;
  }

  function asStored(record: TargetCluster): TargetCluster {
    const found = deferred.get(record.metadata.name);
    return found && isVersionOf(found.stored, record) ? found.stored : record;
  }

  /** The record under the name, of this or another cluster. */
  function named(id: ClusterId): TargetCluster | undefined {
    const name = recordName(id);
    const written = newestWritten(name);
    const found = written && withDeferred(written);
    if (found === written) deferred.delete(name);
    return found;
  }

  function newestWritten(name: string): TargetCluster | undefined {
    const cached = store.get(undefined, name);
    if (cached) {
      created.delete(name);
      return overlay.resolve(cached);
    }
    const own = created.get(name);
    return own && overlay.resolve(own);
  }

  /** Adds the wait before the next attempt to each refusal. A reconcile that an edit asks for is tried at once. */
  async function paced<T>(name: string, write: () => Promise<T>): Promise<T> {
    const before = refused.get(name) ?? 0;
    try {
      const written = await write();
      refused.delete(name);
      return written;
    } catch (error) {
      if (!refusesRecord(error)) throw error;
      refused.delete(name);
      refused.set(name, before + 1);
      dropOldest(refused, REMEMBERED);
      const { status, reason, message, hasStatus } = error;
      const retryAfterMs = Math.max(backoffMs(REFUSED, before), error.retryAfterMs ?? 0);
      throw new KubernetesError(status, reason, message, { retryAfterMs, hasStatus, cause: error });
    }
  }

  return {
    read(id) {
      const found = named(id);
      return found && conflictOf(found, id) === undefined ? (found as ClusterRecord) : undefined;
    },
    conflict(id) {
      const found = named(id);
      return found && conflictOf(found, id);
    },
    async write(id, before, status, signal) {
      if (!before) {
        const first: TargetCluster = {
          apiVersion: API_VERSION,
          kind: 'TargetCluster',
          metadata: { name: recordName(id) },
          spec: { resourceId: id.resourceId },
          status,
        };
        beingCreated.add(recordName(id));
        try {
          const record = await paced(recordName(id), () => create(connection, TARGET_CLUSTERS, first, signal));
          if (!store.get(undefined, recordName(id))) created.set(recordName(id), record);
          return record as ClusterRecord;
        } finally {
          beingCreated.delete(recordName(id));
        }
      }
      if (isDeepStrictEqual(asStored(before).status ?? {}, status)) return before;
      try {
        const path = targetClusterPath(recordName(id));
        const written = await paced(recordName(id), () => replace(connection, path, { ...before, status }, signal));
        overlay.note(before, written);
        deferred.delete(recordName(id));
        return written;
      } catch (error) {
        // Another client deleted the record before the watch brought it, so no watch event will report the deletion.
        if (error instanceof KubernetesError && error.status === 404) created.delete(recordName(id));
        throw error;
      }
    },
    defer(record, status) {
      deferred.set(record.metadata.name, { stored: asStored(record), status });
      return { ...record, status };
    },
    async remove(record, signal) {
      const { name, uid, resourceVersion } = record.metadata;
      const version = { uid: uid ?? '', ...(resourceVersion ? { resourceVersion } : {}) };
      await paced(name, () => remove(connection, targetClusterPath(name), version, signal));
      created.delete(name);
      deferred.delete(name);
      overlay.forget(uid ?? '');
    },
    async confirm(id, record, signal) {
      const path = targetClusterPath(recordName(id));
      // The write changes nothing, but the API server compares the versions.
      if (record) await paced(recordName(id), () => replace(connection, path, record, signal));
      else {
        const found = await get<TargetCluster>(connection, path, signal);
        const known = named(id);
        // One that cannot be used counts as none. It must not keep the objects that are released without it.
        if (known && conflictOf(known, id)) return;
        if (found && isOf(found, id)) throw new StaleCacheError(`TargetCluster ${recordName(id)}`);
      }
    },
    newest: (record) => withDeferred(overlay.resolve(record)),
    receiveFromWatch(record) {
      const { name } = record.metadata;
      overlay.brought(record);
      return created.delete(name) || beingCreated.has(name);
    },
  };
}

const NAMES = KINDS.map(({ name }) => name);

function conflictOf(found: TargetCluster, id: ClusterId): RecordConflict | undefined {
  if (!isOf(found, id)) return 'OtherCluster';
  if (!readRecord(found.status, NAMES)) return 'OtherVersion';
  return hasReadableTimes(found.status) ? undefined : 'InvalidTime';
}

function isOf({ spec }: TargetCluster, { key }: ClusterId): boolean {
  return clusterKey(spec.resourceId) === key;
}

function isVersionOf({ metadata: a }: TargetCluster, { metadata: b }: TargetCluster): boolean {
  return a.uid === b.uid && a.resourceVersion === b.resourceVersion;
}
