import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { reportOn } from '../../../src/commands/status/cluster-report.ts';
import { fitted } from '../../../src/commands/status/fit-window.ts';
import { columnsOf, paint, safe } from '../../../src/commands/status/text.ts';
import { DEFAULT_VIEW, pool, record, ROTATED, rotation, says, trust, UPDATING, view } from './states.ts';

describe('a view in a window', () => {
  const stuck = says('Stalled', 'True', 'Held');
  const clusters = fc.array(
    fc.record({
      pools: fc.nat(30),
      objects: fc.integer({ min: 0, max: 4 }),
      words: fc.nat(200),
      stuck: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  );
  const reportsOf = (seeds: readonly { pools: number; objects: number; words: number; stuck: boolean }[]) =>
    reportOn({
      trusts: seeds.flatMap((seed, n) =>
        Array.from({ length: seed.objects }, (_, place) => {
          const ready = says('Ready', 'False', 'Held', 'word '.repeat(seed.words).trimEnd());
          return trust({ name: `o${place}`, cluster: `c${n}`, conditions: seed.stuck ? [ready, stuck] : [ready] });
        }),
      ),
      rotations: seeds.flatMap((seed, n) =>
        seed.stuck ? [rotation({ cluster: `c${n}`, conditions: [stuck], status: ROTATED })] : [],
      ),
      records: seeds.map((seed, n) => {
        const nodePools = Array.from({ length: seed.pools }, (_, place) => pool(`p${place}`, 9, place % 10));
        return record({ ...UPDATING, nodePools }, `c${n}`);
      }),
    });

  it('is never higher or wider than it, and is whole where there is room', () => {
    fc.assert(
      fc.property(
        clusters,
        fc.integer({ min: 1, max: 160 }),
        fc.integer({ min: 4, max: 80 }),
        (seeds, columns, room) => {
          const reports = reportsOf(seeds);
          const view = { ...DEFAULT_VIEW, columns };
          const lines = fitted(reports, view, room).map((line) => paint(line, false));
          expect(lines.length).toBeLessThanOrEqual(room);
          for (const line of lines) expect(columnsOf(safe(line))).toBeLessThanOrEqual(columns);
          const whole = fitted(reports, view, Infinity);
          if (whole.length <= room) expect(lines).toEqual(whole.map((line) => paint(line, false)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('with infinite room is the view', () => {
    const trusts = [trust()];
    const records = [record(UPDATING)];
    const lines = fitted(reportOn({ trusts, records }), DEFAULT_VIEW, Infinity);
    expect(lines.map((line) => paint(line, false))).toEqual(view(trusts, records));
  });
});
