import type { Connection } from '../../kubernetes/client/connection.ts';
import type { NodesObservation, UpgraderEvent } from '../model/observation.ts';
import type { Source } from './node-source.ts';
import { findEvictionBlockers } from './eviction-blockers.ts';
import { latestOf } from './times.ts';

type ReadNodes = Extract<NodesObservation, { kind: 'Read' }>;

/** The newest events that are kept. AKS reports fewer in an hour for 5,000 nodes. */
const KEPT = 5000;

/**
 * AKS' events about the nodes, and the refused evictions. Empty where they may not be read: the nodes themselves show the progress,
 * and events only add what blocks it.
 *
 * @param now our own clock, in ms
 * @throws the signal's reason, and nothing else
 */
export async function readRecentEvents(
  connection: Connection,
  source: Source,
  { nodes, serverTime }: ReadNodes,
  now: number,
  signal: AbortSignal,
): Promise<Pick<ReadNodes, 'events' | 'refusals' | 'refusalsForbidden'>> {
  let all: readonly UpgraderEvent[];
  try {
    ({ objects: all } = await source.events(connection, signal));
  } catch {
    signal.throwIfAborted();
    return {};
  }
  const latest = latestOf(serverTime, now);
  // Events outlive the pods that they are about, so the newest events come first and their pods are checked first.
  const events = all
    .filter(({ at }) => at <= latest)
    .sort((a, b) => b.at - a.at || (a.about < b.about ? -1 : 1))
    .slice(0, KEPT);
  const createdAt = new Map(nodes.map((node) => [node.name, node.createdAt]));
  const refused = events.filter(
    ({ node, step, at }) => step === 'EvictionRefused' && at >= (createdAt.get(node) ?? Infinity),
  );
  if (refused.length === 0) return { events };
  const { budgets, nameOf, forbidden } = await findEvictionBlockers(connection, refused, signal);
  return {
    events: events.map((event) => (event.step === 'EvictionRefused' ? { ...event, about: nameOf(event) } : event)),
    refusals: budgets,
    ...(forbidden ? { refusalsForbidden: true } : {}),
  };
}
