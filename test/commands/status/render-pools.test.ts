import { describe, expect, it } from '@jest/globals';
import { pool, record, trust, UPDATING, view } from './states.ts';

describe('the table of pools', () => {
  const blocked = pool('apps', 9, 1, { reimaging: 1, waiting: 7, blockedBy: 'a budget' });
  const table = (columns: number) => {
    const lines = view([trust()], [record({ ...UPDATING, nodePools: [blocked] })], { columns });
    const header = lines.findIndex((line) => line.startsWith('  POOL'));
    return lines.slice(header, header + 2);
  };

  it.each([
    [
      71,
      [
        '  POOL                          NODES  NOW  WAITING  PHASE',
        '  apps  [##++................]    1/9    1        7  Reimaging, blocked',
      ],
    ],
    [
      70,
      [
        '  POOL                NODES  NOW  WAITING  PHASE',
        '  apps  [#+........]    1/9    1        7  Reimaging, blocked',
      ],
    ],
    [60, ['  POOL                NODES  PHASE', '  apps  [#+........]    1/9  Reimaging, blocked']],
    [40, ['  POOL  NODES  PHASE', '  apps    1/9  Reimaging, blocked']],
  ])('in %d columns leaves out what matters less than the phase', (columns, rows) => {
    expect(table(columns)).toEqual(rows);
  });

  it('has a row for each of 200 pools, or those that matter most where there is no room', () => {
    const blockedBy = 'a budget';
    const nodePools = Array.from({ length: 200 }, (_, n) =>
      pool(`p${n}`, 5, n === 150 ? 2 : 5, n === 150 ? { blockedBy } : {}),
    );
    const all = view([trust()], [record({ ...UPDATING, nodePools })]);
    expect(all.filter((line) => /^ {2}p\d+ /.test(line))).toHaveLength(200);
    const few = view([trust()], [record({ ...UPDATING, nodePools })], { pools: 5 });
    const rows = few.filter((line) => /^ {2}p\d+ /.test(line));
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^ {2}p150 .*blocked$/);
    expect(few).toContain('  and 196 pools more: 196 Done');
    const two = { ...UPDATING, nodePools: nodePools.slice(0, 2) };
    expect(view([trust()], [record(two)], { pools: 1 }).join('\n')).not.toContain('more');
  });
});
