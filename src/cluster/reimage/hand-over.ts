import { ownKey, soleNamespace } from '../model/ways.ts';
import { namespaceOf, type Ways } from '../model/way.ts';
import type { Intent } from '../model/intent.ts';
import type { RecordStatus } from '../model/record.ts';
import { omit } from '../model/omit.ts';
import { forJudge } from './baseline-by-way.ts';
import { withoutNamespaceProof } from './last-applied.ts';

export type NamespaceCount = NonNullable<RecordStatus['namespaceCounts']>[number];

/**
 * The record as the present judge of the nodes may use it. A count over the Secrets of a namespace counts for the cluster only until
 * another namespace names the cluster. From then on it is shown to the objects of its own namespace only.
 */
export function handOver(record: RecordStatus, { judge, namespaces }: Ways, intents: readonly Intent[]): RecordStatus {
  const { operation, namespaceCounts = [], lastApplied } = record;
  const sole = soleNamespace(intents);
  const present = new Set(intents.map(namespaceOf));
  const counts = namespaceCounts.filter(({ namespace }) => namespaces.has(namespace) && present.has(namespace));
  const kept = {
    ...omit(record, ['operation', 'namespaceCounts', 'lastApplied']),
    ...(lastApplied ? { lastApplied: withoutNamespaceProof(lastApplied, sole) } : {}),
    ...(operation
      ? {
          operation: {
            ...forJudge(operation, judge, sole),
            ...(operation.supersedes ? { supersedes: forJudge(operation.supersedes, judge, sole) } : {}),
          },
        }
      : {}),
  };
  const reporter = countingNamespaceOf(record);
  if (reporter === undefined || reporter === sole) return withCounts(kept, counts);
  const own = counts.some(({ namespace }) => namespace === reporter) ? [] : ownCountOf(record, reporter, namespaces);
  return withCounts(
    {
      ...omit(kept, ['nodes', 'nodePools', 'outside', 'estimate', 'countedBy']),
      // The phases of the pools came from that namespace too: they start again from what ARM reports.
      ...(operation ? { nodePools: [] } : {}),
    },
    [...counts, ...own],
  );
}

/** The namespace whose Secrets gave the recorded count of the nodes; undefined where the count came from the operator's access or ARM. */
function countingNamespaceOf({ countedBy = '' }: RecordStatus): string | undefined {
  const [kind, namespace] = countedBy.split('/');
  return kind === 'Namespace' ? namespace : undefined;
}

function ownCountOf(record: RecordStatus, namespace: string, own: Ways['namespaces']): NamespaceCount[] {
  const { nodes, nodePools, operation, lastApplied } = record;
  const wasDone = lastApplied?.proof === 'NodesSeen' && lastApplied.countedBy === ownKey(namespace);
  if (operation || !wasDone || !own.has(namespace) || !nodes) return [];
  return [{ namespace, done: true, nodes, ...(nodePools ? { nodePools } : {}) }];
}

function withCounts(record: RecordStatus, counts: readonly NamespaceCount[]): RecordStatus {
  return counts.length > 0 ? { ...record, namespaceCounts: [...counts] } : record;
}

/** True while a namespace's own count of the last change goes on. */
export function countsOn(record: RecordStatus | undefined): boolean {
  return record?.namespaceCounts?.some(({ done }) => !done) ?? false;
}

/** Namespaces whose own count goes on. */
export function countingOn(record: RecordStatus | undefined): ReadonlySet<string> {
  return new Set(record?.namespaceCounts?.flatMap(({ namespace, done }) => (done ? [] : [ownKey(namespace)])));
}
