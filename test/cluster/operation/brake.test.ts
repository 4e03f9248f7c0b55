import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBrake, type Brake, type Turn, type Wish } from '../../../src/cluster/operation/brake.ts';

const MINUTE = 60_000;
const SLOT = 15 * MINUTE;

let time: number;
let woken: string[];
let brake: Brake;

beforeEach(() => {
  time = 1_000_000_000;
  woken = [];
  brake = make(2);
});

function make(limit: number): Brake {
  return createBrake({ limit, now: () => time, wake: (key) => void woken.push(key), askAgainMs: 5 * MINUTE });
}

/** A pass that has something to send, and records it when it may. */
function send(key: string, wish: Partial<Wish> = {}): Turn | undefined {
  const pass = brake.begin(key);
  const turn = pass.take({ first: false, since: time, ...wish });
  pass.written(turn ? { waitsSince: wish.since ?? time } : { holdsUntil: time + SLOT });
  pass.end();
  return turn;
}

/** A pass that finds nothing to send, with what it leaves in the record. */
function read(key: string, holdsUntil?: number): void {
  const pass = brake.begin(key);
  pass.written({ holdsUntil });
  pass.end();
}

describe('the brake', () => {
  it('allows as many clusters to change as its limit says, and says how many are ahead of the others', () => {
    expect([send('a'), send('b')]).toEqual([undefined, undefined]);
    expect(send('c', { since: 1 })).toMatchObject({ limit: 2, changing: 2, ahead: 0 });
    expect(send('d', { since: 2 })).toMatchObject({ limit: 2, changing: 2, ahead: 1 });
    expect(brake.counts()).toEqual({ changing: 2, waiting: 2 });
  });

  it('allows any number to change without a limit', () => {
    brake = make(0);
    for (let cluster = 0; cluster < 100; cluster++) expect(send(`${cluster}`)).toBeUndefined();
    expect(brake.counts()).toEqual({ changing: 100, waiting: 0 });
  });

  describe('of changes that only one cluster at a time may have', () => {
    const alone = (key: string, since = time, automatic = false): Turn | undefined => {
      const pass = brake.begin(key);
      const turn = pass.take({ first: false, since, alone: true, automatic });
      pass.written(turn ? {} : { holdsUntil: time + SLOT, alone: true });
      pass.end();
      return turn;
    };

    it.each([0, 2, 5])('lets one go, whatever the limit is: %i', (limit) => {
      brake = make(limit);
      expect(alone('a')).toBeUndefined();
      expect(alone('b')).toMatchObject({ alone: true, changing: 1, ahead: 0 });
      // A change of another sort does not wait for it.
      expect(send('c')).toBeUndefined();
      expect(woken).toEqual([]);
    });

    it('counts those in the records of an earlier process', () => {
      brake.note('a', { holdsUntil: time + SLOT, alone: true });
      expect(alone('b')).toMatchObject({ alone: true });
      brake.note('a', {});
      expect(alone('b')).toBeUndefined();
    });

    it('lets the next one go when the slot of the first is over, as that of a Stalled one is', () => {
      expect(alone('a')).toBeUndefined();
      time += SLOT;
      expect(alone('b')).toBeUndefined();
    });

    it('lets the one that waits longest go first, unless it does not come any more', () => {
      expect(alone('a')).toBeUndefined();
      expect(alone('old', 1)).toMatchObject({ ahead: 0, afterMs: MINUTE });
      read('a');
      // Far back in the queue, it asks seldom: all its checks are read each time.
      expect(alone('young', 2)).toMatchObject({ changing: 0, ahead: 1, afterMs: 5 * MINUTE });
      time += 7 * MINUTE;
      expect(alone('young', 2)).toMatchObject({ ahead: 1 });
      time += 1;
      expect(alone('young', 2)).toBeUndefined();
    });

    it('lets its own cluster send again', () => {
      expect(alone('a')).toBeUndefined();
      alone('b', 1);
      expect(alone('a', 2)).toBeUndefined();
    });

    it('lets one that has nothing to send any more keep no other from it', () => {
      expect(alone('a')).toBeUndefined();
      alone('old', 1);
      read('a');
      read('old');
      expect(alone('young', 2)).toBeUndefined();
    });

    it('lets one that a person has asked for go before those that waited longer', () => {
      expect(alone('a')).toBeUndefined();
      expect(alone('policy', 1, true)).toMatchObject({ ahead: 0 });
      expect(alone('request', 2)).toMatchObject({ ahead: 0 });
      read('a');
      expect(alone('policy', 1, true)).toMatchObject({ changing: 0, ahead: 1 });
      expect(alone('request', 2)).toBeUndefined();
      expect(alone('policy', 1, true)).toMatchObject({ changing: 1 });
    });

    it('holds one that no person has asked for while that of another cluster has failed or hangs, and no other one', () => {
      brake.note('a', { alone: true, holdsUntil: time + SLOT, troubledFrom: time + SLOT });
      expect(alone('policy', 1, true)).toMatchObject({ changing: 1 });
      time += SLOT;
      expect(alone('policy', 1, true)).toMatchObject({ alone: true, troubled: ['a'], ahead: 0 });
      // One of its own cluster is decided by its record.
      expect(alone('a', 1, true)).toBeUndefined();
      brake.note('a', { troubledFrom: -Infinity, troubledUntil: time + SLOT });
      expect(alone('policy', 1, true)).toMatchObject({ troubled: ['a'] });
      // It does not stand in the way of one that was asked for.
      expect(alone('request', 2)).toBeUndefined();
      read('request');
      brake.note('a', {});
      expect(alone('policy', 1, true)).toBeUndefined();
    });

    it('is not held for ever by a trouble that is left alone', () => {
      brake.note('a', { troubledFrom: -Infinity, troubledUntil: time + SLOT });
      time += SLOT - 1;
      expect(alone('policy', 1, true)).toMatchObject({ troubled: ['a'] });
      time += 1;
      expect(alone('policy', 1, true)).toBeUndefined();
    });

    it('names only some of the clusters in trouble', () => {
      for (let index = 0; index < 100; index++) brake.note(`a${index}`, { troubledFrom: -Infinity });
      expect(alone('policy', 1, true)?.troubled).toHaveLength(10);
    });

    it('waits for a slot like every other change', () => {
      expect([send('x'), send('y')]).toEqual([undefined, undefined]);
      expect(alone('a')).toMatchObject({ limit: 2, changing: 2 });
      expect(alone('a')?.alone).toBeUndefined();
    });

    it('counts one whose reconcile failed after it took its turn', () => {
      const pass = brake.begin('a');
      expect(pass.take({ first: false, since: 1, alone: true })).toBeUndefined();
      pass.end();
      expect(alone('b')).toMatchObject({ alone: true });
    });
  });

  it('forgets a change that waited, by the record, and has nothing to send any more', () => {
    brake.note('a', { waitsSince: 1 });
    const pass = brake.begin('a');
    pass.end();
    expect(brake.counts()).toEqual({ changing: 0, waiting: 0 });
  });

  it('gives no second place to a cluster that is about to send, whatever the watch brings of it meanwhile', () => {
    const pass = brake.begin('a');
    expect(pass.take({ first: false, since: 1 })).toBeUndefined();
    brake.note('a', { waitsSince: 1 });
    expect(send('b')).toBeUndefined();
    expect(woken).toEqual([]);
    pass.written({ holdsUntil: time + SLOT });
    pass.end();
    expect(brake.counts()).toEqual({ changing: 2, waiting: 0 });
  });

  it('wakes the oldest at once when a slot is free, and only as many as there are slots', () => {
    for (const key of ['a', 'b']) send(key);
    send('young', { since: 30 });
    send('old', { since: 10 });
    send('older', { since: 5 });
    read('a');
    expect(woken).toEqual(['older']);
    expect(send('young', { since: 30 })).toMatchObject({ ahead: 2 });
    expect(send('older', { since: 5 })).toBeUndefined();
    read('b');
    expect(woken).toEqual(['older', 'old']);
  });

  it('sends a resumption before new changes, however old they are', () => {
    for (const key of ['a', 'b']) send(key);
    send('new', { since: 1 });
    send('resumed', { first: true, since: 100 });
    read('a');
    expect(woken).toEqual(['resumed']);
  });

  it('allows a cluster that has a slot to send again', () => {
    for (const key of ['a', 'b']) send(key);
    expect(send('a')).toBeUndefined();
    expect(brake.counts().changing).toBe(2);
  });

  it('reserves in one step: two passes at a time do not take one slot', () => {
    send('a');
    const [b, c] = [brake.begin('b'), brake.begin('c')];
    expect(b.take({ first: false, since: 1 })).toBeUndefined();
    expect(c.take({ first: false, since: 1 })).toMatchObject({ changing: 2 });
  });

  it('gives a slot back at once when the write was refused', () => {
    for (const key of ['a', 'b']) send(key);
    read('b');
    const pass = brake.begin('c');
    expect(pass.take({ first: false, since: 1 })).toBeUndefined();
    pass.written({});
    pass.end();
    expect(brake.counts().changing).toBe(1);
  });

  it('keeps a slot whose pass failed in the middle until the record is read, or a minute is over', () => {
    const pass = brake.begin('a');
    pass.take({ first: false, since: 1 });
    pass.end();
    expect(brake.counts().changing).toBe(1);
    brake.note('a', { holdsUntil: time + SLOT });
    time += 2 * MINUTE;
    expect(brake.counts().changing).toBe(1);
    brake.note('a', {});
    expect(brake.counts().changing).toBe(0);
  });

  it('does not forget what the watch brought in the middle of a pass that then failed', () => {
    const pass = brake.begin('a');
    pass.take({ first: false, since: 1 });
    brake.note('a', { holdsUntil: time + SLOT });
    pass.end();
    time += 2 * MINUTE;
    expect(brake.counts().changing).toBe(1);
  });

  it('counts what other processes have recorded, and what an earlier life has', () => {
    for (const key of ['a', 'b']) brake.note(key, { holdsUntil: time + SLOT });
    expect(send('c')).toMatchObject({ changing: 2 });
  });

  it('keeps the order of those that waited in an earlier life', () => {
    brake.note('old', { waitsSince: 1 });
    brake.note('a', { holdsUntil: time + SLOT });
    expect(send('young', { since: 2 })).toMatchObject({ ahead: 1 });
    expect(send('old', { since: 1 })).toBeUndefined();
  });

  it('gives the slots of operations that hang to others, for ever', () => {
    for (const key of ['a', 'b']) send(key);
    const turn = send('c');
    expect(turn?.afterMs).toBeLessThanOrEqual(5 * MINUTE);
    time += SLOT + 1;
    expect(send('c')).toBeUndefined();
    // The two hanging clusters are read all the time, and their slots stay expired.
    for (const key of ['a', 'b']) read(key, time - 1);
    expect(send('d')).toBeUndefined();
    expect(send('e')).toMatchObject({ changing: 2 });
  });

  it('counts an operation again that goes on after it gave its slot back, and begins nothing new above the limit', () => {
    for (const key of ['a', 'b']) send(key);
    time += SLOT + 1;
    for (const key of ['c', 'd']) send(key);
    read('a', time + SLOT);
    expect(brake.counts().changing).toBe(3);
    expect(send('e')).toMatchObject({ changing: 3 });
    read('c');
    expect(send('e')).toMatchObject({ changing: 2 });
    read('d');
    expect(send('e')).toBeUndefined();
  });

  it('makes only the front of the queue ask again soon, because each time costs a read of the cluster', () => {
    for (const key of ['a', 'b']) send(key);
    const turns = Array.from({ length: 5 }, (_, index) => send(`w${index}`, { since: index }));
    expect(turns.map((turn) => turn?.afterMs)).toEqual([MINUTE, MINUTE, 5 * MINUTE, 5 * MINUTE, 5 * MINUTE]);
  });

  it('passes over one that does not come when it is called', () => {
    for (const key of ['a', 'b']) send(key);
    send('absent', { since: 1 });
    send('c', { since: 2 });
    read('a');
    expect(send('c', { since: 2 })).toMatchObject({ ahead: 1 });
    time += 61_000;
    expect(send('c', { since: 2 })).toBeUndefined();
  });

  it('does not wait for a change that something else holds by now, or that no object wants any more', () => {
    for (const key of ['a', 'b']) send(key);
    send('c', { since: 1 });
    send('d', { since: 2 });
    read('c');
    read('a');
    expect(woken).toEqual(['d']);
  });
});

