import { deepFreeze } from './freeze.ts';
import { KeyIndex } from './key-index.ts';
import { type KubernetesObject, objectKey } from '../object.ts';
import { createPacker, type Packed, type Packer, type Packing } from './packing.ts';

/** Which keys an object is found under in one index. */
export type Indexer<T> = (object: T) => readonly string[];

/** The fields of an object that are known without unpacking it. */
export interface Known<T> {
  /** The key of {@link objectKey}. */
  readonly key: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** The object at the time of the call or before, also when the store has replaced or dropped it since. */
  read(): T;
}

/** The reading side of a cache. What it returns is shared: to change an object, copy it first. */
export interface ReadableStore<T extends KubernetesObject> {
  get(namespace: string | undefined, name: string): T | undefined;
  /** Same as {@link versions}, for one object. */
  known(namespace: string | undefined, name: string): Known<T> | undefined;
  /** One after the other: of a packed store, no more than one is unpacked at a time. In no particular order. */
  objects(): Iterable<T>;
  /** @throws Error for an index that was not given at construction */
  byIndex(indexName: string, key: string): readonly T[];
  /** The keys under which one index has something; as {@link byIndex}. */
  indexKeys(indexName: string): Iterable<string>;
  /** Versions of all objects, for which none is unpacked. */
  versions(): Iterable<Known<T>>;
  readonly size: number;
}

export interface StoreOptions<T> {
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
  /** Given, only objects that were read lately, and newer versions of them, are kept as they are, and all others packed. */
  readonly pack?: Packing<T>;
  /** How many are kept as they are: those that were used last; default 256. */
  readonly hot?: number;
  /** Makes objects unchangeable, so that a caller that changes one fails; default: in tests (`NODE_ENV`). */
  readonly freeze?: boolean;
}

/** A cache of all objects of one kind. Only its reflector writes to it. */
export class Store<T extends KubernetesObject> implements ReadableStore<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #indexers: readonly (readonly [name: string, indexer: Indexer<T>])[];
  readonly #indexes = new Map<string, KeyIndex<Entry<T>>>();
  readonly #packer: Packer<T> | undefined;
  /** Those that are as they are, the one not used for longest first; nothing without packing. */
  readonly #hot = new Set<Entry<T>>();
  readonly #maxHot: number;
  readonly #freeze: boolean;

  constructor(options: StoreOptions<T> = {}) {
    this.#indexers = Object.entries(options.indexers ?? {});
    for (const [name] of this.#indexers) this.#indexes.set(name, new KeyIndex());
    this.#packer = options.pack && createPacker(options.pack);
    this.#maxHot = Math.max(1, options.hot ?? 256);
    this.#freeze = options.freeze ?? process.env['NODE_ENV'] === 'test';
  }

  get size(): number {
    return this.#entries.size;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    const entry = this.#entries.get(objectKey(namespace, name));
    return entry && this.#use(entry);
  }

  known(namespace: string | undefined, name: string): Known<T> | undefined {
    return this.#entries.get(objectKey(namespace, name));
  }

  *objects(): Generator<T, void> {
    for (const entry of this.#entries.values()) yield entry.read();
  }

  byIndex(indexName: string, key: string): readonly T[] {
    return this.#index(indexName)
      .get(key)
      .map((entry) => this.#use(entry));
  }

  indexKeys(indexName: string): IterableIterator<string> {
    return this.#index(indexName).keys();
  }

  versions(): IterableIterator<Known<T>> {
    return this.#entries.values();
  }

  /** Keeps and returns the object without the members that only its writers need, often the larger half. */
  set(object: T): T {
    const kept = withoutBulk(object);
    if (this.#freeze) deepFreeze(kept);
    const entry = new Entry(kept, this.#indexers, this.#packer, this.#freeze);
    const previous = this.#entries.get(entry.key);
    const inUse = previous !== undefined && this.#hot.has(previous);
    if (previous !== undefined) this.#letGo(previous);
    this.#entries.set(entry.key, entry);
    for (const [index, indexKey] of entry.places) this.#index(index).add(indexKey, entry);
    // Packed while it is young: of ten thousand objects of a list, none then lives long enough to become a burden.
    if (inUse) this.#use(entry);
    else entry.cool();
    return kept;
  }

  delete(object: T): void {
    const key = objectKey(object.metadata.namespace, object.metadata.name);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#letGo(entry);
  }

  #index(name: string): KeyIndex<Entry<T>> {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`no index ${name}`);
    return index;
  }

  #use(entry: Entry<T>): T {
    const object = entry.warm();
    if (!this.#packer) return object;
    this.#hot.delete(entry);
    this.#hot.add(entry);
    if (this.#hot.size > this.#maxHot) {
      const [oldest] = this.#hot;
      if (oldest) this.#hot.delete(oldest);
      oldest?.cool();
    }
    return object;
  }

  /** Releases everything about a version but its position. */
  #letGo(entry: Entry<T>): void {
    for (const [index, indexKey] of entry.places) this.#index(index).delete(indexKey, entry);
    this.#hot.delete(entry);
    entry.release();
  }
}

/** One version of one object, as it is or packed, and the fields that the store needs without unpacking. */
class Entry<T extends KubernetesObject> implements Known<T> {
  readonly key: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** Its index keys, computed once: a packed object cannot be asked again. */
  readonly places: readonly (readonly [index: string, key: string])[];
  readonly #packer: Packer<T> | undefined;
  readonly #freeze: boolean;
  #object: T | undefined;
  #packed: Packed | undefined;

  constructor(
    object: T,
    indexers: readonly (readonly [string, Indexer<T>])[],
    packer: Packer<T> | undefined,
    freeze: boolean,
  ) {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    this.key = objectKey(namespace, name);
    this.uid = uid;
    this.resourceVersion = resourceVersion;
    this.places = indexers.flatMap(([index, indexer]) => indexer(object).map((key) => [index, key] as const));
    this.#object = object;
    this.#packer = packer;
    this.#freeze = freeze;
  }

  read(): T {
    if (this.#object !== undefined) return this.#object;
    if (this.#packed === undefined || this.#packer === undefined)
      throw new Error(`${this.key} is neither kept nor packed`);
    const object = this.#packer.unpack(this.#packed);
    return this.#freeze ? deepFreeze(object) : object;
  }

  /** Reads it, and has it at hand from now on. */
  warm(): T {
    return (this.#object ??= this.read());
  }

  /** Packs it, unless it is packed from before it was warm. */
  cool(): void {
    if (this.#packer === undefined || this.#object === undefined) return;
    this.#packed ??= this.#packer.pack(this.#object);
    this.#object = undefined;
  }

  /** The store does not keep it any more. */
  release(): void {
    if (this.#packed) this.#packer?.release(this.#packed);
  }
}

/** The annotation of `kubectl apply`: a second copy of the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutBulk<T extends KubernetesObject>(object: T): T {
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  if (metadata.annotations?.[LAST_APPLIED] !== undefined) {
    const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations;
    metadata.annotations = annotations;
  }
  return { ...object, metadata };
}
