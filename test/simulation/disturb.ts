import { foreignAct } from './foreign.ts';
import type { Fleet } from './fleet.ts';
import { kubeconfigOf, kubeconfigSecret } from './target.ts';
import { rotationUserAct } from './rotation-users.ts';
import { userAct, type UserHabits } from './users.ts';
import type { Moment, World } from './world.ts';

/** When the next thing of a script happens: after so long, or soon after a moment at which races begin. */
export type Cue = { readonly kind: 'After'; readonly ms: number } | { readonly kind: 'At'; readonly moment: Moment };

export function drawCue({ random }: World): Cue {
  if (random.chance(0.35)) {
    const moments = ['PutSent', 'PutLanded', 'RecordWritten', 'FinaliserWritten', 'OperationEnded'] as const;
    return { kind: 'At', moment: random.pick(moments) };
  }
  const [from, to] = random.weighted([
    [4, [0, 3000]],
    [3, [3000, 20_000]],
    [3, [20_000, 120_000]],
    [2, [120_000, 700_000]],
    [0.5, [700_000, 2_400_000]],
  ] as const);
  return { kind: 'After', ms: random.between(from, to) };
}

/** One thing that happens: to the objects, the clusters, the API server, or our processes. */
export function disturb(world: World, fleet: Fleet, habits: UserHabits, foreign: boolean): void {
  const { random, api, scheduler } = world;
  const what = random.weighted([
    [12, 'User'],
    [foreign ? 6 : 0, 'Foreign'],
    [world.weather.crash > 0 ? 2 : 0, 'Crash'],
    [world.weather.freeze > 0 ? 2 : 0, 'Freeze'],
    [1, 'Stop'],
    [4, 'Outage'],
    [0.6, 'ApiDown'],
    [0.6, 'Compact'],
    [0.4, 'Deny'],
    [0.3, 'LoseSecret'],
    [world.clockStepped ? 3 : 0, 'ClockStep'],
  ] as const);
  if (what !== 'User' && what !== 'Foreign') world.note(`disturb ${what}`);
  switch (what) {
    case 'User':
      return world.rotations && random.chance(0.6) ? rotationUserAct(world, habits) : userAct(world, habits);
    case 'Foreign':
      return foreignAct(world, random.pick(world.aks));
    case 'Crash':
      return fleet.any()?.crash('killed');
    case 'Freeze':
      return fleet.any()?.freeze(random.between(20_000, 150_000));
    case 'Stop':
      return fleet.any()?.stop();
    case 'Outage': {
      // A node is drained, or lost: what people do until we are back is news to caches that fill one object after the other.
      for (const process of fleet.processes) process.crash('killed');
      for (let acts = 1 + random.below(4); acts > 0; acts--) userAct(world, habits);
      return;
    }
    case 'ApiDown': {
      api.down = true;
      api.compacted = random.chance(0.5) ? api.version : api.compacted;
      for (const process of fleet.processes) process.hangUp();
      scheduler.after(random.between(1000, 600_000), () => (api.down = false));
      return;
    }
    case 'Compact':
      api.compacted = api.version;
      for (const process of fleet.processes) process.hangUp();
      return;
    case 'Deny': {
      for (const process of fleet.processes) process.denied = true;
      scheduler.after(random.between(10_000, 600_000), () => fleet.processes.forEach((one) => (one.denied = false)));
      return;
    }
    case 'LoseSecret': {
      const aks = random.pick(world.aks);
      const { name } = aks.options;
      const secret = `team/${kubeconfigSecret(name)}`;
      if (!api.get('secrets', secret)) return;
      api.delete('secrets', secret);
      scheduler.after(random.between(10_000, 600_000), () =>
        api.create('secrets', secret, { data: { value: kubeconfigOf(name, aks.ca?.pem) } }),
      );
      return;
    }
    case 'ClockStep': {
      const process = fleet.any();
      if (process) process.clockOffset += random.pick([-1, 1]) * random.between(1000, 600_000);
      return;
    }
  }
}
