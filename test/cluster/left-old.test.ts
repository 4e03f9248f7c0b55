import { describe, expect, it } from '@jest/globals';
import type { NodeView } from '../../src/cluster/model/observation.ts';
import { HOUR, MINUTE, node, START } from '../harness/build.ts';
import { condition, passesFor, put, reasonOf, rootsOf, sentBy, worldOf } from '../harness/follow.ts';
import type { World } from '../harness/world.ts';

/** A machine that AKS does not replace, as one that is deallocated by the pool's scale-down mode: its Node object stays. */
function withOldNode(world: World): { remove: () => void } {
  const old = node('deallocated-1', START - 48 * HOUR, { ready: false });
  let others = world.cluster.nodes;
  let there = true;
  Object.defineProperty(world.cluster, 'nodes', {
    get: () => (there ? [...others, old] : others),
    set: (nodes: NodeView[]) => void (others = nodes.filter(({ name }) => name !== old.name)),
  });
  return { remove: () => void (there = false) };
}

describe('a node that AKS leaves old', () => {
  it('is read less and less often, down to the drift interval', async () => {
    const world = worldOf({ a: [0] });
    withOldNode(world);
    await passesFor(world, 20 * MINUTE);
    const day = await passesFor(world, 24 * HOUR);
    expect(day.length).toBeLessThanOrEqual(24 * 6 + 6);
    expect(sentBy(day)).toHaveLength(0);
  });

  it('makes the object Stalled, with a message about the ways out, and the record says the same all day', async () => {
    const world = worldOf({ a: [0] });
    withOldNode(world);
    await passesFor(world, 11 * MINUTE);
    expect(condition(world, 'a', 'Stalled')).toBeUndefined();
    await passesFor(world, 9 * MINUTE);
    const { message } = condition(world, 'a', 'Stalled') ?? {};
    expect(message).toMatch(/1 node is older than the change: AKS does not replace .* delete-machines.*nodeAccess/);
    const { record } = world;
    await passesFor(world, 24 * HOUR);
    expect(world.record).toEqual(record);
    expect(condition(world, 'a', 'Stalled')?.message).toBe(message);
  });

  it('does not keep an object that is deleted with Remove once its certificates are out of the list', async () => {
    const world = worldOf({ a: [0], b: [1] });
    withOldNode(world);
    await passesFor(world, 2 * HOUR);
    put(world, 'a', [0], { deleting: true, deletionPolicy: 'Remove' });
    await passesFor(world, 30 * MINUTE);
    expect([world.objects.has('team/a'), rootsOf(world)]).toEqual([false, [1]]);
    // Progress goes on being counted.
    expect(world.record?.operation?.updateTrust?.removes).toHaveLength(1);
    expect(world.record?.nodes?.summary).toBe('3/4');
  });

  it('keeps an object that is deleted with Remove while AKS still works', async () => {
    const world = worldOf({ a: [0], b: [1] });
    await passesFor(world, 2 * HOUR);
    put(world, 'a', [0], { deleting: true, deletionPolicy: 'Remove' });
    await passesFor(world, 8 * MINUTE);
    expect([world.objects.has('team/a'), rootsOf(world)]).toEqual([true, [1]]);
  });

  it('is no reason to wait for another change', async () => {
    const world = worldOf({ a: [0] });
    withOldNode(world);
    await passesFor(world, 2 * HOUR);
    put(world, 'a', [0, 1]);
    expect(sentBy(await passesFor(world, MINUTE))).toHaveLength(1);
  });

  it('is forgotten when it goes after all', async () => {
    const world = worldOf({ a: [0] });
    const { remove } = withOldNode(world);
    await passesFor(world, 2 * HOUR);
    remove();
    await passesFor(world, 20 * MINUTE);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    expect(world.record?.operation).toBeUndefined();
  });
});
