import type { ClusterObject } from '../../api/cluster-object.ts';
import { FINALIZER } from '../../api/names.ts';
import { clusterKey } from '../../api/resource-id.ts';
import type { Intent } from '../model/intent.ts';
import { intentNameOf, noteOf, type NotedObject } from '../model/noted-objects.ts';
import type { RecordStatus } from '../model/record.ts';

/**
 * The objects that may be stale in the cache while the record is newer: another controller wrote it, or its watch is ahead.
 * In a stale object, certificates would seem to have been dropped.
 */
export function possiblyStale(record: RecordStatus | undefined, intents: readonly Intent[]): NotedObject[] {
  // An older controller noted no objects. Without a record, objects with the finalizer had one before.
  const objects = record ? record.objects : [];
  if (!objects) return [];
  const cached = new Map(intents.map((intent) => [intent.name, intent]));
  const behind = objects.filter((note) => {
    const intent = cached.get(intentNameOf(note));
    // Nothing is decided by the present version of a restless object.
    if (intent?.frozen === 'Restless') return false;
    const metadata = intent?.object.metadata;
    return metadata?.uid !== note.uid || (metadata.generation ?? 0) < note.generation;
  });
  if (record?.objectsNotNoted) return behind;
  // A released object was dropped from the record. An object without the finalizer gets it at its newest version, or a conflict.
  const notedNames = new Set(objects.map(intentNameOf));
  const notNoted = intents.filter(
    ({ name, object, frozen }) =>
      frozen !== 'Restless' && !notedNames.has(name) && object.metadata.finalizers?.includes(FINALIZER),
  );
  return [...behind, ...notNoted.map(noteOf)];
}

/** True when the cache has an object as the API server has it now; `key` is its cluster. */
export function isCurrent(intent: Intent | undefined, now: ClusterObject | undefined, key: string): boolean {
  const present = now && clusterKey(now.spec.target.resourceId) === key ? now : undefined;
  const cached = intent?.object.metadata;
  return (
    cached?.uid === present?.metadata.uid &&
    cached?.generation === present?.metadata.generation &&
    cached?.deletionTimestamp === present?.metadata.deletionTimestamp
  );
}
