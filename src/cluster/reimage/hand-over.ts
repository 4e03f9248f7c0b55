import { ownKey, soleNamespace } from '../model/ways.ts';
import { namespaceOf, type Ways } from '../model/way.ts';
import type { Intent } from '../model/intent.ts';
import type { RecordStatus } from '../model/record.ts';
import { forJudge } from './baseline-by-way.ts';

export type NamespaceCount = NonNullable<RecordStatus['namespaceCounts']>[number];
type RecordedCondition = NonNullable<RecordStatus['conditions']>[number];

export const REPORTED_BY_ARM = {
  status: 'True',
  reason: 'ReportedByARM',
  message: 'ARM reports Succeeded; the nodes themselves were not read',
} as const;

/**
 * The record as the present judge of the nodes may use it. A count over the Secrets of a namespace counts for the cluster only until
 * another namespace names the cluster. From then on it is shown to the objects of its own namespace only.
 */
export function handOver(record: RecordStatus, { judge, namespaces }: Ways, intents: readonly Intent[]): RecordStatus {
  const { operation, namespaceCounts = [], ...rest } = record;
  const sole = soleNamespace(intents);
  const present = new Set(intents.map(namespaceOf));
  const counts = namespaceCounts.filter(({ namespace }) => namespaces.has(namespace) && present.has(namespace));
  const kept = {
    ...rest,
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
  const { nodes: _, nodePools: __, outside: ___, estimate: ____, countedBy: _____, ...forgotten } = kept;
  return withCounts(
    {
      ...forgotten,
      // The phases of the pools came from that namespace too: they start again from what ARM reports.
      ...(operation ? { nodePools: [] } : {}),
      ...(record.conditions ? { conditions: record.conditions.map(withoutNamespaceReport) } : {}),
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
  const { nodes, nodePools, operation, conditions } = record;
  const wasDone = conditions?.some(({ type, reason }) => type === 'NodesReimaged' && reason === 'Reimaged');
  if (operation || !wasDone || !own.has(namespace) || !nodes) return [];
  return [{ namespace, done: true, nodes, ...(nodePools ? { nodePools } : {}) }];
}

/** The condition without what the namespace's count has shown. A completed change stays completed, because ARM reported it too. */
function withoutNamespaceReport(condition: RecordedCondition): RecordedCondition {
  if (condition.type !== 'NodesReimaged') return condition;
  if (condition.status === 'True')
    return condition.reason === 'Reimaged' ? { ...condition, ...REPORTED_BY_ARM } : condition;
  return { ...condition, status: 'Unknown', reason: 'NodesUnreadable', message: 'The nodes are being counted again.' };
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
