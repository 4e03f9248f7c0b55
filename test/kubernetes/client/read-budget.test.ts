import { describe, expect, it } from '@jest/globals';
import { createReadBudget, type Meter } from '../../../src/kubernetes/client/read-budget.ts';
import { eventually } from '../../eventually.ts';
import { settled } from '../../runtime/manual-clock.ts';

/** Notes in which order waiting answers get room, and which are given up. */
function watching() {
  const happened: string[] = [];
  const grow = (name: string, meter: Meter, bytes: number) => {
    const waits = meter.grow(bytes);
    void waits?.then(
      () => happened.push(`${name} goes on`),
      (error: Error) => happened.push(`${name} is refused: ${error.message}`),
    );
    return waits !== undefined;
  };
  return { happened, grow };
}

/** All that is read is small. */
const SMALL = { largest: 1000, large: 1, small: 100, allSmall: 100 };
/** Everything above 10 is large, and there is room for two. */
const LARGE = { largest: 100, large: 2, small: 10, allSmall: 1000 };

describe('a budget of what is read', () => {
  it('lets answers grow while there is room, and counts what each holds', () => {
    const budget = createReadBudget(SMALL);
    const [a, b] = [budget.open('a', 'GET /a'), budget.open('b', 'GET /b')];
    expect([a.grow(40), b.grow(60), a.grow(0)]).toEqual([undefined, undefined, undefined]);
    expect(budget.held).toBe(100);
    a.clear();
    expect(budget.held).toBe(60);
    b.close();
    b.close();
    expect(budget.held).toBe(0);
  });

  it('sets room aside for all of an answer that becomes large, so that it comes to its end', async () => {
    const budget = createReadBudget(LARGE);
    const { happened, grow } = watching();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => budget.open(name, `GET /${name}`)) as [Meter, Meter, Meter];
    for (const meter of [a, b, c]) expect(grow('small', meter, 10)).toBe(false);
    expect([grow('a', a, 20), grow('b', b, 20), grow('c', c, 20)]).toEqual([false, false, true]);
    expect(budget.held).toBe(230);
    expect([grow('a', a, 60), grow('b', b, 60)]).toEqual([false, false]);
    a.close();
    await settled();
    expect(happened).toEqual(['c goes on']);
    for (const meter of [b, c]) meter.close();
    expect(budget.held).toBe(0);
  });

  it('gives room to the payer that holds least, no matter which came first', async () => {
    const budget = createReadBudget(SMALL);
    const { happened, grow } = watching();
    const [greedy, honest, other] = [budget.open('greedy', ''), budget.open('honest', ''), budget.open('other', '')];
    expect(grow('greedy', greedy, 80)).toBe(false);
    expect(grow('other', other, 20)).toBe(false);
    const more = budget.open('greedy', '');
    expect(grow('more of the greedy', more, 15)).toBe(true);
    expect(grow('honest', honest, 15)).toBe(true);
    other.close();
    await settled();
    expect(happened).toEqual(['honest goes on']);
    honest.close();
    await settled();
    expect(happened).toEqual(['honest goes on', 'more of the greedy goes on']);
    for (const meter of [greedy, more]) meter.close();
    expect(budget.held).toBe(0);
  });

  it('lets no payer overtake one that waits', async () => {
    const budget = createReadBudget(SMALL);
    const { happened, grow } = watching();
    const [large, waits, small] = [budget.open('a', ''), budget.open('b', ''), budget.open('c', '')];
    expect(grow('large', large, 90)).toBe(false);
    expect(grow('waits', waits, 50)).toBe(true);
    expect(grow('small', small, 5)).toBe(true);
    large.close();
    await settled();
    expect(happened).toEqual(['waits goes on', 'small goes on']);
    for (const meter of [waits, small]) meter.close();
  });

  it('gives up an answer that takes long while others wait, first of whom holds most', async () => {
    const budget = createReadBudget({ ...SMALL, patienceMs: 20 });
    const { happened, grow } = watching();
    const slow = [1, 2, 3].map((number) => budget.open(number < 3 ? 'two' : 'one', `GET /${number}`));
    const givenUp: string[] = [];
    slow.forEach((meter, index) => {
      meter.onGivenUp(({ message }) => givenUp.push(message));
      grow(`${index}`, meter, 30);
    });
    const honest = budget.open('honest', 'GET /honest');
    expect(grow('honest', honest, 30)).toBe(true);
    await eventually(async () => happened.length > 0);
    expect(happened).toEqual(['honest goes on']);
    expect(givenUp).toHaveLength(1);
    expect(givenUp[0]).toMatch(/^GET \/1: the answer is large and slow, and was given up so that others can be read/);
    expect(() => slow[0]?.grow(1)).toThrow('large and slow');
    for (const meter of [...slow, honest]) meter.close();
    expect(budget.held).toBe(0);
  });

  it('reads all answers to their ends without giving one up where none is slow', async () => {
    const budget = createReadBudget(LARGE);
    const all = Array.from({ length: 20 }, (_, number) => budget.open('ARM', `GET /${number}`));
    await Promise.all(
      all.map(async (meter) => {
        for (let step = 0; step < 10; step++) {
          await meter.grow(10);
          await settled();
        }
        meter.close();
      }),
    );
    expect(budget.held).toBe(0);
  });

  it('comes to an end where all wait for each other', async () => {
    const budget = createReadBudget({ ...SMALL, patienceMs: 10 });
    const all = Array.from({ length: 10 }, (_, number) => budget.open(`payer ${number}`, `GET /${number}`));
    let ended = 0;
    await Promise.all(
      all.map(async (meter) => {
        try {
          for (let step = 0; step < 5; step++) await meter.grow(10);
          ended += 1;
        } catch (error) {
          expect((error as Error).message).toContain('large and slow');
        } finally {
          meter.close();
        }
      }),
    );
    expect(ended).toBeGreaterThan(0);
    expect(budget.held).toBe(0);
  });

  it('refuses what waits when its request is over', async () => {
    const budget = createReadBudget(SMALL);
    const { happened, grow } = watching();
    const [holds, waits] = [budget.open('a', ''), budget.open('b', 'GET /b')];
    grow('holds', holds, 100);
    grow('waits', waits, 1);
    waits.close();
    await settled();
    expect(happened).toEqual(['waits is refused: GET /b: the answer is not read any more']);
    holds.close();
  });
});
