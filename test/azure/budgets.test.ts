import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBudgets } from '../../src/azure/budgets.ts';
import type { ArmCall } from '../../src/azure/failures.ts';

const SECOND = 1000;
const START = Date.parse('2026-11-22T00:00:00Z');
const cluster = (name: string, subscription = 's') => ({ subscription, resource: `${subscription}/${name}` });

/** Calls of one kind until one has to wait. */
function spend(budgets = createBudgets(), call: ArmCall = 'PutManagedCluster', scope = cluster('a'), now = START) {
  let calls = 0;
  while (budgets.take(call, scope, now) === 0) calls += 1;
  return calls;
}

describe('the budget of calls to ARM', () => {
  it.each<[ArmCall, number]>([
    ['PutManagedCluster', 20],
    ['GetManagedCluster', 60],
    ['ListManagedClustersByResourceGroup', 60],
    ['GetMaintenanceConfiguration', 60],
    ['ListClusterUserCredential', 60],
    ['GetOperation', 200],
    // ARM's own reads are fewer than AKS' 500.
    ['ListManagedClusters', 250],
    ['GetResourceGroup', 250],
    ['ListPermissions', 250],
    ['ListLocks', 250],
    ['ListKubernetesVersions', 250],
  ])('lets %s through %i times at once', (call, size) => {
    expect(spend(createBudgets(), call)).toBe(size);
  });

  it('is counted by cluster, so that one that is written often takes nothing from another', () => {
    const budgets = createBudgets();
    spend(budgets);
    expect(budgets.take('PutManagedCluster', cluster('b'), START)).toBe(0);
  });

  it('is counted by subscription over all its clusters, and by no other subscription', () => {
    const budgets = createBudgets();
    for (let n = 0; n < 250; n++) expect(budgets.take('GetManagedCluster', cluster(`c${n}`), START)).toBe(0);
    expect(budgets.take('GetManagedCluster', cluster('another'), START)).toBeGreaterThan(0);
    expect(budgets.take('GetManagedCluster', cluster('another', 't'), START)).toBe(0);
    // Writes have a bucket of their own.
    expect(budgets.take('PutManagedCluster', cluster('another'), START)).toBe(0);
  });

  it('says when to come back: a minute for the next write, and then it is there', () => {
    const budgets = createBudgets();
    spend(budgets);
    expect(budgets.wait('PutManagedCluster', cluster('a'), START)).toBe(60 * SECOND);
    expect(budgets.take('PutManagedCluster', cluster('a'), START + 60 * SECOND - 1)).toBeGreaterThan(0);
    expect(budgets.take('PutManagedCluster', cluster('a'), START + 60 * SECOND)).toBe(0);
  });

  it('tells those who wait different times, so that they do not come back for the same token', () => {
    const budgets = createBudgets();
    for (let n = 0; n < 250; n++) budgets.take('GetManagedCluster', cluster(`c${n}`), START);
    const waits = Array.from({ length: 100 }, (_, n) => budgets.take('GetManagedCluster', cluster(`w${n}`), START));
    expect(waits.slice(0, 3)).toEqual([40, 80, 120]);
    expect(waits.at(-1)).toBe(4 * SECOND);
    waits.forEach((wait, n) => expect(budgets.take('GetManagedCluster', cluster(`w${n}`), START + wait)).toBe(0));
  });

  it('takes nothing for a call that has to wait', () => {
    const budgets = createBudgets();
    spend(budgets, 'GetManagedCluster', cluster('a'));
    for (let n = 0; n < 1000; n++) budgets.take('GetManagedCluster', cluster('a'), START);
    // 60 of 250 reads are gone, whatever was asked for in vain.
    expect(Array.from({ length: 190 }, (_, n) => budgets.take('GetManagedCluster', cluster(`b${n}`), START))).toEqual(
      Array(190).fill(0),
    );
  });

  it('is not filled, and not emptied, by a clock that is set back', () => {
    const budgets = createBudgets();
    spend(budgets);
    expect(budgets.take('PutManagedCluster', cluster('a'), START - 3600 * SECOND)).toBeGreaterThan(0);
    expect(budgets.take('PutManagedCluster', cluster('a'), START - 3540 * SECOND)).toBe(0);
  });

  it('never lets more through than the size and what comes back, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 90 * SECOND }), { maxLength: 200 }), (pauses) => {
        const budgets = createBudgets();
        let now = START;
        let through = 0;
        for (const pause of pauses) {
          now += pause;
          if (budgets.take('PutManagedCluster', cluster('a'), now) === 0) through += 1;
          expect(through).toBeLessThanOrEqual(20 + (now - START) / (60 * SECOND));
        }
      }),
    );
  });

  it('forgets full buckets: ten thousand clusters that were asked once cost nothing for ever', () => {
    const budgets = createBudgets();
    for (let n = 0; n < 250; n++) budgets.take('GetManagedCluster', cluster(`c${n}`), START);
    for (let n = 0; n < 9750; n++) budgets.take('GetManagedCluster', cluster(`d${n}`, `s${n % 90}`), START + n * 20);
    expect(budgets.buckets).toBeLessThan(2500);
  });
});

