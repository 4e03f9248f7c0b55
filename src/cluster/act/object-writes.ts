import type { ClusterObject } from '../../api/cluster-object.ts';
import { CONTROLLER_NAME, FINALIZER, objectPath } from '../../api/names.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import { get, replaceStatus, setFinalizers } from '../../kubernetes/client/verbs.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import { dropOldest } from '../../waiting/drop-oldest.ts';
import type { Intent } from '../model/intent.ts';
import type { MutationCache } from '../../kubernetes/cache/mutation-cache.ts';
import type { WriteRefusal } from '../model/write-refusal.ts';

export type WriteKind = 'finalizer' | 'status' | 'release';

/**
 * The controller's writes to objects that name a cluster, one object at a time: an admission policy, a webhook or a tenant that edits
 * without a pause can prevent writes to one object, and must not prevent writes to the others. Each method rejects only when the
 * API server cannot be reached or rejects our credentials, because that affects every object alike.
 */
export interface ObjectWrites {
  /** Adds our finalizer to the objects that lack it. @returns the objects that could not get it, by namespace/name */
  guard(intents: readonly Intent[], signal: AbortSignal): Promise<ReadonlyMap<string, WriteRefusal>>;
  /** Removes our finalizer, so that a deleted object can go. */
  release(object: ClusterObject, signal: AbortSignal): Promise<WriteRefusal | undefined>;
  /** Replaces the status. `Gone`: the object does not exist any more, or another object has its name. */
  status(object: ClusterObject, status: object, signal: AbortSignal): Promise<'Written' | 'Gone' | WriteRefusal>;
}

export interface ObjectWritesOptions {
  readonly connection: Connection;
  /** Our own writes, until the watch brings them. */
  readonly overlay: MutationCache<ClusterObject>;
  readonly now: () => number;
  /** Called for each refused attempt that a person should know of. */
  readonly onRefused?: (object: ClusterObject, kind: WriteKind, message: string) => void;
}

/** The wait after a write that the API server will refuse again, in ms: from a minute, doubling to an hour. */
const LASTING = { fromMs: 60_000, toMs: 3_600_000 };

/** The wait after a write that met an edit or a busy API server, in ms. */
const PASSING = { fromMs: 1000, toMs: 300_000 };

/** The passing refusals in a row after which a refusal counts as lasting. */
const ACCIDENTS = 5;

/** The most objects that are written at the same time. */
const AT_A_TIME = 8;

/** The most refusals that are remembered. A forgotten one costs one more attempt. */
const REMEMBERED = 10_000;

interface Attempts {
  readonly generation: number | undefined;
  readonly count: number;
  readonly until: number;
  readonly refusal: WriteRefusal;
}

