import { describe, expect, it } from '@jest/globals';
import {
  at,
  intent,
  MINUTE,
  named,
  observe,
  operation,
  SECOND,
  slot,
  START,
  element,
  digest,
} from '../harness/build.ts';
import { passesFor, overwrite, put, reasonOf, rootsOf, sentBy, worldOf } from '../harness/follow.ts';
import { judge } from '../harness/judge.ts';
import type { World } from '../harness/world.ts';

const settle = (settleSeconds: number) => ({ settleSeconds });
const sends = async (world: World, ms: number) => sentBy(await passesFor(world, ms)).length;

describe('what another client added, where every object says Remove', () => {
  it('is taken out when it was quiet for as long as the objects ask', async () => {
    const world = worldOf({ a: [[0], { ...settle(600), unmanagedCertificates: 'Remove' }] });
    await passesFor(world, 40 * MINUTE);
    overwrite(world, 0, 5);
    world.wait(9 * MINUTE + SECOND);
    expect(await sends(world, 9 * MINUTE)).toBe(0);
    expect(reasonOf(world, 'a', 'Applied')).toBe('Settling');
    expect(await sends(world, 2 * MINUTE)).toBe(1);
    expect(rootsOf(world)).toEqual([0]);
  });
});

describe('a change', () => {
  it('is sent at once where no object asks for time to settle', async () => {
    const world = worldOf({ a: [0] });
    expect((await world.pass()).sent).toBeDefined();
  });

  it('is sent when it was quiet for as long as its object asks', async () => {
    const world = worldOf({ a: [[0], settle(30)] });
    expect(await sends(world, 29 * SECOND)).toBe(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Settling');
    expect(await sends(world, 2 * SECOND)).toBe(1);
  });

  it('waits anew after each edit, together with the others’', async () => {
    const world = worldOf({ a: [[0], settle(30)] });
    await passesFor(world, 20 * SECOND);
    put(world, 'b', [1], settle(30));
    expect(await sends(world, 29 * SECOND)).toBe(0);
    const [sent, ...more] = sentBy(await passesFor(world, 2 * SECOND));
    expect(sent?.operation.updateTrust?.adds).toEqual([named(0, 'team/a/ca'), named(1, 'team/b/ca')]);
    expect(more).toHaveLength(0);
  });

  it('waits for the longest settle time among those that change, and of no other', async () => {
    const world = worldOf({ a: [[0], settle(30)], c: [[5], settle(3600)] }, { list: [5] });
    expect(await sends(world, 31 * SECOND)).toBe(1);
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [0, 1], settle(30));
    put(world, 'b', [2], settle(120));
    expect(await sends(world, 119 * SECOND)).toBe(0);
    expect(await sends(world, 2 * SECOND)).toBe(1);
  });

  it('that never rests is sent after ten times the settle time', async () => {
    const world = worldOf({ a: [[0], settle(30)] });
    const count: number[] = [];
    for (let edits = 0; edits < 60; edits++) {
      put(world, 'a', [0, 1 + (edits % 2)], settle(30));
      count.push(await sends(world, 10 * SECOND));
    }
    expect(count.indexOf(1)).toBe(30);
  });

  it('that never rests settles anew after each write', async () => {
    const world = worldOf({ a: [[0], settle(30)] });
    const at: number[] = [];
    for (let index = 0; index < 180; index++) {
      put(world, 'a', [0, 1 + (index % 120)], settle(30));
      if ((await sends(world, 10 * SECOND)) > 0) at.push(index * 10);
    }
    expect(at.length).toBeGreaterThan(2);
    for (const [index, time] of at.slice(1).entries()) expect(time - at[index]!).toBeGreaterThanOrEqual(290);
  });

  it('that is taken back costs nothing, and the next one begins to settle anew', async () => {
    const world = worldOf({ a: [[0], settle(60)] });
    await passesFor(world, 50 * SECOND);
    put(world, 'a', [], settle(60));
    await passesFor(world, 5 * SECOND);
    expect(world.record?.pending).toBeUndefined();
    put(world, 'a', [0], settle(60));
    expect(await sends(world, 55 * SECOND)).toBe(0);
    expect(await sends(world, 10 * SECOND)).toBe(1);
  });

  it('of what others did settles as well', async () => {
    const world = worldOf({ a: [[0], settle(60)] });
    await passesFor(world, 20 * MINUTE);
    overwrite(world);
    world.wait(10 * MINUTE);
    expect(await sends(world, 59 * SECOND)).toBe(0);
    expect(await sends(world, 2 * SECOND)).toBe(1);
  });

  it('does not wait anew for what never arrived', async () => {
    const world = worldOf({ a: [[0], settle(30)] });
    await passesFor(world, 30 * SECOND);
    expect((await world.pass('LostNever')).sent).toBeDefined();
    expect(await sends(world, 75 * SECOND)).toBe(1);
  });

  it('does not wait anew after a refusal', async () => {
    const world = worldOf({ a: [[0], settle(30)] });
    await passesFor(world, 30 * SECOND);
    await world.pass('Throttled');
    expect(await sends(world, 22 * SECOND)).toBe(1);
  });

  it('settles while another one is under way, and goes right after it', async () => {
    const world = worldOf({ a: [0] });
    await world.pass();
    world.wait(5 * MINUTE);
    put(world, 'b', [1], settle(30));
    expect(await sends(world, 3 * MINUTE)).toBe(0);
    expect(world.record?.pending?.waitsFor).toBe('Updating');
    expect(await sends(world, 80 * SECOND)).toBe(1);
  });
});

