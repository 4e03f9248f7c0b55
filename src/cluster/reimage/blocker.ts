import type { PoolModel } from '../../azure/cluster-model.ts';
import type { NodesObservation } from '../model/observation.ts';
import type { NodePoolStatus } from '../model/record.ts';
import type { Timing } from '../model/timing.ts';
import type { Member } from './node-state.ts';
import type { Baseline } from './baseline.ts';

/** A cause that keeps nodes of a pool from being replaced. */
export interface Blocker {
  readonly pool: string;
  readonly kind: NonNullable<NodePoolStatus['blockedReason']>;
  /** The cause, with the objects that it names. The text changes only with the cause. */
  readonly by: string;
  /** How a person can remove the cause: a sentence. */
  readonly fix: string;
  /** Since when, in ms of the target's clock, as far as it is known now. */
  readonly since: number;
}
export type ReadNodes = Extract<NodesObservation, { kind: 'Read' }>;

/** How long each cause must last before it counts as a blocker. */
export type Patience = Pick<Timing, 'eviction' | 'notReady' | 'standstill' | 'poolMinute'>;

/** One pool with its nodes and its last recorded status. */
export interface PoolInput {
  readonly pool: PoolModel;
  readonly members: readonly Member[];
  readonly nodes: ReadNodes;
  readonly baseline: Baseline;
  readonly running: boolean;
  readonly recorded: NodePoolStatus | undefined;
  readonly patience: Patience;
}
