import type { UpgraderEvent, UpgraderStep } from '../observation.ts';
import type { Collection } from './collection.ts';

/** What AKS' upgrader said about nodes; API servers keep events for an hour. */
export const UPGRADER_EVENTS: Collection<UpgraderEvent> = {
  path: '/api/v1/namespaces/default/events',
  query: { fieldSelector: 'source=upgrader' },
  accept: 'application/json',
  reader: () => (body) => {
    const events = (body as { items?: readonly EventObject[] }).items ?? [body as EventObject];
    return events.map((event) => ({ name: event.metadata.name, value: readUpgraderEvent(event) }));
  },
};

/** An event as far as it is read. k8s.io/api/core/v1, Event */
export interface EventObject {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly involvedObject: { readonly kind?: string; readonly name?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  /** When it came again last: of an event that is counted up, and of one that is a series. */
  readonly lastTimestamp?: string | null;
  readonly series?: { readonly lastObservedTime?: string } | null;
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
export function readUpgraderEvent(event: EventObject): UpgraderEvent | undefined {
  const { metadata, involvedObject, type, reason, message = '', lastTimestamp, series } = event;
  const { kind, name: node } = involvedObject;
  if (kind !== 'Node' || node === undefined) return undefined;
  const since = Date.parse(metadata.creationTimestamp);
  const last = [lastTimestamp, series?.lastObservedTime].map((time) => Date.parse(time ?? ''));
  const at = Math.max(since, ...last.filter((time) => !Number.isNaN(time)));
  if (type === 'Warning' && reason === 'Cordon' && message.includes('failed'))
    return { node, step: 'Failed', about: '', since, at };
  for (const [part, step] of STEPS) {
    const found = part.exec(message);
    if (found) return { node, step, about: found[1] ?? '', since, at };
  }
  return undefined;
}
