/** Bounds of a {@link ContentCache}; sizes are in bytes, as estimated by who puts something in. */
export interface CacheBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Remembers what was used most recently, within bounds. */
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

  /** Makes room by forgetting; what is larger than all the room is not kept. */
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
