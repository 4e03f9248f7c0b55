import { describe, expect, it } from '@jest/globals';
import { runHistories, summaryOf } from './child.ts';

/** Histories in each of two processes. SIMULATION_SEED begins elsewhere; soak.ts goes on with others. */
const HISTORIES = 40;
const SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

describe('histories in which the certificates of clusters are rotated as well', () => {
  it(
    'have no rotation that is not asked for, none twice, and each to its end',
    async () => {
      const reports = await Promise.all([
        runHistories({ sort: 'rotations', seed: SEED, histories: HISTORIES }),
        runHistories({ sort: 'rotations', seed: SEED + HISTORIES, histories: HISTORIES }),
      ]);
      expect(reports.map((report) => summaryOf(report, 'rotations'))).toEqual([
        'no rule was broken',
        'no rule was broken',
      ]);
    },
    10 * 60_000,
  );

  it('are the same for the same seed', async () => {
    const [first, second] = await Promise.all([
      runHistories({ sort: 'rotations', seed: SEED, histories: 3 }),
      runHistories({ sort: 'rotations', seed: SEED, histories: 3 }),
    ]);
    expect(second.digest).toBe(first.digest);
  }, 120_000);
});
