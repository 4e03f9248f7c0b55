import type { Condition } from './conditions/condition.ts';
import type { Run } from './lasting-history.ts';
import { fingerprintsIn } from './certificates.ts';
import { START } from './scheduler.ts';
import { AFFLICTED, TENANT } from './script.ts';
import { violate } from './world.ts';

const MINUTE = 60_000;
/** The most that it may take longer, and what is no matter of concern, in ms. */
const FACTOR = 1.5;
const SLACK = MINUTE;

/** Who has nothing to do with a condition comes to the same end, and hardly later. */
export function checkBystanders(run: Run, calm: Run, condition: Condition): void {
  const { world, timeline, script } = run;
  const to = START + script.to;
  const clusterOf = (object: string) => world.ledger.named(object)[0]?.cluster ?? '';
  const afflicted = new Set(
    world.aks
      .filter(({ options }) => options.name === AFFLICTED || options.name.startsWith('fleet-'))
      .map(({ key }) => key),
  );
  if (condition.spares === 'Nobody') return;
  const isSpared = (object: string) =>
    condition.spares === 'Everybody' ||
    (condition.spares === 'OtherObjects' ? object !== TENANT : !afflicted.has(clusterOf(object)));
  for (const { at, object, what } of script.acts) {
    if (!isSpared(object) || at < script.from) continue;
    const [took, takes] = [run, calm].map((one) => one.timeline.restAfter(object, START + at, to));
    if (takes === undefined) continue;
    // A change of the tenant's own may be ahead of it.
    const ahead = condition.spares === 'OtherObjects' ? (world.aks[0]?.options.rollMs ?? 0) : 0;
    const limit = FACTOR * takes + SLACK + ahead;
    if (took === undefined)
      violate(
        world,
        `${what.kind} of ${object} at ${at / 1000} did not come to its end, which takes ${Math.round(takes / 1000)} s without the condition`,
      );
    else if (took > limit)
      violate(
        world,
        `${what.kind} of ${object} at ${at / 1000} took ${Math.round(took / 1000)} s, and ${Math.round(takes / 1000)} s without the condition`,
      );
  }
  for (const name of calm.timeline.objects.keys()) {
    if (!isSpared(name)) continue;
    const [ends, end] = [timeline, calm.timeline].map((one) => rowsOf(one, name, to));
    if (ends !== end) violate(world, `${name} ends as ${ends}, and without the condition as ${end}`);
  }
  for (const [place, aks] of world.aks.entries()) {
    if (afflicted.has(aks.key) && condition.spares !== 'Everybody') continue;
    const [list, other] = [aks, calm.world.aks[place]].map((one) => [...fingerprintsIn(one?.list ?? [])].sort().join());
    if (list !== other) violate(world, `the list of ${aks.options.name} is another than without the condition`);
  }
}

function rowsOf(timeline: Run['timeline'], name: string, time: number): string {
  const moment = timeline.at(name, time);
  if (!moment || moment.gone) return 'gone';
  const ready = moment.status?.conditions?.find(({ type }) => type === 'Ready');
  const rows = moment.status?.certificates?.map(({ name, state }) => `${name} ${state}`) ?? [];
  return `${ready?.status} ${ready?.reason}: ${rows.join(', ')}`;
}
