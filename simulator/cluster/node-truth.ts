import { certificatesIn } from './certificate-list.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { NodeTruth } from './truth.ts';

export function truthOf(node: SimulatedNode): NodeTruth {
  const {
    name,
    kind,
    pool,
    osType,
    osSku,
    surge,
    phase,
    uid,
    bootId,
    createdAt,
    bornWith,
    kubeletVersion,
    caGeneration,
  } = node;
  return {
    name,
    kind,
    pool,
    osType,
    osSku,
    surge,
    phase,
    uid,
    bootId,
    createdAt,
    bornWith,
    fingerprints: bornWith.flatMap(certificatesIn),
    bornOnModel: node.listGeneration,
    kubeletVersion,
    caGeneration,
  };
}
