import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from '../harness/build.ts';
import { passesFor, put, reasonOf, rootsOf, sentBy, worldOf } from '../harness/follow.ts';

describe('a list that lands after its operation was given up', () => {
  it('is still managed several passes later: a certificate that no object wants any more is removed', async () => {
    const world = worldOf({ a: [0, 1], b: [5] }, { list: [5], eTags: false });
    // It arrives after 90 s, and counts as lost after 70 s.
    expect((await world.pass('LostLate')).sent).toBeDefined();
    put(world, 'a', [0]);
    put(world, 'a', [], { allowEmpty: true });
    await passesFor(world, 72 * SECOND);
    expect(world.record?.operation).toBeUndefined();
    for (let passes = 0; passes < 3; passes++) {
      world.wait(3 * SECOND);
      await world.pass();
    }
    expect(world.record?.discarded).toHaveLength(2);
    world.wait(20 * SECOND);
    expect(rootsOf(world)).toEqual([5, 0, 1]);
    expect(sentBy(await passesFor(world, 30 * MINUTE))).toHaveLength(1);
    expect(rootsOf(world)).toEqual([5]);
    expect(reasonOf(world, 'b', 'Ready')).toBe('Trusted');
  });
});
