/** How long a pass waits for what. All in ms. */
export interface Timing {
  /** After a PUT without an answer, reads only, for this long. */
  readonly lostWrite: number;
  /** Two reads must agree over at least this time before a recorded operation counts as never arrived. */
  readonly agreeingReads: number;
  /** Between two looks at a cluster whose operation runs. */
  readonly poll: number;
  /** From a write that ARM accepted to the first look at what became of it. */
  readonly firstRead: number;
  /** Between two looks at a cluster at rest. */
  readonly drift: number;
  /** First and longest wait for a cluster that somebody else keeps busy. */
  readonly busy: readonly [from: number, to: number];
  /** Between two looks at a cluster in state Failed by somebody else. */
  readonly failed: number;
  /** Between two looks at a stopped cluster. */
  readonly stopped: number;
  /** First and longest wait before a failed operation is resumed, and before a write after others that were not seen in ARM. */
  readonly resume: readonly [from: number, to: number];
  /** Two reads this far apart must find a cluster gone before a deletion stops waiting for it. */
  readonly gone: number;
  /** How long ARM has to say Succeeded over nodes older than the change until they count as left as they are. */
  readonly leftOld: number;
  /** Drift corrections are counted over this time. */
  readonly corrections: number;
  /** How long the eviction of a pod must have been refused before it is said to hold a replacement up. */
  readonly eviction: number;
  /** How long a new node may be not Ready before it is said to hold a replacement up; AKS itself gives up after about as long. */
  readonly notReady: number;
  /** What a node may take besides its drain and soak, and some more, before a roll is said to stand still. */
  readonly standstill: number;
  /** How long a minute of a pool's drain timeout and soak lasts; less than one where the time of a cluster is simulated. */
  readonly poolMinute: number;
  /**
   * How long a change may go without another node replaced, or without another node pool done where nodes are not seen, before it no
   * longer counts among the clusters that change at the same time.
   */
  readonly slot: readonly [counted: number, coarse: number];
  /** The text of a GET older than this is not made into a PUT. */
  readonly freshness: number;
  /** A request for a fresh look counts at most this often for one object. */
  readonly reconcileRequest: number;
  /** ARM is asked for the kubeconfig of a cluster at most this often. */
  readonly kubeconfig: number;
  /** A reason that only a person can end makes an object Stalled after this time: `--stalled-after`. */
  readonly stalledAfter: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const DEFAULT_TIMING: Timing = {
  lostWrite: 60 * SECOND,
  agreeingReads: 10 * SECOND,
  poll: 15 * SECOND,
  firstRead: 2 * SECOND,
  drift: 10 * MINUTE,
  busy: [30 * SECOND, 5 * MINUTE],
  failed: 5 * MINUTE,
  stopped: 10 * MINUTE,
  resume: [MINUTE, 60 * MINUTE],
  gone: 5 * MINUTE,
  leftOld: 5 * MINUTE,
  corrections: 24 * 60 * MINUTE,
  eviction: MINUTE,
  notReady: 10 * MINUTE,
  standstill: 15 * MINUTE,
  poolMinute: MINUTE,
  slot: [15 * MINUTE, 60 * MINUTE],
  freshness: 5 * SECOND,
  reconcileRequest: 30 * SECOND,
  kubeconfig: 3 * MINUTE,
  stalledAfter: 15 * MINUTE,
};

/** Drift corrections that are sent within {@link Timing.corrections}; the next one is not. */
export const CORRECTION_LIMIT = 2;
/** A change that keeps moving is sent at the latest after this many settle times. */
export const SETTLE_LIMIT = 10;
/** Looks in a row that may fail before people are told. */
export const UNREACHABLE_AFTER = 3;
/** Lost writes in a row after which statuses name the error in place of the answers. */
export const LOST_LIMIT = 2;
/** Accepted lists that were not there afterwards; after so many no other one is sent until a person asks for it. */
export const ACCEPTED_LIMIT = 3;
/** Lost races in a row before the next one waits. */
export const CONFLICTS_AT_ONCE = 5;
/** The least pause after an answer that is no success, in ms, also where ARM asks for none. */
export const SHORTEST_WAIT = SECOND;
