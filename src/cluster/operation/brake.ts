/** A change that asks for a slot. */
export interface Wish {
  /** A first resumption of an operation that was begun already: it goes before new changes. */
  readonly first: boolean;
  /** Since when it waits, in ms. The oldest goes first. */
  readonly since: number;
}

/** Why a change has to wait. */
export interface Turn {
  /** Clusters that may change at the same time. */
  readonly limit: number;
  /** Clusters that are changing now. */
  readonly changing: number;
  /** Changes of other clusters that go before this one. */
  readonly ahead: number;
  /** When to ask again at the latest, in ms. A slot that becomes free is announced at once. */
  readonly afterMs: number;
}

/** What the record says of a cluster's part in the brake. */
export interface QueueState {
  /** Until when its operation counts as a change that goes on, in ms; undefined where it has none. */
  readonly holdsUntil?: number | undefined;
  /** Since when its change waits for others, in ms; undefined where it does not. */
  readonly waitsSince?: number | undefined;
}

/**
 * Lets only so many clusters change at the same time. A slot is taken before a change is recorded. From then on the record is the
 * truth, so that a restart or another leader finds the same clusters changing. A slot that is not given back ends by its time.
 */
export interface Brake {
  /** Notes the record of a cluster as it is now, written by this or another process; empty where there is none. */
  note(key: string, state: QueueState): void;
  /** Begins a pass over a cluster. */
  begin(key: string): BrakePass;
  counts(): { readonly changing: number; readonly waiting: number };
}

export interface BrakePass {
  /** Takes a slot in this very step; undefined: taken. A cluster that has one keeps it. */
  take(wish: Wish): Turn | undefined;
  /** The record as the pass has written it. */
  written(state: QueueState): void;
  /** The pass is over. A change that did not ask for a slot in it does not wait for one. */
  end(): void;
}

export interface BrakeOptions {
  /** Clusters that may change at the same time; 0: any number. */
  readonly limit: number;
  readonly now: () => number;
  /** Asks for a pass over a cluster whose turn has come. */
  readonly wake: (key: string) => void;
  /** After this time a change far back in the queue asks again, in ms: each time its cluster is read. */
  readonly askAgainMs: number;
}

/** A change whose turn has come has this long to take its slot, in ms; then the next one may. */
const CALL_MS = 60_000;

/** The shortest time until a waiting change asks again, in ms. */
const SHORTEST_MS = 1000;

interface Waiting extends Wish {
  readonly key: string;
  /** When its turn came. */
  readonly calledAt?: number;
}

export function createBrake({ limit, now, wake, askAgainMs }: BrakeOptions): Brake {
  /** Slots by the records: until when each counts. */
  const holders = new Map<string, number>();
  /** Slots of passes that are in the middle of sending. */
  const reserved = new Set<string>();
  const waiting = new Map<string, Waiting>();
  /** What the watch brought of a record in the middle of a pass that sends. */
  const missed = new Map<string, QueueState>();

  function changing(): string[] {
    const time = now();
    const held = [...holders].flatMap(([key, until]) => (until > time && !reserved.has(key) ? [key] : []));
    return [...reserved, ...held];
  }

  function queue(): Waiting[] {
    return [...waiting.values()].sort(
      (a, b) => Number(b.first) - Number(a.first) || a.since - b.since || (a.key < b.key ? -1 : 1),
    );
  }

  /**
   * Wakes those whose turn it is, but for `present`. One that does not come in time leaves the queue, because it may be unable to.
   */
  function call(present?: string): void {
    let free = limit - changing().length;
    for (const { calledAt, ...entry } of queue()) {
      const { key } = entry;
      if (free <= 0) {
        waiting.set(key, entry);
      } else if (calledAt !== undefined && now() - calledAt > CALL_MS && key !== present) {
        waiting.delete(key);
        continue;
      } else if (calledAt === undefined && key !== present) {
        waiting.set(key, { ...entry, calledAt: now() });
        wake(key);
      }
      free -= 1;
    }
  }

  /** For those at the front of the queue: when a slot ends by its time, or one that was called has not come. */
  function nextChance(others: readonly string[]): number {
    const ends = others.flatMap((other) => holders.get(other) ?? []).map((until) => until - now());
    return Math.max(SHORTEST_MS, Math.min(askAgainMs, CALL_MS, ...ends.filter((left) => left > 0)));
  }

  function note(key: string, { holdsUntil, waitsSince }: QueueState): void {
    if (holdsUntil === undefined) holders.delete(key);
    else holders.set(key, holdsUntil);
    if (waitsSince === undefined) waiting.delete(key);
    else if (!waiting.has(key)) waiting.set(key, { key, first: false, since: waitsSince });
    if (limit > 0) call();
  }

  return {
    note(key, state) {
      // What a pass is about to write is newer.
      if (reserved.has(key)) missed.set(key, state);
      else note(key, state);
    },
    begin(key) {
      let asked = false;
      let isWritten = false;
      return {
        take(wish) {
          asked = true;
          const others = changing().filter((other) => other !== key);
          waiting.set(key, { ...waiting.get(key), key, ...wish });
          if (limit > 0) call(key);
          const order = queue();
          const ahead = order.findIndex((entry) => entry.key === key);
          const own = (holders.get(key) ?? 0) > now();
          if (limit === 0 || own || others.length + ahead < limit) {
            waiting.delete(key);
            reserved.add(key);
            return undefined;
          }
          return { limit, changing: others.length, ahead, afterMs: ahead < limit ? nextChance(others) : askAgainMs };
        },
        written(state) {
          isWritten = true;
          reserved.delete(key);
          missed.delete(key);
          note(key, asked ? state : { holdsUntil: state.holdsUntil });
        },
        end() {
          // The pass failed between taking a slot and what it wrote: the watch will bring what is in the record.
          if (reserved.delete(key) && !isWritten) {
            holders.set(key, Math.max(holders.get(key) ?? 0, missed.get(key)?.holdsUntil ?? 0, now() + CALL_MS));
            missed.delete(key);
          }
          if (!asked) waiting.delete(key);
          if (limit > 0) call();
        },
      };
    },
    counts: () => ({ changing: changing().length, waiting: waiting.size }),
  };
}
