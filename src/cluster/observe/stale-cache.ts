import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import { FINALIZER } from '../../api/names.ts';
import { clusterKey } from '../../api/resource-id.ts';
import type { Intent } from '../model/intent.ts';
import type { RecordStatus } from '../model/record.ts';
import { OBJECTS_LIMIT } from '../model/record-size.ts';

/** The objects that a record is made from, as they were then. */
type MadeFrom = NonNullable<RecordStatus['objects']>;

/**
 * The record with what it notes of the objects that it is made from: of all of them, or of as many as there is room for, the
 * oldest first. Of the others it is not known whether a cache is behind.
 */
export function noteObjects({ objectsNotNoted: _, ...record }: RecordStatus, intents: readonly Intent[]): RecordStatus {
  const noted = new Set<Intent>();
  let bytes = 0;
  for (const intent of intents.toSorted((a, b) => a.createdAt - b.createdAt)) {
    bytes += JSON.stringify(noteOf(intent)).length + 1;
    if (bytes > OBJECTS_LIMIT) break;
    noted.add(intent);
  }
  // One that changes without a pause is noted as it was when its share was last made.
  const before = new Map(record.objects?.map((note) => [note.name, note]));
  const objects = intents.flatMap((intent) => {
    if (!noted.has(intent)) return [];
    return intent.frozen === 'Restless' ? (before.get(intent.name) ?? []) : noteOf(intent);
  });
  const left = intents.length - noted.size;
  return { ...record, objects, ...(left > 0 ? { objectsNotNoted: left } : {}) };
}

function noteOf({ name, object: { metadata } }: Intent): MadeFrom[number] {
  return { name, uid: metadata.uid ?? '', generation: metadata.generation ?? 0 };
}

/**
 * Names of the objects that the cache may have as they once were, while the record is newer: another controller, or a watch
 * that runs ahead of the other. In an old object, certificates would seem to have been dropped.
 */
export function mayLag(record: RecordStatus | undefined, intents: readonly Intent[]): string[] {
  // An older controller did not note them; without a record, objects with the finaliser had one once.
  const objects = record ? record.objects : [];
  if (!objects) return [];
  const cached = new Map(intents.map(({ name, object }) => [name, object]));
  const restless = new Set(intents.flatMap(({ name, frozen }) => (frozen === 'Restless' ? [name] : [])));
  const behind = objects.filter(({ name, uid, generation }) => {
    // Nothing is decided by what it has now.
    if (restless.has(name)) return false;
    const metadata = cached.get(name)?.metadata;
    return metadata?.uid !== uid || (metadata.generation ?? 0) < generation;
  });
  if (record?.objectsNotNoted) return behind.map(({ name }) => name);
  // A released object was struck from the record; one without the finaliser gets it at its newest version, or a conflict.
  const known = new Set(objects.map(({ name }) => name));
  const unknown = intents.filter(
    ({ name, object, frozen }) =>
      frozen !== 'Restless' && !known.has(name) && object.metadata.finalizers?.includes(FINALIZER),
  );
  return [...behind, ...unknown].map(({ name }) => name);
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
