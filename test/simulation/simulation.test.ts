import { describe, expect, it } from '@jest/globals';
import { runHistories, type Report } from './child.ts';

/** Histories in each of two processes. SIMULATION_SEED begins elsewhere; soak.ts goes on where this ends, and finds what is rare. */
const HISTORIES = Number(process.env['SIMULATION_HISTORIES'] ?? 400);
const SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

/** What is printed of a failure: everything that is needed to see it again. */
function told({ failed }: Report): string {
  return failed
    ? `${failed.rule}\nreplay: node test/simulation/run.ts --seed ${failed.seed} --trace`
    : 'no rule was broken';
}

describe('histories of the controller', () => {
  it(
    'keep every rule, and come to rest once nothing disturbs them',
    async () => {
      const reports = await Promise.all([
        runHistories({ seed: SEED, histories: HISTORIES }),
        runHistories({ seed: SEED + HISTORIES, histories: HISTORIES }),
      ]);
      expect(reports.map(told)).toEqual(['no rule was broken', 'no rule was broken']);
      expect(reports.map(({ histories }) => histories)).toEqual([HISTORIES, HISTORIES]);
    },
    10 * 60_000,
  );

  it('are the same for the same seed', async () => {
    const [first, second] = await Promise.all([
      runHistories({ seed: SEED, histories: 30 }),
      runHistories({ seed: SEED, histories: 30 }),
    ]);
    expect(second.digest).toBe(first.digest);
  }, 60_000);
});
