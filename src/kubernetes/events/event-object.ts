import { microTime } from '../micro-time.ts';
import type { KubernetesObject } from '../object.ts';

/** An event of an object, for people, as `kubectl describe` shows it under Events. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** The reason, in one CamelCase word: `ReimageBlocked`. */
  readonly reason: string;
  /** The event as a sentence. Cut at 1024 bytes, the limit of the API. */
  readonly message: string;
  /** The action, in one CamelCase word; default `Reconcile`. */
  readonly action?: string;
}

/** Number of times that a note was made, and the last time. */
export interface Sightings {
  readonly count: number;
  readonly lastSeen: number;
}

/** The controller, and its process. */
export interface EventSource {
  readonly component: string;
  readonly instance: string;
}

const MAX_NOTE_BYTES = 1024;
const MAX_WORD = 128;

/** A text that is equal for two notes if the second repeats the first. */
export function sameness(object: KubernetesObject, note: EventNote): string {
  const { kind, metadata } = object;
  return JSON.stringify([
    kind,
    metadata.namespace ?? '',
    metadata.name,
    metadata.uid ?? '',
    note.type,
    note.reason,
    note.message,
  ]);
}

/** Names the object of an event. A recorder keeps thousands of these, and none of the objects. */
export type Regarding = ReturnType<typeof regardingOf>;

export function regardingOf({ apiVersion, kind, metadata }: KubernetesObject) {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}

/** An Event of `events.k8s.io/v1` (kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1). */
export function eventOf(
  regarding: Regarding,
  note: EventNote,
  place: { readonly namespace: string; readonly name: string },
  source: EventSource,
  sightings: Sightings & { readonly firstSeen: number },
): KubernetesObject & Record<string, unknown> {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: place.name, namespace: place.namespace },
    eventTime: microTime(sightings.firstSeen),
    type: note.type,
    reason: note.reason.slice(0, MAX_WORD),
    action: (note.action ?? 'Reconcile').slice(0, MAX_WORD),
    note: cut(note.message, MAX_NOTE_BYTES),
    regarding,
    reportingController: source.component,
    reportingInstance: source.instance.slice(0, MAX_WORD),
    ...(sightings.count > 1 ? { series: seriesOf(sightings) } : {}),
  };
}

export function seriesOf({ count, lastSeen }: Sightings): {
  readonly count: number;
  readonly lastObservedTime: string;
} {
  return { count, lastObservedTime: microTime(lastSeen) };
}

function cut(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text).subarray(0, maxBytes - 3);
  // A split character decodes to U+FFFD, which is removed too.
  return `${bytes.toString('utf8').replace(/\uFFFD+$/, '')}…`;
}
