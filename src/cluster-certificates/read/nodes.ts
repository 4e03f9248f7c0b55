import { listCollection, type Collection } from '../../kubernetes/untrusted/collection.ts';
import { readMetadata } from '../../kubernetes/untrusted/metadata.ts';
import { createTableReader, TABLE } from '../../kubernetes/untrusted/table.ts';
import type { NodeFacts } from '../evidence.ts';
import { overAccess } from './over-access.ts';
import type { EvidenceReader } from './source.ts';

/** AKS allows 5,000 nodes to a cluster (learn.microsoft.com/azure/aks/quotas-skus-regions). */
const NODE_LIMIT = 10_000;

const NODES: Collection<NodeFacts> = {
  path: '/api/v1/nodes',
  ...TABLE,
  noun: 'nodes',
  limit: NODE_LIMIT,
  reader() {
    const rowsOf = createTableReader(['Status']);
    return function* (body) {
      for (const { cells, metadata } of rowsOf(body)) {
        const { name, createdAt, label } = readMetadata(metadata);
        const [status] = cells;
        const states = typeof status === 'string' ? status.slice(0, 1024).split(',') : [];
        yield {
          name,
          value: {
            name,
            pool: label('kubernetes.azure.com/agentpool') ?? label('agentpool') ?? '',
            createdAt,
            ready: states.includes('Ready'),
            servingSignedByCluster: label('kubernetes.azure.com/kubelet-serving-ca') === 'cluster',
          },
        };
      }
    };
  },
};

/** The Node objects. */
export const nodes: EvidenceReader = {
  members: ['nodes'],
  noun: 'The nodes',
  async read(reading) {
    const found = await overAccess(reading, {
      noun: 'the nodes',
      right: 'list nodes',
      source: 'Node objects',
      async read(connection, signal) {
        const { objects } = await listCollection(connection, NODES, signal);
        return [...objects.values()];
      },
    });
    return found ? { nodes: found } : {};
  },
};
