import { member, timeOf } from '../../kubernetes/untrusted/untyped.ts';
import { overAccess } from './over-access.ts';
import type { EvidenceReader } from './source.ts';

/** No cluster is older than Kubernetes. */
const OLDEST = Date.UTC(2014, 5, 1);
/** How far the clock of an API server may be ahead, in ms. */
const AHEAD = 24 * 60 * 60_000;

/** When the cluster was created. The age of its nodes does not show it, because every upgrade replaces them. */
export const creationTime: EvidenceReader = {
  members: ['createdAt'],
  noun: 'The age of the cluster',
  async read(reading) {
    const found = await overAccess(reading, {
      noun: 'namespace kube-system',
      right: 'get namespace kube-system',
      source: 'creation of namespace kube-system',
      async read(connection, signal) {
        const namespace = await connection.request({ path: '/api/v1/namespaces/kube-system', signal });
        const at = timeOf(member(member(namespace, 'metadata'), 'creationTimestamp'));
        if (at === undefined || at < OLDEST || at > reading.now() + AHEAD)
          throw new Error('the namespace has no plausible creationTimestamp');
        return at;
      },
    });
    return found ? { createdAt: found } : {};
  },
};
