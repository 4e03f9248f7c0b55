/** Acting on what it has would undo what was asked for since; the watch brings the rest, or the next list does. */
export class StaleCacheError extends Error {
  constructor(object: string) {
    super(`the cache is behind: it does not have ${object} as it is`);
    this.name = 'StaleCacheError';
  }
}
