import type { ObjectMeta } from '../../api/object-meta.ts';

interface Versioned {
  readonly metadata: ObjectMeta;
}

/**
 * The controller's own writes, until the watch brings them: where a cache still shows the version before a write, the written
 * version is used. Without it, a reconcile right after a write would decide on the state before it.
 */
export interface MutationCache<T extends Versioned> {
  /** The newer of the cached object and our own write over exactly that version. */
  resolve(cached: T): T;
  /** `written` is the API server's answer to a write that only the version `before` allowed. */
  note(before: T, written: T): void;
  /** The same for a write without a precondition. */
  noteUnlessEdited(before: T, written: T): void;
  /** The watch brought this object: older writes are dropped. */
  brought(object: T): void;
  forget(uid: string): void;
  /** Writes that the watch has not brought yet. */
  readonly size: number;
}

/**
 * @param cachedVersion the resourceVersion of an object in the cache now; absent: unknown. A watch is often faster than the
 *   answer to the write: an object that it has already brought, or that the cache no longer has, is not kept.
 */
export function createMutationCache<T extends Versioned>(
  cachedVersion?: (object: T) => string | undefined,
): MutationCache<T> {
  const writes = new Map<string, { readonly versions: Set<string>; readonly written: T }>();
  function note(before: T, written: T): void {
    const uid = written.metadata.uid ?? '';
    // Several writes may pass before the watch brings the first.
    const versions = writes.get(uid)?.versions ?? new Set<string>();
    versions.add(before.metadata.resourceVersion ?? '');
    if (cachedVersion && !versions.has(cachedVersion(before) ?? '')) writes.delete(uid);
    else writes.set(uid, { versions, written });
  }
  function resolve(cached: T): T {
    const uid = cached.metadata.uid ?? '';
    const write = writes.get(uid);
    if (!write) return cached;
    if (write.versions.has(cached.metadata.resourceVersion ?? '')) return write.written;
    writes.delete(uid);
    return cached;
  }
  return {
    resolve,
    note,
    noteUnlessEdited(before, written) {
      // Otherwise another client edited or deleted the object meanwhile. The watch brings that change in its own order: of a
      // renamed object, the deletion must not be seen before the creation.
      if (written.metadata.generation === before.metadata.generation) note(before, written);
    },
    brought: (object) => void resolve(object),
    forget: (uid) => void writes.delete(uid),
    get size() {
      return writes.size;
    },
  };
}
