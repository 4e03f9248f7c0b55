import { type KubernetesObject, objectKey } from './object.ts';

/** Which keys an object is found under in one index. */
export type Indexer<T> = (object: T) => readonly string[];

/** The reading side of a cache. What it returns is shared: to change an object, copy it first. */
export interface ReadableStore<T extends KubernetesObject> {
  get(namespace: string | undefined, name: string): T | undefined;
  /** In no particular order. */
  list(): readonly T[];
  /** @throws Error for an index that was not given at construction */
  byIndex(indexName: string, key: string): readonly T[];
  readonly size: number;
}

/** A cache of all objects of one kind. Only its reflector writes to it. */
export class Store<T extends KubernetesObject> implements ReadableStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Readonly<Record<string, Indexer<T>>>;
  /** Index name → index key → object key → object. */
  readonly #indexes = new Map<string, Map<string, Map<string, T>>>();

  constructor(options: { readonly indexers?: Readonly<Record<string, Indexer<T>>> } = {}) {
    this.#indexers = options.indexers ?? {};
    for (const name of Object.keys(this.#indexers)) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(objectKey(namespace, name));
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  byIndex(indexName: string, key: string): readonly T[] {
    const index = this.#indexes.get(indexName);
    if (index === undefined) throw new Error(`no index ${indexName}`);
    return [...(index.get(key)?.values() ?? [])];
  }

  /** Keeps the object without its managedFields, often the larger half of it, and returns it so. */
  set(object: T): T {
    const metadata = { ...object.metadata };
    delete metadata.managedFields;
    const kept = { ...object, metadata };
    const key = keyOf(kept);
    this.#unindex(key);
    this.#objects.set(key, kept);
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      for (const indexKey of indexer(kept)) {
        const index = this.#indexes.get(name);
        const found = index?.get(indexKey);
        if (found === undefined) index?.set(indexKey, new Map([[key, kept]]));
        else found.set(key, kept);
      }
    }
    return kept;
  }

  delete(object: T): void {
    const key = keyOf(object);
    this.#unindex(key);
    this.#objects.delete(key);
  }

  #unindex(key: string): void {
    const previous = this.#objects.get(key);
    if (previous === undefined) return;
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      const index = this.#indexes.get(name);
      for (const indexKey of indexer(previous)) {
        const found = index?.get(indexKey);
        found?.delete(key);
        if (found?.size === 0) index?.delete(indexKey);
      }
    }
  }
}

function keyOf(object: KubernetesObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}
