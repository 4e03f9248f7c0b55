import type { Connection } from '../../kubernetes/client/connection.ts';
import { listCollection, type Collection } from '../../kubernetes/untrusted/collection.ts';
import { isDnsLabel, isDnsName, listAt, member, textAt } from '../../kubernetes/untrusted/untyped.ts';
import type { Found, NodesObservation } from '../model/observation.ts';
import { isRightMissing } from './access-errors.ts';

type ReadNodes = Extract<NodesObservation, { kind: 'Read' }>;

/** Most objects of a list; a longer one counts as not read. */
const MOST = 20_000;
/** The most names that are kept. */
const FIRST = 4;

/** PersistentVolumes on disks of nodes. One that no claim has ever had keeps no data. */
const VOLUMES: Collection<string> = {
  path: '/api/v1/persistentvolumes',
  query: {},
  accept: 'application/json',
  noun: 'PersistentVolumes',
  limit: MOST,
  reader: () => (body) =>
    listAt(body, 'items').map((item) => {
      const name = textAt(member(item, 'metadata'), 'name') ?? '';
      const spec = member(item, 'spec');
      const isLocal = member(spec, 'hostPath') !== undefined || member(spec, 'local') !== undefined;
      const isUsed = textAt(member(item, 'status'), 'phase') !== 'Available';
      return { name, value: isLocal && isUsed && isDnsName(name) ? name : undefined };
    }),
};

/** StatefulSets whose pods have no claims, and keep something on disks of nodes. */
const SETS: Collection<string> = {
  path: '/apis/apps/v1/statefulsets',
  query: {},
  accept: 'application/json',
  noun: 'StatefulSets',
  limit: MOST,
  reader: () => (body) =>
    listAt(body, 'items').map((item) => {
      const metadata = member(item, 'metadata');
      const [namespace, own] = [textAt(metadata, 'namespace') ?? '', textAt(metadata, 'name') ?? ''];
      const spec = member(item, 'spec');
      const volumes = listAt(member(member(spec, 'template'), 'spec'), 'volumes');
      const isLocal =
        member(spec, 'replicas') !== 0 &&
        listAt(spec, 'volumeClaimTemplates').length === 0 &&
        volumes.some((volume) => isOnDisk(member(volume, 'emptyDir')));
      const name = `${namespace}/${own}`;
      return { name, value: isLocal && isDnsLabel(namespace) && isDnsName(own) ? name : undefined };
    }),
};

/** An emptyDir of memory is empty after every restart of its pod's node anyway. */
function isOnDisk(emptyDir: unknown): boolean {
  return emptyDir !== undefined && emptyDir !== null && textAt(emptyDir, 'medium') !== 'Memory';
}

/**
 * What is kept on disks of nodes. A member is `Forbidden` where the right to its list is missing, and absent where it cannot be
 * read otherwise.
 *
 * @throws the signal's reason, and nothing else
 */
export async function readLocalData(
  connection: Connection,
  signal: AbortSignal,
): Promise<Pick<ReadNodes, 'localVolumes' | 'localSets'>> {
  const [localVolumes, localSets] = await Promise.all([find(VOLUMES), find(SETS)]);
  return { ...(localVolumes ? { localVolumes } : {}), ...(localSets ? { localSets } : {}) };

  async function find(collection: Collection<string>): Promise<Found | 'Forbidden' | undefined> {
    try {
      const { objects } = await listCollection(connection, collection, signal);
      return { count: objects.size, first: [...objects.keys()].sort().slice(0, FIRST) };
    } catch (error) {
      signal.throwIfAborted();
      return isRightMissing(error) ? 'Forbidden' : undefined;
    }
  }
}
