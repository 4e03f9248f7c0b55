/** The cache is behind. Deciding by it would undo later requests; the watch or the next list brings the newer state. */
export class StaleCacheError extends Error {
  constructor(object: string) {
    super(`The cache is behind: it does not have the present version of ${object}`);
    this.name = 'StaleCacheError';
  }
}
