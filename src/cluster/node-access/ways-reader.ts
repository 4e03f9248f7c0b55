import type { ClusterModel } from '../../azure/cluster-model.ts';
import type { Counted, NodesObservation, CountedNodes } from '../model/observation.ts';
import { judgingWays, ownKey } from '../model/ways.ts';
import type { Judge } from '../model/way.ts';
import type { Depth, NodeReader, NodeSource } from './node-reader.ts';

/** Reads the nodes over every requested way, all at the same time. */
export interface WaysReader {
  /**
   * @param which `judge`: read over the judging ways. `own`: true for the key of each namespace over whose own ways to read.
   */
  read(
    known: Counted,
    model: ClusterModel,
    depth: Depth,
    signal: AbortSignal,
    which: { readonly judge: boolean; readonly own: (key: string) => boolean },
  ): Promise<CountedNodes>;
}

/** Deadline of a way that counts for its own namespace only, in ms: other namespaces wait for it no longer. */
const OWN_MS = 10_000;

/** A way pauses after a failure that took at least this long, in ms. */
const SLOW_MS = 2000;

/** First and longest such pause, in ms. */
const [PAUSE_MS, LONGEST_PAUSE_MS] = [60_000, 10 * 60_000];

interface Slow {
  readonly failures: number;
  readonly until: number;
  readonly seen: NodesObservation;
}

export function createWaysReader(nodes: Pick<NodeReader, 'read'>, now: () => number): WaysReader {
  /** Own ways that failed slowly, by cluster and namespace. */
  const slow = new Map<string, Slow>();

  async function readOwn(source: NodeSource, depth: Depth, signal: AbortSignal): Promise<NodesObservation> {
    const name = `${source.cluster.key} ${source.group}`;
    const before = slow.get(name);
    if (before && before.until > now()) return before.seen;
    const began = now();
    const seen = await nodes.read({ ...source, ms: OWN_MS }, depth, signal);
    if (seen.kind !== 'Unreadable' || now() - began < SLOW_MS) slow.delete(name);
    else {
      const failures = (before?.failures ?? 0) + 1;
      const pause = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (failures - 1));
      slow.set(name, { failures, until: now() + pause, seen });
    }
    return seen;
  }

  function forgetOthers({ id, ways }: Counted): void {
    const kept = new Set([...ways.namespaces.keys()].map((namespace) => `${id.key} ${ownKey(namespace)}`));
    for (const name of slow.keys()) if (name.startsWith(`${id.key} `) && !kept.has(name)) slow.delete(name);
  }

  return {
    async read(known, model, depth, signal, { judge, own }) {
      forgetOthers(known);
      const { id, ways } = known;
      const source = { cluster: id, reconcile: ways, owner: { ...model, subscriptionId: id.subscriptionId } };
      const judging: NodeSource = { ...source, group: ways.judge, ways: judgingWays(ways) };
      const asked = [...ways.namespaces].filter(([namespace]) => own(ownKey(namespace)));
      const [seen, ...others] = await Promise.all([
        judge ? nodes.read(judging, depth, signal) : notRead(ways.judge),
        ...asked.map(
          async ([namespace, own]) =>
            [namespace, await readOwn({ ...source, group: ownKey(namespace), ways: own }, depth, signal)] as const,
        ),
      ]);
      return { nodes: seen, own: new Map(others) };
    },
  };
}

/** The observation of the nodes in a reconcile that does not read them. */
export function notRead(judge: Judge): NodesObservation {
  return judge === 'ARM' ? { kind: 'NoAccess' } : { kind: 'NotRead' };
}
