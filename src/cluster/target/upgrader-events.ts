import type { Connection } from '../../kubernetes/connection.ts';
import type { UpgraderEvent, UpgraderStep } from '../observation.ts';
import { listRows, type Row } from './table.ts';

const COLUMNS = ['Last Seen', 'Type', 'Reason', 'Object', 'Message'];
const FILTER = { fieldSelector: 'source=upgrader' };

/** What AKS' upgrader said about nodes; API servers keep events for an hour. Throws KubernetesError. */
export async function listUpgraderEvents(connection: Connection, signal: AbortSignal): Promise<UpgraderEvent[]> {
  return listRows(
    connection,
    '/api/v1/namespaces/default/events',
    COLUMNS,
    FILTER,
    // The time of the very answer that the row is in.
    (row) => readUpgraderEvent(row, connection.lastResponseDate),
    signal,
  );
}

/**
 * Parts of the messages, in the order in which they are looked for. AKS keeps them for its clients
 * (kubernetes-sigs/headlamp, UpgradeVisualizationPanel); what follows them differs between its versions.
 */
const STEPS: readonly (readonly [part: RegExp, step: UpgraderStep])[] = [
  [/Upgrade started for agent pool (\S+)/, 'Started'],
  [/Created a surge node \[?([^\s\]]+)/, 'SurgeCreated'],
  [/Removing surge node: \[?([^\s\]]+)/, 'SurgeRemoved'],
  [/Eviction blocked by Too many Requests[^:]*: ?\[?([^\s\],]+)/, 'EvictionRefused'],
  [/Error draining node/, 'DrainFailed'],
  [/Unable to delete node|Failed to reimage node/, 'Failed'],
  [/Draining node/, 'Draining'],
  [/Soak duration/, 'Soaking'],
  [/Deleting node .* from API server/, 'Deleted'],
  [/Successfully upgraded node/, 'Upgraded'],
  [/Reimaging node/, 'Reimaging'],
  [/Cordoning node/, 'Cordoned'],
];

/** Undefined for what says nothing about a node's replacement. The cells are those of the columns above; `now` is the server's own time. */
export function readUpgraderEvent({ cells, metadata }: Row, now: number | undefined): UpgraderEvent | undefined {
  const [lastSeen, type, reason, object, message] = cells.map(String) as [string, string, string, string, string];
  if (!object.startsWith('node/')) return undefined;
  const node = object.slice('node/'.length);
  const since = Date.parse(metadata.creationTimestamp);
  // An event that comes again is counted up; the column says how long ago that was, the longer the less exactly.
  const ago = readDuration(lastSeen);
  const at = now === undefined || ago === undefined ? since : Math.max(since, now - ago);
  if (type === 'Warning' && reason === 'Cordon' && message.includes('failed'))
    return { node, step: 'Failed', about: '', since, at };
  for (const [part, step] of STEPS) {
    const found = part.exec(message);
    if (found) return { node, step, about: found[1] ?? '', since, at };
  }
  return undefined;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, y: 31_536_000_000 };

/** A time as people are told it, `2m3s` or `5h`, in ms, and as much more as it may leave out: k8s.io/apimachinery, HumanDuration. */
export function readDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+)([smhdy])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  const [least = 's'] = parts.at(-1)?.slice(2) ?? [];
  const whole = parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  return whole + (UNITS[least] ?? 0) - UNITS['s']!;
}
