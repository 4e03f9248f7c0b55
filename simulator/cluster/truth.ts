import type { NodeKind } from '../nodes/node-registry.ts';
import type { SimulatedNode } from './simulated-node.ts';

/** The real state of a node, independent of all reports about it. */
export interface NodeTruth {
  readonly name: string;
  readonly kind: NodeKind;
  /** Empty for a node of no pool. */
  readonly pool: string;
  readonly osType: 'Linux' | 'Windows';
  /** Such as `Ubuntu`; empty for a virtual node. */
  readonly osSku: string;
  readonly surge: boolean;
  readonly phase: SimulatedNode['phase'];
  /** Empty until the machine is registered. */
  readonly uid: string;
  readonly bootId: string;
  /** The creation time of the Node object where there is an API server, else simulated time; ISO 8601. */
  readonly createdAt: string;
  /** Elements of the list that the machine was made or reimaged with, in order. */
  readonly bornWith: readonly string[];
  /** SHA-256 of the certificates in them, lower-case hex. */
  readonly fingerprints: readonly string[];
  /** Which list it was born on, counted in changes of the list since the cluster was put in. */
  readonly bornOnModel: number;
  readonly kubeletVersion: string;
  /** Which cluster CA signed its kubelet's certificate, counted from 0: the index in SimulatedCluster.authorities(). */
  readonly caGeneration: number;
}
