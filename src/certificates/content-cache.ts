/** Bounds of a {@link ContentCache}; sizes are in bytes, as estimated by the caller that adds an entry. */
export interface CacheBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Keeps the most recently used entries, within bounds. */
export class ContentCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #bounds: CacheBounds;
  #bytes = 0;

  constructor(bounds: CacheBounds) {
    this.#bounds = bounds;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // A Map lists its keys in the order of insertion: the first is the one unused for longest.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Makes room by dropping old entries; an entry larger than the whole cache is not kept. */
  set(key: string, value: Value, bytes: number): void {
    this.#forget(key);
    if (bytes > this.#bounds.maxBytes) return;
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#bounds.maxEntries && this.#bytes <= this.#bounds.maxBytes) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
