import type { Census } from './replica.ts';

/** One list, from right before its request to its end. */
export interface Listing {
  /** Drops the objects that have arrived: all of them are sent again. */
  restart(): void;
  /** The list is complete. */
  complete(): void;
  /** The list failed, unless it is complete. */
  abandon(): void;
  isOpen(): boolean;
}

/** The lists of one collection, and the callers that wait for the next one. */
export interface Listings {
  /** Call it right before the request. */
  begin(): Listing;
  /** Resolves when a list that has not begun yet is complete. */
  next(): Promise<void>;
  /** Whether a caller waits for a list that has not begun yet. */
  areAwaited(): boolean;
}

export function createListings(census: () => Census, onComplete: () => void): Listings {
  let waiting: (() => void)[] = [];

  return {
    begin() {
      const asked = waiting;
      waiting = [];
      let open = true;
      let counted = census();
      return {
        restart() {
          counted.abandon();
          counted = census();
        },
        complete() {
          if (!open) return;
          open = false;
          counted.end();
          onComplete();
          for (const resolve of asked) resolve();
        },
        abandon() {
          if (!open) return;
          open = false;
          counted.abandon();
          waiting = [...asked, ...waiting];
        },
        isOpen: () => open,
      };
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
    areAwaited: () => waiting.length > 0,
  };
}
