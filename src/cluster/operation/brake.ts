/** A change's request for a slot. */
export interface Wish {
  /** True for an early resumption of an operation that has begun: it goes before new changes. */
  readonly first: boolean;
  /** The time since which the change waits, in ms. The oldest goes first. */
  readonly since: number;
  /** True for a change of a sort that only one cluster at a time may have, whatever the limit is. */
  readonly alone?: boolean;
  /**
   * True for a change that no person has asked for. Among those of its sort it comes last, and it waits while another cluster's has not
   * come to a good end.
   */
  readonly automatic?: boolean;
}

/** The position of a change that has to wait. */
export interface Turn {
  /** Clusters that may change at the same time. */
  readonly limit: number;
  /** Clusters that are changing now. */
  readonly changing: number;
  /** Changes of other clusters that go before this one. */
  readonly ahead: number;
  /** The longest time until the change asks again, in ms. A free slot wakes it earlier. */
  readonly afterMs: number;
  /** True where another cluster has the one change of its sort, or has it next. */
  readonly alone?: boolean;
  /** Where such changes of other clusters have failed or hang, and a person has to act: the first of those clusters, by key. */
  readonly troubled?: readonly string[];
}

/** A cluster's slot and place in the queue, as its record has them. */
export interface QueueState {
  /** The time until which its operation counts as running, in ms; undefined where it has none. */
  readonly holdsUntil?: number | undefined;
  /** The time since which its change waits for others, in ms; undefined where it does not. */
  readonly waitsSince?: number | undefined;
  /** True while its operation is of a sort that only one cluster at a time may have. */
  readonly alone?: boolean;
  /** The time from which such an operation counts as failed or hanging, in ms; undefined where there is none. */
  readonly troubledFrom?: number | undefined;
  /** The time from which that holds no other cluster any more, in ms; undefined: it has no end. */
  readonly troubledUntil?: number | undefined;
}

/**
 * Limits how many clusters change at the same time. A slot is taken before a change is recorded. From then on the record counts,
 * so that a restarted process or another leader finds the same clusters changing. A slot that is not given back expires.
 */
export interface Brake {
  /** Notes the present record of a cluster, written by this or another process; empty where there is none. */
  note(key: string, state: QueueState): void;
  /** Begins a reconcile of a cluster. */
  begin(key: string): BrakePass;
  counts(): { readonly changing: number; readonly waiting: number };
}

export interface BrakePass {
  /** Takes a slot synchronously. @returns undefined where the cluster has a slot now, and else its position */
  take(wish: Wish): Turn | undefined;
  /** Notes the record that the reconcile has written. */
  written(state: QueueState): void;
  /** Ends the reconcile. A change that did not ask for a slot during the reconcile does not wait for one. */
  end(): void;
}

export interface BrakeOptions {
  /** Clusters that may change at the same time; 0: any number. */
  readonly limit: number;
  readonly now: () => number;
  /** Requests a reconcile of a cluster whose turn has come. */
  readonly wake: (key: string) => void;
  /** The time after which a change far back in the queue asks again, in ms. Its cluster is read each time. */
  readonly askAgainMs: number;
}

/** The time that a change has to take its slot when its turn has come, in ms. The next one may take it after that. */
const CALL_MS = 60_000;

/** The shortest time until a waiting change asks again, in ms. */
const SHORTEST_MS = 1000;

/** Clusters that are named as the cause of a wait. */
const MOST_NAMED = 10;

interface Waiting extends Wish {
  readonly key: string;
  /** The time at which its turn came, in ms. */
  readonly calledAt?: number;
}

