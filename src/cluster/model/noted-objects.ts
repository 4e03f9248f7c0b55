import type { Intent } from './intent.ts';
import { objectsCutFrom, OBJECTS_LIMIT } from './record-size.ts';
import { omit } from './omit.ts';
import type { RecordStatus } from './record.ts';

/**
 * The record with notes of the objects that it is made from: all of them, or as many as there is room for, oldest first. A stale
 * cache cannot be detected for objects without a note. `earlier` are the notes of the record before.
 */
export function noteObjects(
  written: RecordStatus,
  intents: readonly Intent[],
  earlier: NotedObjects = written.objects ?? [],
): RecordStatus {
  const record = omit(written, ['objectsNotNoted']);
  const before = new Map(earlier.map((note) => [note.name, note]));
  const cut = objectsCutFrom(record);
  const notes = new Map<Intent, NotedObjects[number] | undefined>();
  let bytes = 0;
  for (const intent of intents.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const noted = before.get(intent.name);
    const note = { ...noteOf(intent), ...(isNameCut(intent, cut, noted) ? { nameCut: true } : {}) };
    bytes += JSON.stringify(note).length + 1;
    if (bytes > OBJECTS_LIMIT) break;
    // An object that changes without a pause keeps the note from when its share of the list was last computed.
    notes.set(intent, intent.frozen === 'Restless' ? noted : note);
  }
  const objects = intents.flatMap((intent) => notes.get(intent) ?? []);
  const left = intents.length - notes.size;
  return { ...record, objects, ...(left > 0 ? { objectsNotNoted: left } : {}) };
}

/** A frozen or partly unreadable object keeps its names from the record, where those that were cut are missing: its note knows of them. */
function isNameCut(
  { name, frozen, deletion, rows }: Intent,
  cut: ReadonlySet<string>,
  noted: NotedObjects[number] | undefined,
): boolean {
  const isUnknown = frozen !== undefined || deletion !== undefined || rows.some(({ problem }) => problem);
  return cut.has(name) || (isUnknown && noted?.nameCut === true);
}

/** The objects that a record is made from, as they were then. */
export type NotedObjects = NonNullable<RecordStatus['objects']>;
export function noteOf({ name, object: { metadata } }: Intent): NotedObjects[number] {
  return { name, uid: metadata.uid ?? '', generation: metadata.generation ?? 0 };
}
