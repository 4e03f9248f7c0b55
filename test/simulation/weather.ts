import type { Random } from './random.ts';

/** How likely what goes wrong is, while a history is disturbed. Probabilities are of one call unless they say otherwise. */
export interface Weather {
  readonly api: { readonly lost: number; readonly refused: number; readonly slow: number };
  readonly watch: {
    /** Longest delay of an event, in ms. */
    readonly lag: number;
    /** The same, of an object of a list that is streamed. */
    readonly listLag: number;
    readonly duplicate: number;
    /** Of an event: the watch breaks, or goes silent, behind it. */
    readonly cut: number;
    readonly silent: number;
  };
  readonly arm: {
    readonly lost: number;
    readonly refused: number;
    readonly throttled: number;
    readonly slow: number;
    readonly stale: number;
    readonly nonsense: number;
  };
  readonly put: {
    /** No answer: nothing arrived, it arrived, or it arrives up to a minute later. */
    readonly never: number;
    readonly unanswered: number;
    readonly late: number;
    /** It arrives after more than a minute. */
    readonly veryLate: number;
    readonly refused: number;
    /** Somebody else writes between our GET and our PUT. */
    readonly overtaken: number;
    /** Of an operation of ours that ends: somebody else's begins at once, and fails. */
    readonly followed: number;
  };
  readonly nodes: { readonly unreadable: number };
  /** Of a call to anything: the process dies right before or right after it. */
  readonly crash: number;
  /** Of a call: the process is frozen for a minute or so. */
  readonly freeze: number;
}

export const CALM: Weather = {
  api: { lost: 0, refused: 0, slow: 0 },
  watch: { lag: 50, listLag: 50, duplicate: 0, cut: 0, silent: 0 },
  arm: { lost: 0, refused: 0, throttled: 0, slow: 0, stale: 0, nonsense: 0 },
  put: { never: 0, unanswered: 0, late: 0, veryLate: 0, refused: 0, overtaken: 0, followed: 0 },
  nodes: { unreadable: 0 },
  crash: 0,
  freeze: 0,
};

/** Each history has some faults and not others, and those it has, often: what hides behind one fault shows without it. */
export function drawWeather(random: Random): Weather {
  // What a write that comes late does shows only to reads that are late, too.
  const late = random.chance(0.3) ? random.between(0.2, 0.7) : 0;
  const some = (share: number, strongest: number) => (random.chance(share) ? random.between(0, strongest) : 0);
  return {
    api: { lost: some(0.3, 0.12), refused: some(0.3, 0.1), slow: some(0.3, 0.2) },
    watch: {
      lag: random.pick([100, 100, 2000, 15_000, 60_000]),
      listLag: random.pick([100, 2000, 10_000]),
      duplicate: some(0.3, 0.3),
      cut: some(0.3, 0.2),
      silent: some(0.25, 0.3),
    },
    arm: {
      lost: some(0.25, 0.2),
      refused: some(0.2, 0.15),
      throttled: some(0.2, 0.1),
      slow: some(0.3, 0.2),
      stale: some(late > 0 ? 0.8 : 0.3, 0.7),
      nonsense: some(0.15, 0.1),
    },
    put: {
      never: some(0.25, 0.4),
      unanswered: some(0.25, 0.4),
      late,
      veryLate: some(0.1, 0.3),
      refused: some(0.2, 0.3),
      overtaken: some(0.3, 0.4),
      followed: some(0.3, 0.6),
    },
    nodes: { unreadable: some(0.15, 0.2) },
    crash: some(0.4, 0.04),
    freeze: some(0.2, 0.02),
  };
}
