import type { NodeIdentity } from '../nodes/node-registry.ts';

export interface SimulatedNode extends NodeIdentity {
  readonly index: number;
  /** Made to hold pods while others are replaced. */
  readonly surge: boolean;
  readonly phase:
    'Starting' | 'Ready' | 'NotReady' | 'Cordoned' | 'Quarantined' | 'Deallocated' | 'Attached' | 'Reimaging';
  /** Empty until it is registered. */
  readonly uid: string;
  readonly createdAt: string;
  /** The elements of the list it was born with; Windows nodes have none. */
  readonly bornWith: readonly string[];
  readonly listGeneration: number;
  /** Which cluster CA signed its kubelet's certificate, counted from 0. */
  readonly caGeneration: number;
}
