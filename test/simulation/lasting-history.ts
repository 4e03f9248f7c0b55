import { Aks } from './aks.ts';
import type { Condition } from './conditions/condition.ts';
import { CONDITIONS, conditionOf } from './conditions/all.ts';
import { checkEndState } from './end-state.ts';
import { Fleet } from './fleet.ts';
import { release, type Outcome } from './history.ts';
import { openWorld } from './open-world.ts';
import { createRandom } from './random.ts';
import { checkBystanders } from './rules-bystanders.ts';
import { checkCosts } from './rules-costs.ts';
import { checkSaid } from './rules-said.ts';
import { START, type Scheduler } from './scheduler.ts';
import { AFFLICTED, drawScript, perform, secretOf, takeOut, type Script } from './script.ts';
import type { Subject } from './subject.ts';
import { kubeconfigOf } from './target.ts';
import { Timeline } from './timeline.ts';
import { CALM } from './weather.ts';
import { violate, type World } from './world.ts';

const MINUTE = 60_000;
/** What was refused for long is tried again within the hour; then it takes as long as a change takes. */
const CONVERGES = 90 * MINUTE;

/** More than any history needs. */
const MOST_PUTS = 500;

/** What one run of a script came to. */
export interface Run {
  readonly script: Script;
  readonly world: World;
  readonly timeline: Timeline;
  readonly digest: number;
}

/**
 * One history of the second sort: one condition, drawn by seed, begins and does not end for hours, while people go on; then it
 * ends. The same is done without the condition, to see what becomes of those who have nothing to do with it.
 */
export async function runLasting(
  subject: Subject,
  seed: number,
  trace?: (line: string) => void,
  named?: string,
): Promise<Outcome & { readonly condition: string }> {
  const condition = named === undefined ? conditionOf(seed) : CONDITIONS.find(({ name }) => name === named);
  if (!condition) throw new RangeError(`there is no condition "${named}"`);
  trace?.(`condition: ${condition.name}`);
  const run = await runScript(subject, seed, condition, true, trace);
  const { world } = run;
  if (!world.violation) {
    const calm = await runScript(subject, seed, condition, false);
    checkBystanders(run, calm, condition);
    if (calm.world.violation) violate(world, `without the condition: ${calm.world.violation.message}`);
  }
  return {
    seed,
    condition: condition.name,
    violation: world.violation,
    digest: run.digest,
    virtualMs: world.scheduler.now - START,
    puts: run.timeline.times('Put', undefined, 0, Infinity).length,
  };
}

function clustersOf(seed: number, { clusters = 2 }: Condition, scheduler: Scheduler): readonly Aks[] {
  const random = createRandom(seed ^ 0x1a57);
  const names = [AFFLICTED, 'test', ...Array.from({ length: clusters - 2 }, (_, place) => `fleet-${place}`)];
  return names.map(
    (name) =>
      new Aks(scheduler, {
        name,
        withETag: random.chance(0.7),
        windows: random.chance(0.15),
        nodes: 1 + random.below(3),
        clockOffset: random.pick([0, 0, -240_000, 420_000]),
        list: random.chance(0.5) ? [] : undefined,
        rollMs: random.between(40_000, 240_000),
      }),
  );
}

async function runScript(
  subject: Subject,
  seed: number,
  condition: Condition,
  lasts: boolean,
  trace?: (line: string) => void,
): Promise<Run> {
  const timeline = new Timeline();
  const random = createRandom(seed ^ 0x7007);
  const { world, digest, close } = openWorld(subject, seed, trace, (scheduler) => ({
    random,
    aks: clustersOf(seed, condition, scheduler),
    unfenced: false,
    maxChangingClusters: 5,
    recordsEvents: true,
    weather: CALM,
    clockStepped: lasts && condition.deceives === true,
    signal: () => {},
    count(what, about, text = '') {
      timeline.count(what, { at: scheduler.now, about, text });
      // What sends without a pause is stopped before it fills the memory.
      if (what === 'Put' && timeline.costs.get(what)!.length > MOST_PUTS)
        violate(world, `more than ${MOST_PUTS} writes to ARM in one history`);
      if (what === 'Event') trace?.(`${' '.repeat(10)}event of ${about}: ${text}`);
    },
  }));
  const { scheduler, api } = world;
  api.watchers.add((change) => timeline.note(change, scheduler.now));
  for (const { options } of world.aks) {
    for (const namespace of ['team', 'ops'])
      api.create('secrets', `${namespace}/${secretOf(namespace, options.name)}`, {
        data: { value: kubeconfigOf(options.name) },
      });
  }
  const script = drawScript(createRandom(seed ^ 0x5c41), world.aks);
  const until = (time: number) => scheduler.run(() => world.violation !== undefined || scheduler.now >= time);
  const [from, to] = [START + script.from, START + script.to];
  try {
    const fleet = new Fleet(world, 1, false);
    for (const act of script.acts) scheduler.after(act.at, () => perform(world, act));
    if (script.drift !== undefined) scheduler.after(script.drift, () => takeOut(world));
    for (const kill of script.kills) scheduler.after(kill, () => fleet.any()?.crash('killed'));
    // Objects are there before what is done to one of them.
    await until(condition.spares === 'OtherObjects' && !condition.early ? Math.max(from, START + 70_000) : from);
    const end = lasts ? begin(world, condition, fleet) : () => {};
    await until(to);
    if (lasts) {
      checkCosts(world, timeline, script, condition);
      checkSaid(world, timeline, script, condition);
      world.note('the condition ends');
    }
    end();
    await until(to + CONVERGES);
    if (lasts) checkConverged(world, timeline);
    release(world);
    await until(to + CONVERGES + 30 * MINUTE);
    if (!world.violation) checkEndState(world);
    fleet.end();
  } finally {
    close();
  }
  return { script, world, timeline, digest: digest() };
}

function begin(world: World, condition: Condition, fleet: Fleet): () => void {
  const { scheduler, random } = world;
  let over = false;
  const [aks] = world.aks;
  if (!aks) throw new Error('there is no cluster');
  world.note(`begins: ${condition.name}`);
  const end = condition.begin({
    world,
    random,
    fleet,
    aks,
    every(ms, act) {
      const next = () =>
        scheduler.after(ms(), () => {
          if (over) return;
          act();
          next();
        });
      next();
    },
  });
  return () => {
    over = true;
    end();
  };
}

/** Reasons that hold until a person releases them, also where ARM would accept a write by now. */
const UNTIL_ASKED = new Set(['NotKept', 'UpdateCanceled', 'CertificateRejected', 'Contended', 'ClusterFailed']);

/** What was in the way is gone, so that everything comes to its end; but for what waits for a person's word. */
function checkConverged(world: World, timeline: Timeline): void {
  for (const name of timeline.objects.keys()) {
    const moment = timeline.at(name, world.scheduler.now);
    if (!moment || moment.gone) continue;
    const ready = moment.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True' || UNTIL_ASKED.has(ready?.reason ?? '')) continue;
    violate(world, `${name} does not come to rest when the condition is over: ${ready?.reason}: ${ready?.message}`);
  }
}
