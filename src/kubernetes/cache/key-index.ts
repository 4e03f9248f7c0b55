/**
 * Values by key, any number of each. Most keys of a large index have one value, which is then kept without a set around it:
 * a set of one takes 200 bytes.
 */
export class KeyIndex<V extends object> {
  readonly #places = new Map<string, V | Set<V>>();

  add(key: string, value: V): void {
    const there = this.#places.get(key);
    if (there === undefined) this.#places.set(key, value);
    else if (there instanceof Set) there.add(value);
    else if (there !== value) this.#places.set(key, new Set([there, value]));
  }

  delete(key: string, value: V): void {
    const there = this.#places.get(key);
    if (there === value) this.#places.delete(key);
    if (!(there instanceof Set)) return;
    there.delete(value);
    if (there.size === 0) this.#places.delete(key);
  }

  /** In the order in which they were added. */
  get(key: string): readonly V[] {
    const there = this.#places.get(key);
    if (there === undefined) return [];
    return there instanceof Set ? [...there] : [there];
  }

  /** All keys that have a value. */
  keys(): IterableIterator<string> {
    return this.#places.keys();
  }
}
