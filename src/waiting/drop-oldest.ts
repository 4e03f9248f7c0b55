/** Forgets the entries that were set first, until a memory of earlier attempts has no more than `most`. */
export function dropOldest<Key>(entries: Map<Key, unknown>, most: number): void {
  for (const oldest of entries.keys()) {
    if (entries.size <= most) return;
    entries.delete(oldest);
  }
}
