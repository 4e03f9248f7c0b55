import type { PoolModel } from '../../azure/cluster-model.ts';
import type { NodesObservation } from '../model/observation.ts';
import type { NodePoolStatus } from '../model/record.ts';
import type { Timing } from '../model/timing.ts';
import type { Member } from './node-state.ts';
import type { Baseline } from './baseline.ts';

/** Something that keeps nodes of a pool from being replaced. */
export interface Blocker {
  readonly pool: string;
  readonly kind: NonNullable<NodePoolStatus['blockedReason']>;
  /** What, and by whom; the same for as long as it is the same. */
  readonly by: string;
  /** What a person can do about it. */
  readonly mend: string;
  /** Since when, in ms of the target's clock, as far as that can be told now. */
  readonly since: number;
}
export type ReadNodes = Extract<NodesObservation, { kind: 'Read' }>;

/** How long what must last before it counts. */
export type Patience = Pick<Timing, 'eviction' | 'notReady' | 'standstill' | 'poolMinute'>;

/** One pool and what is known of it. */
export interface PoolInput {
  readonly pool: PoolModel;
  readonly members: readonly Member[];
  readonly nodes: ReadNodes;
  readonly since: Baseline;
  readonly running: boolean;
  readonly before: NodePoolStatus | undefined;
  readonly patience: Patience;
}
