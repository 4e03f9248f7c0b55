import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Words } from '../words.ts';

/** The parts of the resource provider that all clusters share. */
export interface Provider {
  readonly clock: Clock;
  readonly random: Random;
  readonly words: Words;
  /** Real milliseconds since 1970. */
  readonly realNow: () => number;
  /** Simulated seconds in which one node is made or replaced. */
  readonly nodeSeconds: number;
  /** Simulated seconds an operation takes for itself. */
  readonly overheadSeconds: number;
  /** Simulated seconds that AKS waits for a node to be ready. */
  readonly readyTimeoutSeconds: number;
  /** The fate of surge nodes when an operation fails or is canceled: AKS leaves them for the next one. */
  readonly surgeAfterFailure: 'kept' | 'removed';
}