export function createObjectWrites({ connection, overlay, now, onRefused }: ObjectWritesOptions): ObjectWrites {
  const refused = new Map<string, Attempts>();

  /** Writes unless the same write was refused shortly before. */
  async function attempt(
    kind: WriteKind,
    object: ClusterObject,
    write: () => Promise<void>,
  ): Promise<WriteRefusal | undefined> {
    const { uid = '', generation } = object.metadata;
    const key = `${kind}/${uid}`;
    const before = refused.get(key);
    if (before && before.generation === generation && now() < before.until)
      return { ...before.refusal, retryMs: before.until - now() };
    try {
      await write();
      refused.delete(key);
      return undefined;
    } catch (error) {
      if (!isOfOneObject(error)) throw error;
      const count = before && before.generation === generation ? before.count + 1 : 1;
      const lasting = !isPassing(error) || count > ACCIDENTS;
      const retryMs = backoffMs(isPassing(error) ? PASSING : LASTING, count - 1);
      const refusal = { message: error.message, lasting, retryMs };
      refused.delete(key);
      refused.set(key, { generation, count, until: now() + retryMs, refusal });
      dropOldest(refused, REMEMBERED);
      if (lasting) onRefused?.(object, kind, error.message);
      return refusal;
    }
  }

  /** @param cached the version in the cache, where that is older than `object` */
  async function writeFinalizers(
    object: ClusterObject,
    finalizers: string[],
    signal: AbortSignal,
    cached = object,
  ): Promise<void> {
    const { uid = '', resourceVersion = '' } = object.metadata;
    const change = { uid, resourceVersion, finalizers, signal };
    const written = await setFinalizers(connection, objectPath(object), change);
    overlay.note(cached, written as ClusterObject);
  }

  /** Adds the finalizer, also after changes that are no edits of the spec, and after an earlier write whose answer was lost. */
  async function writeGuard(object: ClusterObject, signal: AbortSignal): Promise<void> {
    const guarded = ({ metadata }: ClusterObject) => [...(metadata.finalizers ?? []), FINALIZER];
    try {
      await writeFinalizers(object, guarded(object), signal);
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.status !== 409) throw error;
      const present = await get<ClusterObject>(connection, objectPath(object), signal);
      // An edited object has to arrive through the watch first: the finalizer promises that its newest version was read.
      if (!present || !isSame(present, object)) throw error;
      if (!present.metadata.finalizers?.includes(FINALIZER))
        await writeFinalizers(present, guarded(present), signal, object);
      else overlay.note(object, present);
    }
  }

  return {
    async guard(intents, signal) {
      const refusals = new Map<string, WriteRefusal>();
      const waiting = intents.filter(
        ({ object, deletion, frozen, unguarded }) =>
          !unguarded &&
          !deletion &&
          frozen !== 'NotAllowed' &&
          frozen !== 'Restless' &&
          !object.metadata.finalizers?.includes(FINALIZER),
      );
      const work = async () => {
        for (let intent = waiting.shift(); intent; intent = waiting.shift()) {
          const { object, name } = intent;
          const refusal = await attempt('finalizer', object, () => writeGuard(object, signal));
          if (refusal) refusals.set(name, refusal);
        }
      };
      await Promise.all(Array.from({ length: Math.min(AT_A_TIME, waiting.length) }, work));
      return refusals;
    },
    async release(object, signal) {
      const finalizers = object.metadata.finalizers ?? [];
      if (!finalizers.includes(FINALIZER)) return undefined;
      const others = finalizers.filter((name) => name !== FINALIZER);
      return attempt('release', object, () => writeFinalizers(object, others, signal));
    },
    async status(object, status, signal) {
      const { uid = '' } = object.metadata;
      let gone = false;
      const refusal = await attempt('status', object, async () => {
        try {
          const path = objectPath(object);
          const written = await replaceStatus(connection, {
            path,
            uid,
            status,
            fieldManager: CONTROLLER_NAME,
            signal,
          });
          overlay.noteUnlessEdited(object, written as ClusterObject);
        } catch (error) {
          // 409: another object has its name, and the cache does not have that object yet.
          if (!(error instanceof KubernetesError) || (error.status !== 404 && error.status !== 409)) throw error;
          gone = true;
        }
      });
      return refusal ?? (gone ? 'Gone' : 'Written');
    },
  };
}

function isSame({ metadata: a }: ClusterObject, { metadata: b }: ClusterObject): boolean {
  return a.uid === b.uid && a.generation === b.generation && a.deletionTimestamp === b.deletionTimestamp;
}

/** False for errors that affect every object alike: no answer at all, or rejected credentials. */
function isOfOneObject(error: unknown): error is KubernetesError {
  return error instanceof KubernetesError && error.status >= 400 && error.status !== 401;
}

/** True where an edit came first, or the API server is busy. A failing webhook causes a 500 as well, and its message says so. */
export function isPassing({ status, message }: KubernetesError): boolean {
  if (status === 404 || status === 409 || status === 429) return true;
  return status >= 500 && !message.includes('webhook');
}
