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
  message: 'ARM says Succeeded; the nodes themselves were not looked at',
} as const;

/**
 * The record as the present judge of the nodes may use it. What the Secrets of a namespace have shown stops to count for the
 * cluster as soon as another namespace names it: from then on it is shown to the objects of its own namespace only.
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
            ...(operation.replaces ? { replaces: forJudge(operation.replaces, judge, sole) } : {}),
          },
        }
      : {}),
  };
  const teller = tellerOf(record);
  if (teller === undefined || teller === sole) return withCounts(kept, counts);
  const own = counts.some(({ namespace }) => namespace === teller) ? [] : ownCountOf(record, teller, namespaces);
  const { nodes: _, nodePools: __, outside: ___, estimate: ____, countedBy: _____, ...forgotten } = kept;
  return withCounts(
    {
      ...forgotten,
      // The phases of the pools came from that namespace too: they start again from what ARM says.
      ...(operation ? { nodePools: [] } : {}),
      ...(record.conditions ? { conditions: record.conditions.map(withoutItsWord) } : {}),
    },
    [...counts, ...own],
  );
}

/** The namespace whose Secrets have shown what the record says of the nodes; undefined where it was the operator or ARM. */
function tellerOf({ countedBy = '' }: RecordStatus): string | undefined {
  const [kind, namespace] = countedBy.split('/');
  return kind === 'Namespace' ? namespace : undefined;
}

function ownCountOf(record: RecordStatus, namespace: string, own: Ways['namespaces']): NamespaceCount[] {
  const { nodes, nodePools, operation, conditions } = record;
  const wasDone = conditions?.some(({ type, reason }) => type === 'NodesReimaged' && reason === 'Reimaged');
  if (operation || !wasDone || !own.has(namespace) || !nodes) return [];
  return [{ namespace, done: true, nodes, ...(nodePools ? { nodePools } : {}) }];
}

/** What ARM has said stands: without it, nothing would have been called done. */
function withoutItsWord(condition: RecordedCondition): RecordedCondition {
  if (condition.type !== 'NodesReimaged') return condition;
  if (condition.status === 'True')
    return condition.reason === 'Reimaged' ? { ...condition, ...REPORTED_BY_ARM } : condition;
  return { ...condition, status: 'Unknown', reason: 'NodesUnreadable', message: 'The nodes are counted anew.' };
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
