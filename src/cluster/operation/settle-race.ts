import type { Decision } from '../model/decision.ts';
import type { Intent } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import { intentNameOf } from '../model/noted-objects.ts';
import { objectOf } from '../model/record.ts';
import { namespaceOf } from '../model/way.ts';

/**
 * The objects, by namespace/name, whose edits restart the settling of a change while objects of other namespaces wait in it. Edits
 * may restart settling, but a tenant who edits without a pause would keep the others waiting ten times as long. New objects do not
 * count, because the objects of an installation arrive one after another.
 */
export function restartedSettling({ record, intents }: Observation, { record: next, outlook }: Decision): string[] {
  const { hold, view } = outlook;
  const [before, after] = [record?.status?.pending, next?.pending];
  if (hold?.reason !== 'Settling' || !view || !before || !after || before.digest === after.digest) return [];
  const noted = new Map(record?.status?.objects?.map((note) => [intentNameOf(note), note]));
  const edited = intents.filter(({ name, frozen, object: { metadata } }) => {
    const note = noted.get(name);
    return frozen !== 'Restless' && note && (note.uid !== metadata.uid || note.generation !== metadata.generation);
  });
  const restless = new Set(edited.map(({ name }) => name));
  const { adds, removes } = view.merge;
  const changing = new Set([...adds, ...removes].flatMap(({ namedBy = [] }) => namedBy.map(objectOf)));
  const waiting = intents.filter(({ name }) => changing.has(name) && !restless.has(name));
  const keepsWaiting = (one: Intent) => waiting.some((other) => namespaceOf(other) !== namespaceOf(one));
  return edited.filter(keepsWaiting).map(({ name }) => name);
}
