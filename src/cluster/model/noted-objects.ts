import { DEFAULT_KIND, intentName, trustsOf, type Intent } from './intent.ts';
import { omit } from './omit.ts';
import { objectsCutFrom, OBJECTS_LIMIT } from './record-size.ts';
import type { RecordStatus } from './record.ts';

/** An object that a record is made from, as it was then. */
export type NotedObject = NonNullable<RecordStatus['objects']>[number];

/**
 * The record with notes of the objects that it is made from: all of them, or as many as there is room for, oldest first. A stale
 * cache cannot be detected for objects without a note. `earlier` are the notes of the record before.
 */
export function noteObjects(
  written: RecordStatus,
  intents: readonly Intent[],
  earlier: readonly NotedObject[] = written.objects ?? [],
): RecordStatus {
  const record = omit(written, ['objectsNotNoted']);
  const before = new Map(earlier.map((note) => [intentNameOf(note), note]));
  const cut = objectsCutFrom(record);
  const notes = new Map<Intent, NotedObject | undefined>();
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
function isNameCut(intent: Intent, cut: ReadonlySet<string>, noted: NotedObject | undefined): boolean {
  const { name, frozen, deletion } = intent;
  const isUnread = trustsOf([intent]).some(({ rows }) => rows.some(({ problem }) => problem));
  const isUnknown = frozen !== undefined || deletion !== undefined || isUnread;
  return cut.has(name) || (isUnknown && noted?.nameCut === true);
}

export function noteOf({ object: { kind, metadata } }: Intent): NotedObject {
  const { namespace = '', name, uid = '', generation = 0 } = metadata;
  return { ...(kind === DEFAULT_KIND ? {} : { kind }), name: `${namespace}/${name}`, uid, generation };
}

/** The name of the intent that a note is of. */
export function intentNameOf({ kind = DEFAULT_KIND, name }: Pick<NotedObject, 'kind' | 'name'>): string {
  const [namespace = '', own = ''] = name.split('/');
  return intentName(kind, namespace, own);
}
