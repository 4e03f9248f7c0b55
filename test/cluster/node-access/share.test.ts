import { describe, expect, it } from '@jest/globals';
import { createShares } from '../../../src/cluster/node-access/share.ts';

describe('what readings hold until their reconciles end', () => {
  it('may be all that there is room for, of one payer', () => {
    const shares = createShares(100);
    shares.take('one', 'team', 100);
    expect(() => shares.take('one', 'team', 1)).toThrow(/this one has 101 objects; it will be retried later$/);
    shares.giveBack('one');
    shares.take('two', 'team', 100);
  });

  it('leaves every payer a share, however much others hold', () => {
    const shares = createShares(100);
    shares.take('one', 'greedy', 60);
    shares.take('two', 'greedy', 40);
    shares.take('three', 'honest', 50);
    expect(() => shares.take('three', 'honest', 1)).toThrow('51 objects');
    expect(() => shares.take('one', 'greedy', 1)).toThrow('101 objects');
    shares.giveBack('one');
    shares.take('three', 'honest', 10);
  });

  it('is at most twice as much, however many payers come', () => {
    const shares = createShares(1000);
    let held = 0;
    for (let payer = 0; payer < 500; payer++)
      try {
        for (;;) {
          shares.take('pass', `team-${payer}`, 1);
          held += 1;
        }
      } catch {
        // Its share is used up.
      }
    expect(held).toBe(2000);
  });

  it('is dropped where a reading came to nothing', () => {
    const shares = createShares(10);
    shares.take('one', 'team', 4);
    shares.take('one', 'team', 6);
    shares.drop('one', 'team', 6);
    shares.take('two', 'team', 6);
    shares.giveBack('one');
    shares.take('two', 'team', 4);
    expect(() => shares.take('two', 'team', 1)).toThrow('11 objects');
    shares.drop('never taken', 'team', 5);
    expect(() => shares.take('two', 'team', 1)).toThrow('11 objects');
  });

  it('is given back once', () => {
    const shares = createShares(10);
    shares.take('one', 'team', 10);
    shares.giveBack('one');
    shares.giveBack('one');
    shares.giveBack('never taken');
    shares.take('two', 'team', 10);
    expect(() => shares.take('three', 'team', 1)).toThrow('11 objects');
  });
});
