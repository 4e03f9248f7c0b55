import type { UpgraderEvent, UpgraderStep } from '../model/observation.ts';

/** The steps of one node in the order in which they come. */
const ORDER: readonly UpgraderStep[] = [
  'Started',
  'SurgeCreated',
  'Cordoned',
  'Draining',
  'EvictionRefused',
  'DrainFailed',
  'Soaking',
  'Deleted',
  'Reimaging',
  'Failed',
  'Upgraded',
  'SurgeRemoved',
];

/** The latest event of each node. Times are whole seconds and events arrive in any order, so within one second the later step counts. */
export function latestEvents(events: readonly UpgraderEvent[]): ReadonlyMap<string, UpgraderEvent> {
  const last = new Map<string, UpgraderEvent>();
  for (const event of events) {
    const before = last.get(event.node);
    if (!before || isLater(event, before)) last.set(event.node, event);
  }
  return last;
}

function isLater(one: UpgraderEvent, other: UpgraderEvent): boolean {
  return one.at === other.at ? ORDER.indexOf(one.step) > ORDER.indexOf(other.step) : one.at > other.at;
}
