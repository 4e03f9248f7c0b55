import { deepFreeze } from './freeze.ts';
import { KeyIndex } from './key-index.ts';
import { type KubernetesObject, objectKey } from '../object.ts';
import type { SharedTexts } from './shared-texts.ts';

/** The keys of an object in one index. The same object always gives the same keys. */
export type Indexer<T> = (object: T) => readonly string[];

/** The reading side of a cache. Its objects are shared: to change an object, copy it first. */
export interface ReadableStore<T extends KubernetesObject> {
  get(namespace: string | undefined, name: string): T | undefined;
  /** In no particular order. */
  objects(): Iterable<T>;
  /** @throws Error for an index that the constructor did not get */
  byIndex(indexName: string, key: string): readonly T[];
  /** The keys of one index that have an object; as {@link byIndex}. */
  indexKeys(indexName: string): Iterable<string>;
  readonly size: number;
}

export interface StoreOptions<T> {
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
  /** If given, texts of new objects are replaced by equal texts of other objects. Stores may share one pool. */
  readonly texts?: SharedTexts;
  /** Makes objects unchangeable, so that a caller that changes one fails; default: in tests (`NODE_ENV`). */
  readonly freeze?: boolean;
}

/** A cache of all objects of one kind. Only its reflector writes to it. */
export class Store<T extends KubernetesObject> implements ReadableStore<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: readonly (readonly [name: string, indexer: Indexer<T>])[];
  readonly #indexes = new Map<string, KeyIndex<T>>();
  readonly #texts: SharedTexts | undefined;
  readonly #freeze: boolean;

  constructor(options: StoreOptions<T> = {}) {
    this.#indexers = Object.entries(options.indexers ?? {});
    for (const [name] of this.#indexers) this.#indexes.set(name, new KeyIndex());
    this.#texts = options.texts;
    this.#freeze = options.freeze ?? process.env['NODE_ENV'] === 'test';
  }

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(objectKey(namespace, name));
  }

  objects(): IterableIterator<T> {
    return this.#objects.values();
  }

  byIndex(indexName: string, key: string): readonly T[] {
    return this.#index(indexName).get(key);
  }

  indexKeys(indexName: string): IterableIterator<string> {
    return this.#index(indexName).keys();
  }

  /**
   * Keeps and returns the object without the members that only its writers need, often the larger half. Takes over the members that
   * it keeps.
   */
  set(object: T): T {
    const kept = withoutBulk(object);
    this.#texts?.replaceIn(kept);
    if (this.#freeze) deepFreeze(kept);
    const { namespace, name } = object.metadata;
    this.#unindex(this.get(namespace, name));
    this.#objects.set(objectKey(namespace, name), kept);
    this.#eachPlace(kept, (index, key) => index.add(key, kept));
    return kept;
  }

  delete({ metadata: { namespace, name } }: T): void {
    this.#unindex(this.get(namespace, name));
    this.#objects.delete(objectKey(namespace, name));
  }

  #unindex(object: T | undefined): void {
    if (object) this.#eachPlace(object, (index, key) => index.delete(key, object));
  }

  #eachPlace(object: T, visit: (index: KeyIndex<T>, key: string) => void): void {
    for (const [name, indexer] of this.#indexers) for (const key of indexer(object)) visit(this.#index(name), key);
  }

  #index(name: string): KeyIndex<T> {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`no index ${name}`);
    return index;
  }
}

/** The annotation of `kubectl apply`: a second copy of the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutBulk<T extends KubernetesObject>(object: T): T {
  // Not `delete`: V8 then keeps the members in a hash table of several times the size.
  const { managedFields: _, ...metadata } = object.metadata;
  if (metadata.annotations?.[LAST_APPLIED] !== undefined) {
    const { [LAST_APPLIED]: _copy, ...annotations } = metadata.annotations;
    metadata.annotations = annotations;
  }
  return { ...object, metadata };
}
