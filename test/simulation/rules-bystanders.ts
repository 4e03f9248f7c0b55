import type { Condition } from './conditions/condition.ts';
import type { Run } from './lasting-history.ts';
import { fingerprintsIn } from '../rules/certificates.ts';
import { START } from './scheduler.ts';
import { AFFLICTED, TENANT } from './script.ts';
import { violate } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The most that it may take longer, and what is no matter of concern, in ms. */
const FACTOR = 1.5;
const SLACK = MINUTE;
/** Clusters at rest are looked at in turn, so that chance decides how soon. */
const ROUND = 15 * MINUTE;

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
    const limit = FACTOR * takes + (condition.slack?.(script) ?? SLACK) + ahead;
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
  if (script.drift !== undefined) checkDrift(run, calm, condition, afflicted);
  checkRest(run, isSpared, afflicted, condition);
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

/** Where nothing happens any more, nothing is written. */
function checkRest(
  run: Run,
  isSpared: (object: string) => boolean,
  afflicted: ReadonlySet<string>,
  { spares }: Condition,
): void {
  const { world, timeline, script } = run;
  const to = START + script.to;
  const [latest] = [...script.acts.map(({ at }) => at), script.drift ?? 0].sort((a, b) => b - a);
  const from = Math.max(START + (latest ?? 0) + HOUR, to - HOUR);
  // A tenant that goes on has its cluster change, which the others on it are told.
  const restless = (name: string) =>
    spares === 'OtherObjects' && world.ledger.named(name).some(({ cluster }) => afflicted.has(cluster));
  for (const name of timeline.objects.keys()) {
    const writes = isSpared(name) && !restless(name) ? timeline.times('StatusWrite', name, from, to) : [];
    if (writes.length > 0) violate(world, `the status of ${name} is written ${writes.length} times at rest`);
  }
  for (const { key, options } of world.aks) {
    if (spares !== 'Everybody' && afflicted.has(key)) continue;
    const records = (timeline.costs.get('RecordWrite') ?? []).filter(
      ({ at, about }) => at >= from && at < to && about.startsWith(`${options.name}-`),
    );
    if (records.length > 0) violate(world, `the record of ${options.name} is written ${records.length} times at rest`);
  }
}

/** What others take out is put back, and hardly later. */
function checkDrift(run: Run, calm: Run, { spares, slack }: Condition, afflicted: ReadonlySet<string>): void {
  const { world, script } = run;
  const from = START + (script.drift ?? 0);
  for (const aks of world.aks) {
    if (spares !== 'Everybody' && afflicted.has(aks.key)) continue;
    const [put, calmly] = [run, calm].map(({ timeline }) => timeline.times('Put', aks.key, from, START + script.to)[0]);
    if (calmly === undefined) continue;
    if (put === undefined) violate(world, `what was taken out of ${aks.options.name} is not put back`);
    else if (put - from > FACTOR * (calmly - from) + ROUND + (slack?.(script) ?? 0))
      violate(
        world,
        `what was taken out of ${aks.options.name} is put back after ${Math.round((put - from) / 1000)} s, and ${Math.round((calmly - from) / 1000)} s without the condition`,
      );
  }
}

function rowsOf(timeline: Run['timeline'], name: string, time: number): string {
  const moment = timeline.at(name, time);
  if (!moment || moment.gone) return 'gone';
  const ready = moment.status?.conditions?.find(({ type }) => type === 'Ready');
  const rows = moment.status?.certificates?.map(({ name, state }) => `${name} ${state}`) ?? [];
  return `${ready?.status} ${ready?.reason}: ${rows.join(', ')}`;
}
