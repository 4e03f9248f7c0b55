/** Shorter texts cost less than their entry in the pool. V8 itself shares the keys of JSON, and texts of up to ten characters. */
const SHORTEST = 20;
/** The characters of all texts of one generation. */
const GENERATION = 2 ** 21;

/** Texts that are kept once, for one store or several. */
export interface SharedTexts {
  /** An equal text from before, where there is one. */
  text(text: string): string;
  /** Replaces the longer texts of an object, in place, by equal ones. A frozen part stays as it is. */
  replaceIn(object: object): void;
}

/**
 * Keeps a text once, however many objects have it: certificates, names of authorities, messages of conditions. Such texts are
 * most of the memory of a fleet's objects, which then take a third of it
 * (docs/adr/0028-texts-are-shared-and-objects-are-not-packed.md).
 *
 * A generation of texts is dropped when the next one is full, except for texts that came again. So a pool of limited size keeps
 * the texts that many objects have.
 */
export function createSharedTexts(): SharedTexts {
  let young = new Map<string, string>();
  let old: ReadonlyMap<string, string> = new Map();
  let characters = 0;

  function shared(text: string): string {
    const known = young.get(text);
    if (known !== undefined) return known;
    const first = old.get(text) ?? text;
    young.set(first, first);
    characters += first.length;
    if (characters > GENERATION) {
      old = young;
      young = new Map();
      characters = 0;
    }
    return first;
  }

  function replaceIn(object: object): void {
    if (Object.isFrozen(object)) return;
    const members = object as Record<string, unknown>;
    for (const key in members) {
      const value = members[key];
      if (typeof value === 'string') {
        if (value.length >= SHORTEST) members[key] = shared(value);
      } else if (typeof value === 'object' && value !== null) replaceIn(value);
    }
  }

  return { text: shared, replaceIn };
}
