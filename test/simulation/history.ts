import { Aks } from './aks.ts';
import { POOL } from '../rules/certificates.ts';
import { disturb, drawCue } from './disturb.ts';
import { checkEndState } from './end-state.ts';
import { Fleet } from './fleet.ts';
import { openWorld } from './open-world.ts';
import { createRandom, type Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Subject } from './subject.ts';
import { kubeconfigOf, kubeconfigSecret } from './target.ts';
import { LEASE } from './process.ts';
import { removeWindow, request } from './users.ts';
import { CALM, drawWeather } from './weather.ts';
import { violate, type Moment, type Violation, type World } from './world.ts';

const MINUTE = 60_000;
/** Longer than any history needs. */
const FOREVER = 48 * 60 * MINUTE;

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** Of everything that happened, in order: the same for the same seed. */
  readonly digest: number;
  readonly virtualMs: number;
  readonly puts: number;
}

/** One history: people, others and faults at work; then quiet; then the question whether everything is as it should be. */
export async function runHistory(subject: Subject, seed: number, trace?: (line: string) => void): Promise<Outcome> {
  const random = createRandom(seed);
  const unfenced = random.chance(0.3);
  let puts = 0;
  const waiting = new Map<Moment, (() => void)[]>();
  const { world, close, digest } = openWorld(subject, seed, trace, (scheduler) => ({
    random,
    aks: drawClusters(random, scheduler),
    unfenced,
    // Of several clusters every other history changes one at a time.
    maxChangingClusters: seed % 2,
    weather: drawWeather(random),
    clockStepped: random.chance(0.12),
    signal(what) {
      if (what === 'PutSent') puts += 1;
      for (const wake of waiting.get(what)?.splice(0) ?? []) wake();
    },
  }));
  const { scheduler, api } = world;
  for (const { options } of world.aks) {
    for (const namespace of ['team', 'ops'])
      api.create('secrets', `${namespace}/${kubeconfigSecret(options.name)}`, {
        data: { value: kubeconfigOf(options.name) },
      });
  }
  const begun = scheduler.now;
  const over = () => world.violation !== undefined || scheduler.now > begun + FOREVER;
  const until = (time: number) => scheduler.run(() => over() || scheduler.now >= time);
  const rest = async (quiet: number) => {
    world.changedAt = scheduler.now;
    await scheduler.run(() => over() || scheduler.now >= world.changedAt + quiet);
  };

  try {
    const elected = !unfenced && random.chance(0.4);
    const fleet = new Fleet(world, elected || unfenced ? 2 : 1, elected);
    const habits = {
      nodeAccess: random.chance(0.6),
      settle: random.pick([[0], [0, 5], [0, 30], [30, 300], [0, 600]]),
    };
    const foreign = random.chance(0.6);
    const steps = 3 + random.below(14);
    for (let step = 0; step < steps && !over(); step++) {
      const cue = drawCue(world);
      if (cue.kind === 'After') await until(scheduler.now + cue.ms);
      else {
        let come = false;
        const wake = () => {
          scheduler.after(random.pick([0, random.between(0, 300), random.between(0, 8000)]), () => (come = true));
        };
        waiting.set(cue.moment, [...(waiting.get(cue.moment) ?? []), wake]);
        const limit = scheduler.now + random.between(5000, 200_000);
        await scheduler.run(() => over() || come || scheduler.now >= limit);
      }
      if (!over()) disturb(world, fleet, habits, foreign);
    }
    if (random.chance(0.5)) await until(scheduler.now + random.between(0, 10 * MINUTE));
    calm(world, fleet);
    // What travels arrives; what is frozen thaws.
    await until(scheduler.now + 4 * MINUTE);
    await rest(random.chance(0.15) ? 70 * MINUTE : 12 * MINUTE);
    release(world);
    await rest(12 * MINUTE);
    if (scheduler.now > begun + FOREVER) violate(world, 'a history that nothing disturbs any more comes to rest');
    if (!over()) checkEndState(world);
    // Another life of the controller, without its memory, finds nothing to do.
    for (const process of fleet.processes) process.crash('restarted at rest');
    await until(scheduler.now + MINUTE + LEASE.leaseMs);
    const before = api.version;
    const sent = puts;
    await until(scheduler.now + 3 * MINUTE);
    if (sent !== puts) violate(world, 'nothing is sent at rest');
    if (!fleet.elected && before !== api.version) violate(world, 'nothing is written at rest');
    fleet.end();
  } finally {
    close();
  }
  return { seed, violation: world.violation, digest: digest(), virtualMs: scheduler.now - begun, puts };
}

function calm(world: World, fleet: Fleet): void {
  world.note('calm');
  world.weather = CALM;
  world.api.down = false;
  fleet.calm();
  for (const process of fleet.processes) {
    process.denied = false;
    process.thaw();
  }
  for (const aks of world.aks) aks.nextEnd = 'Succeeded';
}

/** What waits for people gets what it waits for. */
export function release(world: World): void {
  const { api, aks } = world;
  for (const one of aks) {
    if (!one.exists) one.recreate();
    if (one.state !== 'Succeeded' && !one.running) one.begin({ ours: false, state: 'Updating', ms: MINUTE });
  }
  for (const { metadata } of api.list('customcatrusts')) {
    const name = `${metadata.namespace}/${metadata.name}`;
    removeWindow(world, name);
    request(world, name);
  }
}

function drawClusters(random: Random, scheduler: Scheduler): readonly Aks[] {
  const withETag = random.chance(0.7);
  return (random.chance(0.3) ? ['prod', 'test'] : ['prod']).map((name) => {
    const elements = Array.from({ length: random.below(4) }, () => random.pick(POOL).element);
    return new Aks(scheduler, {
      name,
      withETag,
      windows: random.chance(0.15),
      nodes: random.below(4) + (random.chance(0.1) ? 0 : 1),
      clockOffset: random.pick([0, 0, -240_000, 420_000]),
      list: random.chance(0.2) ? undefined : [...elements, ...(random.chance(0.1) ? [btoa('opaque')] : [])],
    });
  });
}
