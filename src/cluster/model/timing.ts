/** Intervals and limits of passes, in ms. */
export interface Timing {
  /** After a PUT without an answer, the cluster is only read for this long. */
  readonly lostWrite: number;
  /** Two reads must agree over at least this time before a recorded operation counts as never arrived. */
  readonly agreeingReads: number;
  /** Between two reads of a cluster whose operation runs. */
  readonly poll: number;
  /** From a write that ARM accepted to the first read of its outcome. */
  readonly firstRead: number;
  /** Between two reads of an idle cluster. */
  readonly drift: number;
  /** First and longest wait for a cluster that another client keeps busy. */
  readonly busy: readonly [from: number, to: number];
  /** Between two reads of a cluster that is Failed after another client's operation. */
  readonly failed: number;
  /** Between two reads of a stopped cluster. */
  readonly stopped: number;
  /** First and longest wait before a failed operation is resumed, and before a write after others that were not seen in ARM. */
  readonly resume: readonly [from: number, to: number];
  /** Two reads this far apart must find a cluster gone before a deletion stops waiting for it. */
  readonly gone: number;
  /** How long ARM has to report Succeeded before nodes older than the change count as not going to be replaced. */
  readonly leftOld: number;
  /** Drift corrections are counted over this time. */
  readonly corrections: number;
  /** How long the eviction of a pod must have been refused before it is reported as a blocker. */
  readonly eviction: number;
  /** How long a new node may be not Ready before it is reported as a blocker. AKS itself gives up after about this time. */
  readonly notReady: number;
  /** How long a node may take beyond its drain and soak, with a margin, before the replacement is reported as stalled. */
  readonly standstill: number;
  /** Length of one minute of a pool's drain timeout and soak. It is shorter in a simulated cluster. */
  readonly poolMinute: number;
  /**
   * How long a change keeps its slot without progress: without another replaced node, or, when nodes are not counted, without another
   * finished node pool.
   */
  readonly slot: readonly [counted: number, coarse: number];
  /** A GET older than this is not used to make a PUT. */
  readonly freshness: number;
  /** The shortest time between two reconcile requests of one object that count. */
  readonly reconcileRequest: number;
  /** After so long without a word, a watch of an API server is dead, whatever its connection says. */
  readonly watchSilence: number;
  /** The shortest time between two requests to ARM for the kubeconfig of a cluster. */
  readonly kubeconfig: number;
  /** Between two reads of a cluster's own certificates: with access to its API server, where some evidence is kept for an hour only, and without. */
  readonly certificates: readonly [withAccess: number, without: number];
  /** The shortest time between two searches for what holds a cluster's CA. */
  readonly consumers: number;
  /** A rotation of the cluster's own certificates. */
  readonly rotation: {
    /** A rotation that ARM does not show within this time may never have arrived … */
    readonly arrives: number;
    /** … which a second read this much later has to confirm. */
    readonly agreeing: number;
    /** The waits before each further attempt of one that failed. */
    readonly retries: readonly number[];
    /** After the first of these a running rotation counts as slow, after the second as hanging. AKS names 30 minutes. */
    readonly hangs: readonly [slow: number, hanging: number];
    /** After one, the old credentials are tried this often … */
    readonly proofEvery: number;
    /** … and count as rejected after five rejections in a row over this time: replicas of the API server may be out of step. */
    readonly proofOver: number;
    /** The length of a day in `every`, `beforeExpiry` and `notice`. It is shorter for a simulated cluster. */
    readonly day: number;
  };
  /** Time after which an obstacle that only a person can remove makes an object Stalled: `--stalled-after`. */
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
  watchSilence: 90 * SECOND,
  kubeconfig: 3 * MINUTE,
  certificates: [45 * MINUTE, 6 * 60 * MINUTE],
  consumers: 5 * MINUTE,
  rotation: {
    arrives: 5 * MINUTE,
    agreeing: MINUTE,
    retries: [5 * MINUTE, 15 * MINUTE, 45 * MINUTE],
    hangs: [45 * MINUTE, 90 * MINUTE],
    proofEvery: 15 * SECOND,
    proofOver: MINUTE,
    day: 24 * 60 * MINUTE,
  },
  stalledAfter: 15 * MINUTE,
};

/** The most drift corrections within {@link Timing.corrections}. */
export const CORRECTION_LIMIT = 2;
/** A change that keeps moving is sent at the latest after this many settle times. */
export const SETTLE_LIMIT = 10;
/** Failed reads in a row before the failure is reported. */
export const UNREACHABLE_AFTER = 3;
/** Lost writes in a row after which statuses show the error. */
export const LOST_LIMIT = 2;
/** Accepted lists that never appeared in ARM. After this many, a person has to ask for the next attempt. */
export const ACCEPTED_LIMIT = 3;
/** Lost races in a row before the next one waits. */
export const CONFLICTS_AT_ONCE = 5;
/** The shortest pause after an unsuccessful answer, in ms, even when ARM asks for none. */
export const SHORTEST_WAIT = SECOND;
