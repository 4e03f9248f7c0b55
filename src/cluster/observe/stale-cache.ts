import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import { FINALIZER } from '../../api/names.ts';
import { clusterKey } from '../../api/resource-id.ts';
import type { Intent } from '../model/intent.ts';
import type { RecordStatus } from '../model/record.ts';

/**
 * Names of the objects that may be stale in the cache while the record is newer: another controller wrote it, or its watch is ahead.
 * In a stale object, certificates would seem to have been dropped.
 */
export function possiblyStale(record: RecordStatus | undefined, intents: readonly Intent[]): string[] {
  // An older controller noted no objects. Without a record, objects with the finalizer had one before.
  const objects = record ? record.objects : [];
  if (!objects) return [];
  const cached = new Map(intents.map(({ name, object }) => [name, object]));
  const restless = new Set(intents.flatMap(({ name, frozen }) => (frozen === 'Restless' ? [name] : [])));
  const behind = objects.filter(({ name, uid, generation }) => {
    // Nothing is decided by the present version of a restless object.
    if (restless.has(name)) return false;
    const metadata = cached.get(name)?.metadata;
    return metadata?.uid !== uid || (metadata.generation ?? 0) < generation;
  });
  if (record?.objectsNotNoted) return behind.map(({ name }) => name);
  // A released object was dropped from the record. An object without the finalizer gets it at its newest version, or a conflict.
  const notedNames = new Set(objects.map(({ name }) => name));
  const notNoted = intents.filter(
    ({ name, object, frozen }) =>
      frozen !== 'Restless' && !notedNames.has(name) && object.metadata.finalizers?.includes(FINALIZER),
  );
  return [...behind, ...notNoted].map(({ name }) => name);
}

/** True when the cache has an object as the API server has it now; `key` is its cluster. */
export function isCurrent(intent: Intent | undefined, now: CustomCATrust | undefined, key: string): boolean {
  const present = now && clusterKey(now.spec.target.resourceId) === key ? now : undefined;
  const cached = intent?.object.metadata;
  return (
    cached?.uid === present?.metadata.uid &&
    cached?.generation === present?.metadata.generation &&
    cached?.deletionTimestamp === present?.metadata.deletionTimestamp
  );
}
