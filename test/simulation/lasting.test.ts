import { describe, expect, it } from '@jest/globals';
import { runHistories, summaryOf } from './child.ts';
import { CONDITIONS, conditionOf } from './conditions/all.ts';

/** As many as there are conditions, so that each is there. SIMULATION_SEED begins elsewhere; soak.ts goes on with others. */
const HISTORIES = CONDITIONS.length;
const SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

describe('histories of one condition that does not end for hours', () => {
  it(
    'stay bounded, name the cause, leave the others alone, and come to rest once it is over',
    async () => {
      const half = Math.ceil(HISTORIES / 2);
      const reports = await Promise.all([
        runHistories({ sort: 'lasting', seed: SEED, histories: half }),
        runHistories({ sort: 'lasting', seed: SEED + half, histories: HISTORIES - half }),
      ]);
      expect(reports.map((report) => summaryOf(report, 'lasting'))).toEqual([
        'no rule was broken',
        'no rule was broken',
      ]);
    },
    10 * 60_000,
  );

  it('are the same for the same seed', async () => {
    const [first, second] = await Promise.all([
      runHistories({ sort: 'lasting', seed: SEED, histories: 5 }),
      runHistories({ sort: 'lasting', seed: SEED, histories: 5 }),
    ]);
    expect(second.digest).toBe(first.digest);
  }, 120_000);

  it('have every condition once in so many seeds', () => {
    const drawn = new Set(Array.from({ length: HISTORIES }, (_, seed) => conditionOf(SEED + seed)));
    expect(drawn.size).toBe(HISTORIES);
  });
});
