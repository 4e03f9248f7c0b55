import { randomInt } from 'node:crypto';
import { createRandom, type Random } from '../simulation/random.ts';

/**
 * What decides everything that is not decided by real processes and their timing: a new seed each time, or CHAOS_SEED. It is
 * part of what a failing test says.
 */
export function chooseSeed(): { readonly seed: number; readonly random: Random } {
  const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31));
  return { seed, random: createRandom(seed) };
}