describe('what a subscription allows is shared by namespaces', () => {
  const look = (name: string, ...payers: string[]) => ({ ...cluster(name), payers });

  /** Looks at one cluster of `team` in two minutes, one a second, while `others` ask for so many of other clusters each second. */
  function looksOf(team: string, asks: (second: number) => readonly { name: string; payer: string }[]): number {
    const budgets = createBudgets();
    let made = 0;
    for (let second = 0; second < 120; second++) {
      const now = START + second * SECOND;
      for (const { name, payer } of asks(second)) budgets.take('GetManagedCluster', look(name, payer), now);
      if (budgets.take('GetManagedCluster', look('ours', team), now) === 0) made += 1;
    }
    return made;
  }
  const flood = (count: number, payerOf: (n: number) => string) => () =>
    Array.from({ length: count }, (_, n) => ({ name: `other-${n}`, payer: payerOf(n) }));

  it.each([0, 100, 1000])('one that asks for %i reads a second takes none from another', (count) => {
    expect(
      looksOf(
        'team',
        flood(count, () => 'greedy'),
      ),
    ).toBe(120);
  });

  it('three that ask for more than there is take none from a fourth', () => {
    expect(
      looksOf(
        'team',
        flood(600, (n) => `greedy-${n % 3}`),
      ),
    ).toBe(120);
  });

  it('one that asks alone gets all that comes back', () => {
    const budgets = createBudgets();
    let made = 0;
    for (let second = 0; second < 120; second++)
      for (let n = 0; n < 100; n++)
        if (budgets.take('GetManagedCluster', look(`c${n}-${second}`, 'alone'), START + second * SECOND) === 0)
          made += 1;
    expect(made).toBeGreaterThan(119 * 25);
  });

  it('a cluster that several namespaces name is read while one of them has a share left', () => {
    const budgets = createBudgets();
    for (let n = 0; n < 500; n++) budgets.take('GetManagedCluster', look(`c${n}`, 'greedy'), START);
    expect(budgets.take('GetManagedCluster', look('theirs', 'greedy'), START)).toBeGreaterThan(0);
    expect(budgets.take('GetManagedCluster', look('both', 'greedy', 'team'), START)).toBe(0);
  });

  it('a namespace over its share gets different times, and the others do not wait behind it', () => {
    const budgets = createBudgets();
    const waits = Array.from({ length: 1000 }, (_, n) =>
      budgets.take('GetManagedCluster', look(`c${n}`, 'greedy'), START),
    ).filter((wait) => wait > 0);
    expect(new Set(waits).size).toBe(waits.length);
    expect(Math.max(...waits)).toBeGreaterThan(30 * SECOND);
    expect(budgets.take('GetManagedCluster', look('ours', 'team'), START)).toBe(0);
  });

  it('is remembered of few namespaces: full shares are forgotten', () => {
    const budgets = createBudgets();
    for (let n = 0; n < 20_000; n++) budgets.take('GetManagedCluster', look(`c${n}`, `n${n}`), START + n * SECOND);
    expect(budgets.buckets).toBeLessThan(5000);
  });
});