describe('what the record says of a change to come', () => {
  it('is what comes and goes, since when, what it waits for and until when', () => {
    const record = { slots: [slot(0, 'team/a/ca')] };
    const seen = { intents: [intent('a', [1], settle(30))], record, elements: [element(0)] };
    const { pending } = judge(observe(seen)).decision.record ?? {};
    expect(pending).toMatchObject({
      since: at(START),
      changedAt: at(START),
      adds: [named(1).fingerprintSHA256],
      removes: [named(0).fingerprintSHA256],
      waitsFor: 'Settling',
      until: at(START + 30 * SECOND),
    });
  });

  it('is left alone while a list is on its way that was not seen yet', () => {
    const pending = { since: at(START), changedAt: at(START), digest: 'd', waitsFor: 'Nothing' };
    const record = { pending, operation: operation({ listDigest: digest(0), adds: [named(0, 'team/a/ca')] }) };
    const { decision } = judge(observe({ intents: [intent('a', [0])], record }), START + SECOND);
    expect(decision.record?.pending).toEqual({ ...pending, waitsFor: 'Updating' });
  });
});

describe('a pass over what does not change', () => {
  it.each<[string, () => World]>([
    ['at rest', () => worldOf({ a: [0, 1], b: [1, 2] })],
    ['over the limit', () => worldOf({ a: [0, 1, 2, 3, 4, 5], b: [6, 7, 8, 9, 10] })],
    ['suspended', () => worldOf({ a: [[0], { suspend: true }] }, { list: [3] })],
    ['without node access', () => worldOf({ a: [0] }, { nodeAccess: false })],
  ])('changes nothing, sends nothing, and comes at the pace of drift: %s', async (_what, make) => {
    const world = make();
    await passesFor(world, 60 * MINUTE);
    const before = { record: world.record, objects: [...world.objects] };
    const passes = await passesFor(world, 60 * MINUTE);
    expect({ record: world.record, objects: [...world.objects] }).toEqual(before);
    expect(passes).toHaveLength(6);
    expect(sentBy(passes)).toHaveLength(0);
  });

  it.each([
    ['another order', [1, 0]],
    ['a repetition', [0, 1, 0]],
  ])('sends nothing for %s in the list', async (_what, roots) => {
    const world = worldOf({ a: [0, 1] });
    await passesFor(world, 20 * MINUTE);
    overwrite(world, ...roots);
    expect(await sends(world, 60 * MINUTE)).toBe(0);
    expect(rootsOf(world)).toEqual(roots);
  });
});
