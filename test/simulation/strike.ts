import type { Process } from './process.ts';
import type { World } from './world.ts';

/** What hits a process at a call: it dies right before (nothing has left it yet), right after, or freezes. */
export function strike(world: World, process: Process, rare: boolean): void {
  const { random, scheduler, weather } = world;
  const share = rare ? 0.05 : 1;
  if (random.chance(weather.crash * share)) {
    // The call itself is on its way already; the answer finds nobody. Some die while it travels, some when it was served.
    scheduler.after(random.pick([0, 1, random.between(0, 100), random.between(0, 60_000)]), () =>
      process.crash('struck at a call'),
    );
  } else if (random.chance(weather.freeze * share)) {
    const ms = random.between(20_000, 150_000);
    scheduler.after(random.pick([0, 0, random.between(0, 200)]), () => process.freeze(ms));
  }
}

/** True where a process dies before its call leaves it: the call never happens. */
export function diesBefore(world: World, process: Process, rare: boolean): boolean {
  if (!world.random.chance(world.weather.crash * (rare ? 0.05 : 0.5))) return false;
  process.crash('struck before a call');
  return true;
}

/** What a dead process hears. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
