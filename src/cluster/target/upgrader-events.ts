import type { Connection } from '../../kubernetes/connection.ts';
import type { UpgraderEvent, UpgraderStep } from '../observation.ts';

interface Event {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly metadata: { readonly creationTimestamp: string };
}

/** Events of a page. */
const PAGE = '500';

/** What AKS' upgrader said about nodes; API servers keep events for an hour. Throws KubernetesError. */
export async function listUpgraderEvents(connection: Connection, signal: AbortSignal): Promise<UpgraderEvent[]> {
  const events: UpgraderEvent[] = [];
  let next: string | undefined;
  do {
    const query = { fieldSelector: 'source=upgrader', limit: PAGE, ...(next ? { continue: next } : {}) };
    const page = (await connection.request({ path: '/api/v1/namespaces/default/events', query, signal })) as {
      readonly metadata?: { readonly continue?: string };
      readonly items?: readonly Event[];
    };
    events.push(...(page.items ?? []).flatMap((event) => readUpgraderEvent(event) ?? []));
    next = page.metadata?.continue;
  } while (next);
  return events;
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

/** Undefined for what says nothing about a node's replacement. */
export function readUpgraderEvent(event: Event): UpgraderEvent | undefined {
  const { involvedObject, type, reason, message = '' } = event;
  const node = involvedObject?.kind === 'Node' ? involvedObject.name : undefined;
  if (!node) return undefined;
  const born = event.metadata.creationTimestamp;
  const times = {
    since: Date.parse(event.firstTimestamp ?? event.eventTime ?? born),
    at: Date.parse(event.lastTimestamp ?? event.eventTime ?? born),
  };
  if (type === 'Warning' && reason === 'Cordon' && message.includes('failed'))
    return { node, step: 'Failed', about: '', ...times };
  for (const [part, step] of STEPS) {
    const found = part.exec(message);
    if (found) return { node, step, about: found[1] ?? '', ...times };
  }
  return undefined;
}
