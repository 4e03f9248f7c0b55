import type { Aks } from './aks.ts';
import type { ApiServer } from './api-server.ts';
import type { Lasting } from './lasting.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import type { Rotations } from './rotations.ts';
import type { Scheduler } from './scheduler.ts';
import type { Subject } from './subject.ts';
import type { Weather } from './weather.ts';

/** What something did that no process of ours may do. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Everything of one history. */
export interface World {
  readonly seed: number;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly api: ApiServer;
  readonly aks: readonly Aks[];
  readonly ledger: Ledger;
  readonly subject: Subject;
  /** False: nobody hears of events. */
  readonly recordsEvents: boolean;
  /** As the flag; 0: no limit. */
  readonly maxChangingClusters: number;
  /** True where processes keep to the documented budgets of ARM and have ten workers, as they do by default. */
  readonly budgets?: boolean;
  /** Absent where no cluster's own certificates are rotated. */
  readonly rotations?: Rotations;
  weather: Weather;
  /** What a condition that lasts makes of requests; undefined while there is none. */
  lasting: Lasting | undefined;
  /** Called for every request that reaches ARM or the API server, and for every event; `about` is a cluster or an object. */
  count(what: Counted, about: string, text?: string): void;
  /**
   * True where two processes work at a time and no lease is asked: only the versions of the record, and ARM's eTag, are between
   * them. Their caches then come late, and in order.
   */
  readonly unfenced: boolean;
  /** True where a wall clock was stepped: what is counted by it may then be off. */
  clockStepped: boolean;
  /** When something last changed in the API server or in a cluster. */
  changedAt: number;
  /** The first thing that went against a rule. */
  violation: Violation | undefined;
  /** Told of what happens, for traces and digests of them. */
  note(text: string): void;
  /** Something that actions may wait for. */
  signal(what: Moment): void;
}

/** Events that have a cost. */
export type Counted =
  'Put' | 'Post' | 'Get' | 'List' | 'RecordWrite' | 'ObjectWrite' | 'StatusWrite' | 'Event' | 'NodeList';

/** Moments that a script can wait for, because races begin there. */
export type Moment = 'PutSent' | 'PutLanded' | 'RecordWritten' | 'FinaliserWritten' | 'OperationEnded';

export function violate(world: World, rule: string): void {
  world.note(`VIOLATION ${rule}`);
  world.violation ??= new Violation(rule);
}
