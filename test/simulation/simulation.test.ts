import { describe, expect, it } from '@jest/globals';
import { runHistories, summaryOf } from './child.ts';

/** Histories in each of two processes. SIMULATION_SEED begins elsewhere; soak.ts goes on where this ends, and finds what is rare. */
const HISTORIES = Number(process.env['SIMULATION_HISTORIES'] ?? 400);
const SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

describe('histories of the controller', () => {
  it(
    'keep every rule, and come to rest once nothing disturbs them',
    async () => {
      const reports = await Promise.all([
        runHistories({ seed: SEED, histories: HISTORIES }),
        runHistories({ seed: SEED + HISTORIES, histories: HISTORIES }),
      ]);
      expect(reports.map((report) => summaryOf(report))).toEqual(['no rule was broken', 'no rule was broken']);
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
