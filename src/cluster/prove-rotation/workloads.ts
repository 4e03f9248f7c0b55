import type { Connection } from '../../kubernetes/client/connection.ts';
import { listCollection, type Collection } from '../../kubernetes/untrusted/collection.ts';
import { createTableReader, TABLE } from '../../kubernetes/untrusted/table.ts';
import { isDnsLabel, isDnsName, textAt, timeOf } from '../../kubernetes/untrusted/untyped.ts';
import type { IncompleteWorkload } from '../kinds/rotate-certificates/verification.ts';

/** Most objects of a kind; a longer list counts as not read. */
const MOST = 20_000;
/** Most workloads that are kept. With more, a comparison shows nothing. */
const MOST_INCOMPLETE = 1000;

type IsComplete = (cells: readonly unknown[]) => boolean;

/** The columns that `kubectl get` prints: whole objects are many times as large. */
const KINDS: readonly Collection<IncompleteWorkload>[] = [
  workloads('Deployment', 'deployments', ['Ready'], isReady),
  workloads('StatefulSet', 'statefulsets', ['Ready'], isReady),
  workloads(
    'DaemonSet',
    'daemonsets',
    ['Desired', 'Available'],
    ([desired, available]) => !(Number(available) < Number(desired)),
  ),
];

/**
 * The Deployments, StatefulSets and DaemonSets of which not all pods are available.
 *
 * @throws Error with a fault, as the end of a sentence, and what `request` throws
 */
export async function incompleteWorkloads(
  connection: Pick<Connection, 'request'>,
  signal: AbortSignal,
): Promise<readonly IncompleteWorkload[]> {
  let kept = 0;
  const lists = await Promise.all(
    KINDS.map((kind) =>
      listCollection(connection, kind, signal, undefined, (count) => {
        kept += count;
        if (kept > MOST_INCOMPLETE) throw new Error(`more than ${MOST_INCOMPLETE} of them are not available`);
      }),
    ),
  );
  return lists.flatMap(({ objects }) => [...objects.values()]);
}

function workloads(
  kind: string,
  plural: string,
  columns: readonly string[],
  isComplete: IsComplete,
): Collection<IncompleteWorkload> {
  return {
    path: `/apis/apps/v1/${plural}`,
    ...TABLE,
    noun: plural,
    limit: MOST,
    reader() {
      const rowsOf = createTableReader(columns);
      return function* (body) {
        for (const { cells, metadata } of rowsOf(body)) {
          const [namespace = '', own = ''] = [textAt(metadata, 'namespace'), textAt(metadata, 'name')];
          const createdAt = timeOf(textAt(metadata, 'creationTimestamp'));
          if (!isDnsLabel(namespace) || !isDnsName(own) || createdAt === undefined)
            throw new Error(`one of the ${plural} has no name or date as Kubernetes writes them`);
          const name = `${kind} ${namespace}/${own}`;
          yield { name, value: isComplete(cells) ? undefined : { name, createdAt } };
        }
      };
    },
  };
}

const READY = /^(\d{1,9})\/(\d{1,9})$/;

/** `2/3`: two of three pods are ready. */
function isReady([cell]: readonly unknown[]): boolean {
  const [, ready, wanted] = (typeof cell === 'string' ? READY.exec(cell) : null) ?? [];
  return !(Number(ready) < Number(wanted));
}
