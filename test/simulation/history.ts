import { Aks } from './aks.ts';
import { POOL } from '../rules/certificates.ts';
import { disturb, drawCue } from './disturb.ts';
import { checkRotationsEnd } from './end-rotations.ts';
import { checkEndState } from './end-state.ts';
import { Fleet } from './fleet.ts';
import { openWorld } from './open-world.ts';
import { otherManagement } from './other-management.ts';
import { createRandom, type Random } from './random.ts';
import { applyAgain, releaseRotations, rotationUserAct } from './rotation-users.ts';
import { CALM_ROTATIONS, drawRotationWeather, RotationLedger, type Rotations } from './rotations.ts';
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
/** A rotation that hangs, or that changes nothing, is given up by then. */
const HANGING = 110 * MINUTE;

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** Of everything that happened, in order: the same for the same seed. */
  readonly digest: number;
  readonly virtualMs: number;
  readonly puts: number;
}

/**
 * One history: people, others and faults at work; then quiet; then the question whether everything is as it should be.
 *
 * @param rotates whether the clusters' own certificates are rotated as well
 */
export async function runHistory(
  subject: Subject,
  seed: number,
  trace?: (line: string) => void,
  rotates = false,
): Promise<Outcome> {
  const random = createRandom(rotates ? seed ^ 0x5e7a7e : seed);
  const unfenced = random.chance(0.3);
  let puts = 0;
  const waiting = new Map<Moment, (() => void)[]>();
  const { world, close, digest } = openWorld(subject, seed, trace, (scheduler) => ({
    random,
    aks: drawClusters(random, scheduler, rotates),
    unfenced,
    ...(rotates ? { rotations: drawRotations(random) } : {}),
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
  const worlds = rotates && random.chance(0.2) ? [world, otherManagement(world)] : [world];
  for (const one of worlds) createSecrets(one);
  if (rotates) followCAs(worlds);
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
    const others = worlds.slice(1).map((one) => new Fleet(one, 1, false, 'q'));
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
      const [, other] = worlds;
      if (over()) break;
      if (other && random.chance(0.3)) rotationUserAct(other, habits);
      else disturb(world, fleet, habits, foreign);
    }
    if (random.chance(0.5)) await until(scheduler.now + random.between(0, 10 * MINUTE));
    // A fault of every rotation is still there when the last attempt fails.
    if (world.rotations?.weather.lasts && !over()) await until(scheduler.now + random.between(0, 4 * 60 * MINUTE));
    calm(world, fleet);
    for (const one of rotates ? worlds : []) for (const aks of one.aks) refreshSecrets(one, aks);
    // What travels arrives; what is frozen thaws.
    await until(scheduler.now + 4 * MINUTE);
    const quiet = rotates ? [HANGING, HANGING] : [random.chance(0.15) ? 70 * MINUTE : 12 * MINUTE, 12 * MINUTE];
    await rest(quiet[0]!);
    for (const one of worlds) release(one);
    await rest(quiet[1]!);
    // What was repaired meanwhile has used up that word: its status asks for another one.
    for (const one of worlds) releaseRotations(one);
    if (rotates) await rest(quiet[1]!);
    if (scheduler.now > begun + FOREVER) violate(world, 'a history that nothing disturbs any more comes to rest');
    for (const one of worlds) {
      if (over()) break;
      checkEndState(one);
      checkRotationsEnd(one);
    }
    // Another life of the controller, without its memory, finds nothing to do.
    for (const { processes } of [fleet, ...others]) for (const process of processes) process.crash('restarted at rest');
    await until(scheduler.now + MINUTE + LEASE.leaseMs);
    const before = api.version;
    const sent = puts;
    await until(scheduler.now + 3 * MINUTE);
    if (sent !== puts) violate(world, 'nothing is sent at rest');
    if (!fleet.elected && before !== api.version) violate(world, 'nothing is written at rest');
    for (const one of [fleet, ...others]) one.end();
  } finally {
    close();
  }
  return { seed, violation: world.violation, digest: digest(), virtualMs: scheduler.now - begun, puts };
}

function calm(world: World, fleet: Fleet): void {
  world.note('calm');
  world.weather = CALM;
  if (world.rotations) world.rotations.weather = CALM_ROTATIONS;
  world.api.down = false;
  fleet.calm();
  for (const process of fleet.processes) {
    process.denied = false;
    process.thaw();
  }
  for (const aks of world.aks) aks.nextEnd = 'Succeeded';
  // What hangs ends.
  if (world.rotations)
    world.scheduler.after(30 * MINUTE, () => {
      for (const aks of world.aks) if (aks.running?.rotates) aks.finish('Succeeded');
    });
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
  releaseRotations(world);
}

/** Kubeconfigs of all clusters for their nodes, one a namespace. */
function createSecrets({ aks, api }: World): void {
  for (const { options, ca } of aks) {
    for (const namespace of ['team', 'ops'])
      api.create('secrets', `${namespace}/${kubeconfigSecret(options.name)}`, {
        data: { value: kubeconfigOf(options.name, ca?.pem) },
      });
  }
}

/** Git applies old requests again. A rotation makes every kubeconfig useless: people bring their Secrets up to date soon, hours later, or when all is calm. */
function followCAs(worlds: readonly World[]): void {
  for (const world of worlds) {
    for (const aks of world.aks) {
      const before = aks.onCA;
      aks.onCA = () => {
        before();
        const { random, scheduler, rotations } = world;
        const keeps = random.chance(rotations?.weather.keepsSecrets ?? 0);
        const ms = keeps ? random.between(3, 8) * 60 * MINUTE : random.between(0, 40 * MINUTE);
        scheduler.after(ms, () => refreshSecrets(world, aks));
      };
      const ended = aks.onEnd;
      aks.onEnd = (ours) => {
        ended(ours);
        const { random, scheduler, rotations } = world;
        if (aks.rotation?.endedAt !== scheduler.now || !random.chance(rotations?.weather.appliedAgain ?? 0)) return;
        scheduler.after(random.between(0, 8000), () => applyAgain(world, aks));
      };
    }
  }
}

function refreshSecrets({ api }: World, { options, ca }: Aks): void {
  for (const namespace of ['team', 'ops']) {
    const name = `${namespace}/${kubeconfigSecret(options.name)}`;
    const data = { value: kubeconfigOf(options.name, ca?.pem) };
    if (api.get('secrets', name)) api.update('secrets', name, (secret) => ({ ...secret, data }));
  }
}

function drawRotations(random: Random): Rotations {
  return {
    ledger: new RotationLedger(),
    mayRotate: new Set(random.chance(0.7) ? ['team', 'ops'] : ['team']),
    weather: drawRotationWeather(random),
  };
}

function drawClusters(random: Random, scheduler: Scheduler, withCA: boolean): readonly Aks[] {
  const withETag = random.chance(0.7);
  return (random.chance(0.3) ? ['prod', 'test'] : ['prod']).map((name) => {
    const elements = Array.from({ length: random.below(4) }, () => random.pick(POOL).element);
    return new Aks(scheduler, {
      name,
      withETag,
      windows: random.chance(0.15),
      nodes: random.below(4) + (random.chance(0.1) ? 0 : 1),
      withCA,
      // Nothing is rotated where the clocks are more than five minutes apart.
      clockOffset: random.pick([0, 0, -240_000, withCA ? 240_000 : 420_000]),
      list: random.chance(0.2) ? undefined : [...elements, ...(random.chance(0.1) ? [btoa('opaque')] : [])],
    });
  });
}
