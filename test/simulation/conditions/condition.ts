import type { Aks } from '../aks.ts';
import type { Fleet } from '../fleet.ts';
import type { Random } from '../random.ts';
import type { Script } from '../script.ts';
import type { World } from '../world.ts';

const MINUTE = 60_000;

/** What a condition acts upon. */
export interface Stage {
  readonly world: World;
  readonly random: Random;
  readonly fleet: Fleet;
  /** The cluster that it is about. */
  readonly aks: Aks;
  /** Calls again and again, until the condition ends. */
  readonly every: (ms: () => number, act: () => void) => void;
}

/** One thing that goes wrong and does not stop. */
export interface Condition {
  readonly name: string;
  /**
   * Whose objects end as they would without it, and hardly later: all, all but those of {@link TENANT}, those of other clusters,
   * or none, where the whole subscription has to be left alone.
   */
  readonly spares: 'Everybody' | 'OtherObjects' | 'OtherClusters' | 'Nobody';
  /** Begins it, and returns what ends it. */
  readonly begin: (stage: Stage) => () => void;
  /** What the status of the victim, or of the tenant's object, says of it; absent: nothing that people need to know. */
  readonly says?: Saying;
  /** How much longer a change of those who are spared may take, in ms; default: a minute. */
  readonly slack?: (script: Script) => number;
  /** True where it may begin before there is an object. */
  readonly early?: true;
  /** Clusters of the history, the first of which it is about; default: two. */
  readonly clusters?: number;
  /** The object whose status cannot be written. */
  readonly silences?: string;
  /** The limits where they are others than {@link COSTS}. */
  readonly costs?: Partial<Costs>;
  /** True where wall clocks are off, or nodes lie: what is counted by them may then be wrong. */
  readonly deceives?: true;
}

export interface Saying {
  /** namespace/name. */
  readonly object: string;
  readonly reasons: readonly string[];
  /** Some of what came, as it came; default: anything. */
  readonly words?: RegExp;
  /** How long it may take from the moment that a write is due, in ms. */
  readonly within?: number;
}

/** The most that a condition may cost, of one cluster and between two edits of its objects. */
export interface Costs {
  /** Writes to ARM in the first hour: after 1, 2, 4, 8, 16 and 32 minutes. */
  readonly firstPuts: number;
  readonly putsAnHour: number;
  readonly firstReads: number;
  readonly readsAnHour: number;
  readonly firstRecordWrites: number;
  readonly recordWritesAnHour: number;
  readonly firstStatusWrites: number;
  readonly statusWritesAnHour: number;
  readonly firstEvents: number;
  readonly eventsAnHour: number;
}

export const COSTS: Costs = {
  firstPuts: 8,
  putsAnHour: 1.1,
  firstReads: 100,
  // A cluster that others left Failed is asked every five minutes, and so is the status of our operation.
  readsAnHour: 26,
  firstRecordWrites: 40,
  // A lost write is noted before and after it, when it is not seen twice, and when it is given up.
  recordWritesAnHour: 6,
  firstStatusWrites: 30,
  statusWritesAnHour: 3.2,
  firstEvents: 12,
  eventsAnHour: 2,
};

/** Default of {@link Saying.within}: three lost writes and the looks between them, or a look at rest. */
export const PROMPT = 12 * MINUTE;

export const nothing = (): void => {};
