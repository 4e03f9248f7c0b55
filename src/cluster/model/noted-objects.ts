import type { Intent } from './intent.ts';
import { OBJECTS_LIMIT } from './record-size.ts';
import type { RecordStatus } from './record.ts';

/**
 * The record with notes of the objects that it is made from: all of them, or as many as there is room for, oldest first. A stale
 * cache cannot be detected for objects without a note.
 */
export function noteObjects({ objectsNotNoted: _, ...record }: RecordStatus, intents: readonly Intent[]): RecordStatus {
  const noted = new Set<Intent>();
  let bytes = 0;
  for (const intent of intents.toSorted((a, b) => a.createdAt - b.createdAt)) {
    bytes += JSON.stringify(noteOf(intent)).length + 1;
    if (bytes > OBJECTS_LIMIT) break;
    noted.add(intent);
  }
  // An object that changes without a pause keeps the note from when its share of the list was last computed.
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