export function createBrake({ limit, now, wake, askAgainMs }: BrakeOptions): Brake {
  /** The slots in the records: the time until which each counts, in ms, by cluster. */
  const holders = new Map<string, number>();
  /** The clusters whose reconciles are sending now. */
  const reserved = new Set<string>();
  const waiting = new Map<string, Waiting>();
  /** The clusters whose operation is of the sort that only one at a time may have. */
  const alone = new Set<string>();
  /** Clusters that wait to be that one, and when each asked last, in ms. */
  const aloneQueue = new Map<string, Pick<Wish, 'since' | 'automatic'> & { readonly askedAt: number }>();
  /** The clusters with such an operation, and the time in which it counts as failed or hanging, in ms. */
  const troubles = new Map<string, { readonly from: number; readonly until: number }>();
  /** Records that the watch brought while a reconcile over the cluster was sending. */
  const missed = new Map<string, QueueState>();

  function changing(): string[] {
    const time = now();
    const held = [...holders].flatMap(([key, until]) => (until > time && !reserved.has(key) ? [key] : []));
    return [...reserved, ...held];
  }

  /** The position of a cluster among those that wait to be the one; undefined where it is its turn. */
  function turnAlone(key: string, { since, automatic = false }: Wish): Turn | undefined {
    const time = now();
    const [own, others] = [
      alone.has(key) && (holders.get(key) ?? 0) > time,
      changing().filter((other) => alone.has(other)),
    ];
    if (own) return undefined;
    // A cluster that has not asked for long may be unable to.
    for (const [other, { askedAt }] of aloneQueue)
      if (time - askedAt > askAgainMs + 2 * CALL_MS) aloneQueue.delete(other);
    const troubled = [...troubles].flatMap(([other, { from, until }]) =>
      other !== key && from <= time && time < until ? [other] : [],
    );
    if (automatic && troubled.length > 0) {
      aloneQueue.delete(key);
      const named = troubled.sort().slice(0, MOST_NAMED);
      return { limit: 1, changing: others.length, ahead: 0, afterMs: askAgainMs, alone: true, troubled: named };
    }
    aloneQueue.set(key, { since, automatic, askedAt: time });
    const ahead = [...aloneQueue].filter(
      ([other, one]) => other !== key && isBefore({ ...one, key: other }, { key, since, automatic }),
    ).length;
    if (others.length + ahead === 0) return undefined;
    // Each time, all that a rotation is checked by is read: only the next one asks often.
    const afterMs = ahead === 0 ? Math.min(askAgainMs, CALL_MS) : askAgainMs;
    return { limit: 1, changing: others.length, ahead, afterMs, alone: true };
  }

  function queue(): Waiting[] {
    return [...waiting.values()].sort(
      (a, b) => Number(b.first) - Number(a.first) || a.since - b.since || (a.key < b.key ? -1 : 1),
    );
  }

  /**
   * Wakes the clusters whose turn it is, except `present`. A cluster that does not come in time leaves the queue: it may be unable to come.
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

  /** The time until a slot expires, or until a called cluster has not come in time, in ms: for the front of the queue. */
  function nextChance(others: readonly string[]): number {
    const ends = others.flatMap((other) => holders.get(other) ?? []).map((until) => until - now());
    return Math.max(SHORTEST_MS, Math.min(askAgainMs, CALL_MS, ...ends.filter((left) => left > 0)));
  }

  function note(key: string, state: QueueState): void {
    const { holdsUntil, waitsSince, alone: isAlone, troubledFrom, troubledUntil = Infinity } = state;
    if (troubledFrom === undefined) troubles.delete(key);
    else troubles.set(key, { from: troubledFrom, until: troubledUntil });
    if (isAlone) alone.add(key);
    else alone.delete(key);
    if (holdsUntil === undefined) holders.delete(key);
    else holders.set(key, holdsUntil);
    if (waitsSince === undefined) waiting.delete(key);
    else if (!waiting.has(key)) waiting.set(key, { key, first: false, since: waitsSince });
    if (limit > 0) call();
  }

  return {
    note(key, state) {
      // The reconcile is about to write a newer record.
      if (reserved.has(key)) missed.set(key, state);
      else note(key, state);
    },
    begin(key) {
      let asked = false;
      let isWritten = false;
      const reserve = (wish: Wish) => {
        reserved.add(key);
        aloneQueue.delete(key);
        if (wish.alone) alone.add(key);
        else alone.delete(key);
      };
      return {
        take(wish) {
          asked = true;
          const turn = wish.alone ? turnAlone(key, wish) : undefined;
          if (turn) {
            waiting.delete(key);
            return turn;
          }
          if (limit === 0) {
            waiting.delete(key);
            reserve(wish);
            return undefined;
          }
          const others = changing().filter((other) => other !== key);
          waiting.set(key, { ...waiting.get(key), key, ...wish });
          call(key);
          const order = queue();
          const ahead = order.findIndex((entry) => entry.key === key);
          const own = (holders.get(key) ?? 0) > now();
          if (own || others.length + ahead < limit) {
            waiting.delete(key);
            reserve(wish);
            return undefined;
          }
          return { limit, changing: others.length, ahead, afterMs: ahead < limit ? nextChance(others) : askAgainMs };
        },
        written(state) {
          isWritten = true;
          reserved.delete(key);
          missed.delete(key);
          note(key, asked ? state : { ...state, waitsSince: undefined });
        },
        end() {
          // The reconcile failed after it took a slot and before its record was written: the watch will bring the present record.
          if (reserved.delete(key) && !isWritten) {
            holders.set(key, Math.max(holders.get(key) ?? 0, missed.get(key)?.holdsUntil ?? 0, now() + CALL_MS));
            missed.delete(key);
          }
          if (!asked) {
            waiting.delete(key);
            aloneQueue.delete(key);
          }
          if (limit > 0) call();
        },
      };
    },
    counts: () => ({ changing: changing().length, waiting: waiting.size }),
  };
}

type Place = Pick<Wish, 'since' | 'automatic'> & { readonly key: string };

/** Of the changes of which only one cluster at a time may have one, those that a person has asked for go first, then the oldest. */
function isBefore(one: Place, other: Place): boolean {
  const [isAutomatic, isOtherAutomatic] = [one.automatic ?? false, other.automatic ?? false];
  if (isAutomatic !== isOtherAutomatic) return isOtherAutomatic;
  return one.since < other.since || (one.since === other.since && one.key < other.key);
}
