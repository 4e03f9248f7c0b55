import type { Intent } from './intent.ts';
import { OBJECTS_LIMIT } from './record-size.ts';
import type { RecordStatus } from './record.ts';

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

/** The objects that a record is made from, as they were then. */
export type NotedObjects = NonNullable<RecordStatus['objects']>;
export function noteOf({ name, object: { metadata } }: Intent): NotedObjects[number] {
  return { name, uid: metadata.uid ?? '', generation: metadata.generation ?? 0 };
}
