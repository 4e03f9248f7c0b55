import { detach } from '../../api/detach.ts';
import type { UpgraderEvent, UpgraderStep } from '../model/observation.ts';
import type { Collection, Seen } from '../../kubernetes/untrusted/collection.ts';
import { isDnsLabel, isDnsName, member, textAt, timeOf } from '../../kubernetes/untrusted/untyped.ts';

/** The events of AKS' upgrader about nodes; API servers keep events for an hour. */
export const UPGRADER_EVENTS: Collection<UpgraderEvent> = {
  path: '/api/v1/namespaces/default/events',
  query: { fieldSelector: 'source=upgrader' },
  accept: 'application/json',
  noun: 'events',
  limit: 10_000,
  reader: () =>
    function* (body) {
      const items = member(body, 'items');
      if (items === undefined && member(body, 'involvedObject') === undefined)
        throw new Error('the response is neither a list of events nor an event');
      const events: readonly unknown[] = Array.isArray(items) ? items : items === undefined ? [body] : [];
      for (const event of events) yield seen(event);
    },
};

function seen(event: unknown): Seen<UpgraderEvent> {
  const name = textAt(member(event, 'metadata'), 'name') ?? '';
  return { name, value: isDnsName(name) ? readUpgraderEvent(event) : undefined };
}

/**
 * Characters of a message that are read: a name has at most 253. An API server accepts events of a megabyte, from every client that
 * may create events.
 */
const MESSAGE_LIMIT = 1024;

/**
 * Parts of the messages, in the order in which they are tried, without regard to case. AKS keeps them for its clients
 * (kubernetes-sigs/headlamp, UpgradeVisualizationPanel); the rest of the message and the case differ between its versions.
 * Where the third member is set, the step is about the name behind its first part, or behind the colon after that.
 */
const STEPS: readonly (readonly [step: UpgraderStep, parts: readonly string[], about?: 'Behind' | 'BehindColon'])[] = [
  ['Started', ['upgrade started for agent pool'], 'Behind'],
  ['SurgeCreated', ['created a surge node'], 'Behind'],
  ['SurgeRemoved', ['removing surge node'], 'Behind'],
  ['EvictionRefused', ['eviction blocked by too many requests'], 'BehindColon'],
  ['DrainFailed', ['error draining node']],
  ['Failed', ['unable to delete node']],
  ['Failed', ['failed to reimage node']],
  // Before the drain, which its message mentions too.
  ['Soaking', ['soak duration']],
  ['Draining', ['draining node']],
  ['Deleted', ['deleting node', 'from api server']],
  ['Upgraded', ['successfully upgraded node']],
  ['Reimaging', ['reimaging node']],
  ['Cordoned', ['cordoning node']],
];

type Step = (typeof STEPS)[number];

const OF_BUDGET: Step = ['EvictionRefused', ['evict'], 'BehindColon'];
const OF_DRAIN: Step = ['DrainFailed', ['drain']];

/** The step of a drain warning whose words are not in the table, where its meaning is certain. */
function otherWarning(said: string): Step | undefined {
  if (said.includes('evict'))
    return /too many req|disruption budget|\bpdb\b/.test(said) && !/\bevicted\b/.test(said) ? OF_BUDGET : undefined;
  return said.includes('drain') && /\b(?:failed|timed out|unable to|not complete)\b/.test(said) ? OF_DRAIN : undefined;
}

/** Undefined for anything but an event about a node's replacement. */
export function readUpgraderEvent(event: unknown): UpgraderEvent | undefined {
  const node = textAt(member(event, 'involvedObject'), 'name');
  if (textAt(member(event, 'involvedObject'), 'kind') !== 'Node' || node === undefined || !isDnsName(node))
    return undefined;
  const since = timeOf(member(member(event, 'metadata'), 'creationTimestamp'));
  if (since === undefined) return undefined;
  // The last repetition, of a counted event or of a series.
  const again = [member(event, 'lastTimestamp'), member(member(event, 'series'), 'lastObservedTime')].map(timeOf);
  const at = Math.max(since, ...again.filter((time) => time !== undefined));
  const said = (textAt(event, 'message') ?? '').slice(0, MESSAGE_LIMIT).toLowerCase();
  if (textAt(event, 'type') === 'Warning' && textAt(event, 'reason') === 'Cordon' && said.includes('failed'))
    return { node, step: 'Failed', about: '', since, at };
  const found =
    STEPS.find(([, parts]) => parts.every((part) => said.includes(part))) ??
    (textAt(event, 'type') === 'Warning' && textAt(event, 'reason') === 'Drain' ? otherWarning(said) : undefined);
  if (!found) return undefined;
  const [step, [first = ''], about] = found;
  const behind = said.slice(said.indexOf(first) + first.length);
  return { node, step, about: about === undefined ? '' : nameIn(behind, about), since, at };
}

/**
 * The first name in a text, in brackets or not: of an object, or namespace/name of a pod. Empty where there is no valid name:
 * it goes into paths and statuses.
 */
function nameIn(text: string, where: 'Behind' | 'BehindColon'): string {
  const colon = where === 'BehindColon' ? text.indexOf(':') : 0;
  if (colon === -1) return '';
  const name = /[^\s[\],:]+/.exec(text.slice(colon))?.[0] ?? '';
  const [namespace, pod, more] = name.includes('/') ? name.split('/') : [undefined, name];
  const isName = (namespace === undefined || isDnsLabel(namespace)) && pod !== undefined && isDnsName(pod);
  // A slice of the message would keep the whole message in memory.
  return isName && more === undefined ? detach(name) : '';
}
