import { COSTS, type Condition, type Costs } from './conditions/condition.ts';
import { START } from './scheduler.ts';
import type { Script } from './script.ts';
import type { Timeline } from './timeline.ts';
import { violate, type Counted, type World } from './world.ts';

const HOUR = 3600_000;
/** A write that waits may be the first one after an edit, up to an hour later; then come an hour's more frequent ones. */
const LATE = 2.2 * HOUR;

/** What one attempt costs comes at once, however short the time that is looked at: it is sent, is at work, and fails. */
const AT_ONCE: Partial<Record<Counted, number>> = { RecordWrite: 4, StatusWrite: 4, Event: 3 };

/** For any answers, the number of requests is bounded: more in the hour after an edit, less in each later one. */
export function checkCosts(world: World, timeline: Timeline, script: Script, condition: Condition): void {
  const costs: Costs = { ...COSTS, ...condition.costs };
  const [from, to] = [START + script.from, START + script.to];
  for (const aks of world.aks) {
    const objects = new Set(
      world.api
        .list('customcatrusts')
        .filter(({ spec }) => (spec?.['target'] as { resourceId: string }).resourceId.toLowerCase() === aks.key)
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    );
    for (const name of timeline.objects.keys())
      if (world.ledger.named(name).some(({ cluster }) => cluster === aks.key)) objects.add(name);
    const edits = script.acts.filter(({ object }) => objects.has(object)).map(({ at }) => START + at);
    if (script.drift !== undefined) edits.push(START + script.drift);
    // A restart reads everything once more.
    const times = [from, ...edits, ...script.kills.map((at) => START + at)]
      .filter((at) => at >= from && at < to)
      .sort();
    const check = (what: Counted, about: string, first: number, anHour: number) => {
      const all = timeline.times(what, about, from, to);
      const allowed = first * times.length + (anHour * (to - from)) / HOUR;
      if (all.length > allowed)
        violate(
          world,
          `${all.length} times ${what} of ${about} in ${((to - from) / HOUR).toFixed(1)} h, ${allowed.toFixed(0)} are allowed`,
        );
      const last = Math.max(...times);
      // Where nothing happens any more, an hour is as cheap as the one before it.
      const late = timeline.times(what, about, last + LATE, to).length;
      const hours = Math.max(0, (to - last - LATE) / HOUR);
      if (late > anHour * hours + (AT_ONCE[what] ?? 2))
        violate(
          world,
          `${late} times ${what} of ${about} in ${hours.toFixed(1)} h without any edit, ${(anHour * hours).toFixed(0)} are allowed`,
        );
    };
    check('Put', aks.key, costs.firstPuts, costs.putsAnHour);
    check('Get', aks.key, costs.firstReads, costs.readsAnHour);
    const record = timeline.costs.get('RecordWrite')?.find(({ about }) => about.startsWith(`${aks.options.name}-`));
    if (record) check('RecordWrite', record.about, costs.firstRecordWrites, costs.recordWritesAnHour);
    for (const name of objects) {
      check('StatusWrite', name, costs.firstStatusWrites, costs.statusWritesAnHour);
      check('ObjectWrite', name, costs.firstStatusWrites, costs.statusWritesAnHour);
      check('Event', name, costs.firstEvents, costs.eventsAnHour);
    }
  }
  const lists = timeline.times('List', undefined, from, to).length;
  if (lists > 40 + (20 * (to - from)) / HOUR) violate(world, `${lists} LISTs in ${((to - from) / HOUR).toFixed(1)} h`);
}
