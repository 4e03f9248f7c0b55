import type { ClusterModel } from '../../azure/cluster-model.ts';
import type { CountedNodes, NodesObservation } from '../model/observation.ts';
import type { RecordedOperation } from '../model/record.ts';
import type { Ways, Judge } from '../model/way.ts';
import { ownKey } from '../model/ways.ts';
import { countedFrom } from './baseline.ts';
import { omit } from '../model/omit.ts';

/** The nodes as one way showed them right before an operation was sent. */
export type WayBaseline = NonNullable<RecordedOperation['otherBaselines']>[number];

/** An operation, or the unfinished one that it replaces. */
type Counted = Pick<RecordedOperation, 'baseline' | 'countedAt' | 'countedNodes' | 'countedBy' | 'otherBaselines'>;

/** Bytes of node names that a baseline may add to the record. The API server accepts objects of at most 1.5 MB. */
const MOST_NAMES = 256 * 1024;

/** The same limit for a namespace's own way: its server must leave room for the other namespaces. */
const MOST_OWN_NAMES = 32 * 1024;

/** The schema's limit for the names of one pool. */
const LONGEST_NAMES = 65_536;

/** The operation with a baseline of each way that showed the nodes. `now` counts where an API server does not report its time. */
export function withBaselines(
  operation: RecordedOperation,
  { judge }: Pick<Ways, 'judge'>,
  { nodes, own }: CountedNodes,
  { pools }: Pick<ClusterModel, 'pools'>,
  now: number,
): RecordedOperation {
  const names = new Set(pools.map(({ name }) => name));
  const from = (countedBy: string, seen: NodesObservation, most: number): WayBaseline[] => {
    if (seen.kind !== 'Read') return [];
    const counted = countedFrom(
      seen.nodes.filter(({ pool, kind }) => kind !== 'Pool' || names.has(pool)),
      seen.serverTime ?? now,
    );
    const { countedNodes, ...rest } = counted;
    const fits =
      countedNodes.every((one) => one.names.length <= LONGEST_NAMES) &&
      countedNodes.reduce((total, one) => total + one.names.length, 0) <= most;
    return [{ countedBy, ...rest, ...(fits ? { countedNodes } : {}) }];
  };
  const [main] = from(judge, nodes, MOST_NAMES);
  const others = [...own].flatMap(([namespace, seen]) => from(ownKey(namespace), seen, MOST_OWN_NAMES));
  return { ...operation, ...main, ...(others.length > 0 ? { otherBaselines: others } : {}) };
}

/** The baseline for a namespace's own count: its own, else the operator's, which no tenant can forge. */
export function ownBaseline(operation: Counted, namespace: string): WayBaseline | undefined {
  return firstOf(baselinesOf(operation), [ownKey(namespace), 'Operator']);
}

/**
 * The operation with the baseline that the present judge may use, if there is one. A baseline from a namespace's Secrets counts for
 * the cluster only while that namespace is the only one, `sole`.
 */
export function forJudge<T extends Counted>(operation: T, judge: Judge, sole: string | undefined): T {
  const all = baselinesOf(operation);
  const main = firstOf(all, usableBy(judge, sole));
  const rest = omit<Counted, keyof Counted>(operation, [
    'baseline',
    'countedAt',
    'countedNodes',
    'countedBy',
    'otherBaselines',
  ]);
  const others = all.filter((one) => one !== main);
  return { ...rest, ...main, ...(others.length > 0 ? { otherBaselines: others } : {}) } as T;
}

function usableBy(judge: Judge, sole: string | undefined): string[] {
  if (judge === 'ARM') return [];
  if (judge === 'Operator') return ['Operator', ...(sole === undefined ? [] : [ownKey(sole)])];
  return [judge, 'Operator'];
}

function baselinesOf({ baseline, countedAt, countedNodes, countedBy, otherBaselines = [] }: Counted): WayBaseline[] {
  if (baseline === undefined) return [...otherBaselines];
  const main = {
    countedBy: countedBy ?? 'Operator',
    baseline,
    ...(countedAt === undefined ? {} : { countedAt }),
    ...(countedNodes ? { countedNodes } : {}),
  };
  return [main, ...otherBaselines];
}

function firstOf(all: readonly WayBaseline[], keys: readonly string[]): WayBaseline | undefined {
  return keys.flatMap((key) => all.find(({ countedBy }) => countedBy === key) ?? [])[0];
}
