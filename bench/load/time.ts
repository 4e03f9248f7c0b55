import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds of the machine's monotonic clock: the same for every process of the machine, the simulator's journal among them. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function sleep(ms: number): Promise<void> {
  return pause(ms);
}

/** Asks every `everyMs` until the answer is true. Throws with `what` when it is not within `limitMs`. */
export async function until(
  what: string,
  ask: () => boolean | Promise<boolean>,
  { limitMs = 60_000, everyMs = 20 } = {},
): Promise<void> {
  const end = now() + limitMs;
  while (!(await ask())) {
    if (now() > end) throw new Error(`Not within ${limitMs / 1000} s: ${what}`);
    await pause(everyMs);
  }
}
