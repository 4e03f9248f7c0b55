import { KubernetesError } from '../error.ts';

/** A limit for the bytes of all answers that are being read, with the order of those that wait. */
export interface ReadBudget {
  /**
   * Counts one answer, or one stream.
   *
   * @param payer the owner that the bytes count for: payers that hold least go first
   * @param asked the request of the answer, for messages: `GET /api/v1/nodes`
   */
  open(payer: string, asked: string): Meter;
  /** Bytes that are set aside now. */
  readonly held: number;
}

/** The bytes of one answer. */
export interface Meter {
  /**
   * Counts more bytes. Undefined if there is room, else a promise that resolves when there is.
   *
   * @throws KubernetesError `TooLarge` when the answer was aborted, also out of the promise
   */
  grow(bytes: number): Promise<void> | undefined;
  /** Releases the counted bytes, which are no longer held. */
  clear(): void;
  /** The answer has ended. Call it once; a waiting promise is rejected. */
  close(): void;
  /** Called when the answer is aborted while it is read. */
  onGivenUp(giveUp: (error: KubernetesError) => void): void;
}

export interface ReadBudgetOptions {
  /** Bytes of the largest answer that may be read: this many are reserved for each large one. */
  readonly largest: number;
  /** Most large answers at a time. */
  readonly large: number;
  /** Bytes up to which an answer is small. */
  readonly small: number;
  /** Bytes of all small answers together. */
  readonly allSmall: number;
  /** An answer that has been held for this time is aborted while others wait for its room, in ms; default 5 s. */
  readonly patienceMs?: number;
}

type Kind = 'Small' | 'Large';

interface Entry {
  readonly payer: string;
  readonly asked: string;
  /** Bytes that are held. */
  used: number;
  /** The part of them that counts as small. */
  small: number;
  isLarge: boolean;
  /** The time when its first byte was counted, and when it became large, in ms. */
  since: Readonly<Record<Kind, number>>;
  waiting:
    { readonly kind: Kind; readonly bytes: number; grant(): void; refuse(error: KubernetesError): void } | undefined;
  over: KubernetesError | undefined;
  giveUp: (error: KubernetesError) => void;
}

/**
 * Small answers share one limit; each large answer has a reserved room of its own, of which there are a few, so that it can
 * always be read to its end. Answers wait in the order of the bytes that their payers hold: a payer that holds nothing goes
 * first. Slow answers could still hold all of it, so slow ones are aborted while others wait, first those of the payer that holds
 * most.
 */
export function createReadBudget(options: ReadBudgetOptions): ReadBudget {
  const { largest, large, small, allSmall, patienceMs = 5000 } = options;
  const entries = new Set<Entry>();
  let timer: NodeJS.Timeout | undefined;

  const bytesOf = ({ small: bytes, isLarge }: Entry) => bytes + (isLarge ? largest : 0);
  const sum = (of: (entry: Entry) => number) => [...entries].reduce((total, entry) => total + of(entry), 0);
  const heldBy = (payer: string) => sum((entry) => (entry.payer === payer ? bytesOf(entry) : 0));

  function fits(kind: Kind, bytes: number): boolean {
    return kind === 'Large'
      ? sum(({ isLarge }) => Number(isLarge)) < large
      : sum((entry) => entry.small) + bytes <= allSmall;
  }

  function take(entry: Entry, kind: Kind, bytes: number): void {
    if (entry.used === 0) entry.since = { Small: performance.now(), Large: performance.now() };
    if (kind === 'Large') {
      entry.isLarge = true;
      entry.since = { ...entry.since, Large: performance.now() };
    } else entry.small += bytes;
    entry.used += bytes;
  }

  function letGo(entry: Entry): void {
    entries.delete(entry);
    Object.assign(entry, { used: 0, small: 0, isLarge: false });
  }

  function end(entry: Entry, error: KubernetesError): void {
    if (entry.over) return;
    entry.over = error;
    letGo(entry);
    const { waiting } = entry;
    entry.waiting = undefined;
    waiting?.refuse(error);
  }

  /** The matching entry with the lowest number; among equal ones, the one that came first. */
  function least(matches: (entry: Entry) => boolean, by: (entry: Entry) => number): Entry | undefined {
    const matching = [...entries].filter(matches).map((entry) => ({ entry, by: by(entry) }));
    return matching.reduce<(typeof matching)[number] | undefined>(
      (first, one) => (first && first.by <= one.by ? first : one),
      undefined,
    )?.entry;
  }

  function serve(): void {
    clearTimeout(timer);
    const waits = [serveKind('Small'), serveKind('Large')].filter((ms) => ms !== undefined);
    timer = waits.length === 0 ? undefined : setTimeout(serve, Math.max(1, ...waits));
  }

  /** Time until an answer that holds the room of others is overdue, in ms; undefined where no answer waits. */
  function serveKind(kind: Kind): number | undefined {
    for (;;) {
      const next = least(
        ({ waiting }) => waiting?.kind === kind,
        ({ payer }) => heldBy(payer),
      );
      const { waiting } = next ?? {};
      if (!next || !waiting) return undefined;
      if (fits(kind, waiting.bytes)) {
        next.waiting = undefined;
        take(next, kind, waiting.bytes);
        waiting.grant();
      } else if (!relieve(kind)) return untilOverdue(kind);
    }
  }

  const holds = (kind: Kind) => (entry: Entry) => (kind === 'Large' ? entry.isLarge : entry.small > 0);

  /** Aborts one slow answer. False where there is none. */
  function relieve(kind: Kind): boolean {
    const overdue = performance.now() - patienceMs;
    const late = least(
      (entry) => holds(kind)(entry) && entry.since[kind] <= overdue,
      (entry) => -heldBy(entry.payer) - entry.used / largest,
    );
    if (!late) return false;
    const came = `${(late.used / 2 ** 20).toFixed(1)} MiB of it had arrived`;
    const seconds = ((performance.now() - late.since.Small) / 1000).toFixed(0);
    const message = `${late.asked}: the answer is large and slow, and was given up so that others can be read: ${came} in ${seconds} seconds`;
    const error = new KubernetesError(0, 'TooLarge', message);
    end(late, error);
    late.giveUp(error);
    return true;
  }

  function untilOverdue(kind: Kind): number {
    const oldest = least(holds(kind), ({ since }) => since[kind]);
    return (oldest?.since[kind] ?? performance.now()) + patienceMs - performance.now();
  }

  return {
    open(payer, asked) {
      const entry: Entry = {
        ...{ payer, asked, used: 0, small: 0, isLarge: false, since: { Small: 0, Large: 0 } },
        ...{ waiting: undefined, over: undefined, giveUp: () => {} },
      };
      return {
        grow(bytes) {
          if (entry.over) throw entry.over;
          if (bytes === 0) return undefined;
          if (entry.isLarge) {
            entry.used += bytes;
            return undefined;
          }
          const kind = entry.used + bytes <= small ? 'Small' : 'Large';
          entries.add(entry);
          if (timer === undefined && fits(kind, bytes)) return void take(entry, kind, bytes);
          return new Promise((grant, refuse) => {
            entry.waiting = { kind, bytes, grant, refuse };
            serve();
          });
        },
        clear() {
          if (entry.used === 0) return;
          letGo(entry);
          if (timer !== undefined) serve();
        },
        close() {
          end(entry, new KubernetesError(0, 'TooLarge', `${asked}: the answer is not read any more`));
          if (timer !== undefined) serve();
        },
        onGivenUp: (giveUp) => void (entry.giveUp = giveUp),
      };
    },
    get held() {
      return sum(bytesOf);
    },
  };
}