describe('under any schedule', () => {
  const LIMIT = 3;
  const CLUSTERS = Array.from({ length: 9 }, (_, index) => `c${index}`);

  interface Cluster {
    /** Since when it wants to change. */
    wants: number | undefined;
    /** Until when its operation counts. */
    holdsUntil: number | undefined;
    hangs: boolean;
    asleepUntil: number;
  }

  const event = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('Pass' as const), key: fc.constantFrom(...CLUSTERS) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('Want' as const), key: fc.constantFrom(...CLUSTERS) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('End' as const), key: fc.constantFrom(...CLUSTERS) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('Hang' as const), key: fc.constantFrom(...CLUSTERS) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('Fail' as const), key: fc.constantFrom(...CLUSTERS) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('Restart' as const), key: fc.constantFrom(...CLUSTERS) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('Wait' as const), key: fc.constantFrom(...CLUSTERS) }) },
  );

  it('no change begins while as many as allowed are going on, and in the end every one was begun', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        const clusters = new Map(
          CLUSTERS.map((key): [string, Cluster] => [
            key,
            { wants: undefined, holdsUntil: undefined, hangs: false, asleepUntil: 0 },
          ]),
        );
        const standings = ({ holdsUntil, wants }: Cluster) => ({
          holdsUntil,
          ...(wants !== undefined && holdsUntil === undefined ? { waitsSince: wants } : {}),
        });
        const going = () => [...clusters.values()].filter(({ holdsUntil = 0 }) => holdsUntil > time).length;
        const pass = (key: string, fails = false) => {
          const cluster = clusters.get(key)!;
          const one = brake.begin(key);
          if (cluster.wants !== undefined && (cluster.holdsUntil ?? 0) <= time && !cluster.hangs) {
            const turn = one.take({ first: false, since: cluster.wants });
            if (!turn && !fails) {
              expect(going()).toBeLessThan(LIMIT);
              cluster.wants = undefined;
              cluster.holdsUntil = time + SLOT;
            }
            if (fails) {
              one.end();
              return;
            }
          }
          one.written(standings(cluster));
          one.end();
        };
        brake = make(LIMIT);
        woken = [];
        for (const { kind, key } of events) {
          const cluster = clusters.get(key)!;
          if (kind === 'Pass') pass(key);
          else if (kind === 'Fail') pass(key, true);
          else if (kind === 'Want') cluster.wants ??= time;
          else if (kind === 'End' && !cluster.hangs) {
            cluster.holdsUntil = undefined;
            pass(key);
          } else if (kind === 'Hang' && cluster.holdsUntil !== undefined) cluster.hangs = true;
          else if (kind === 'Wait') time += 5 * MINUTE;
          else if (kind === 'Restart') {
            brake = make(LIMIT);
            for (const [name, one] of clusters) brake.note(name, standings(one));
          }
        }
        // Quiet: operations end but for those that hang, and each cluster is read once in five minutes or when it is woken.
        for (let round = 0; round < 40; round++) {
          time += 5 * MINUTE;
          for (const [key, cluster] of clusters) {
            if (!cluster.hangs) cluster.holdsUntil = undefined;
            pass(key);
            for (let called = woken.shift(); called !== undefined; called = woken.shift()) pass(called);
          }
        }
        expect([...clusters.values()].filter(({ wants, hangs }) => wants !== undefined && !hangs)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
