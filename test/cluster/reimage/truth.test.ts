import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PoolModel } from '../../../src/azure/cluster-model.ts';
import type { NodeView, UpgraderEvent } from '../../../src/cluster/model/observation.ts';
import { measureProgress } from '../../../src/cluster/reimage/progress.ts';
import { countedFrom, baselineOf } from '../../../src/cluster/reimage/baseline.ts';
import { model, node, operation, pool, START } from '../../harness/build.ts';

const MINUTE = 60_000;

/** A node and what it really has. */
interface Machine {
  view: NodeView;
  hasList: boolean;
  surge: boolean;
}

type Turn =
  /** Goes on with the roll: cordons the next node, takes it away, brings it back, makes it ready. */
  | { readonly kind: 'Roll' }
  /** The autoscaler brings a machine; one that was made before the pool had its turn may have the old list. */
  | { readonly kind: 'Join'; readonly madeBefore: boolean }
  /** A machine registers that was there before the change, and had no node when they were counted. */
  | { readonly kind: 'Return' }
  /** The autoscaler, a spot eviction or a person takes one away. */
  | { readonly kind: 'Leave'; readonly which: number }
  /** A node cannot be drained: it stays as it is, and a surge node in its place, where there is one. */
  | { readonly kind: 'Quarantine' }
  | { readonly kind: 'LoseEvents' }
  | { readonly kind: 'Pass'; readonly minutes: number };

const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'Roll' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('Join' as const), madeBefore: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'Return' } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('Leave' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'Quarantine' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'LoseEvents' } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('Pass' as const), minutes: fc.integer({ min: 1, max: 20 }) }) },
);

/** One pool as AKS rolls it: the truth of each node, and what it shows. */
class Pool {
  now = START;
  machines: Machine[] = [];
  events: UpgraderEvent[] = [];
  state = 'Updating';
  #made = 0;
  #step = 0;
  /** Machines without a node. */
  #away: Machine[] = [];
  /** When the scale set got the new list: with the first node that is taken in hand. */
  #turn = Infinity;

  /** `away` are the numbers of the machines whose nodes are not there when they are counted. */
  constructor(count: number, surge: boolean, away: readonly number[] = []) {
    for (let made = 0; made < count; made++) this.#make(START - 90 * MINUTE, false, false);
    this.#away = this.machines.filter((_, index) => away.includes(index));
    this.machines = this.machines.filter((_, index) => !away.includes(index));
    this.begun = baselineOf(operation(countedFrom(this.views, START)))!;
    if (surge) this.#surge();
  }

  readonly begun;

  get views(): NodeView[] {
    return this.machines.map(({ view }) => view);
  }

  get count(): number {
    return this.machines.filter(({ surge }) => !surge).length + (this.#gone ? 1 : 0) + this.#away.length;
  }

  #gone: Machine | undefined;

  #make(createdAt: number, hasList: boolean, surge: boolean): Machine {
    this.#made += 1;
    const machine = { view: node(`vmss${String(this.#made).padStart(6, '0')}`, createdAt), hasList, surge };
    this.machines.push(machine);
    return machine;
  }

  #surge(): void {
    const { view } = this.#make(this.now + 1000, true, true);
    this.events.push({ node: view.name, step: 'SurgeCreated', about: view.name, since: this.now, at: this.now });
  }

  take(turn: Turn): void {
    this.now += 5000;
    switch (turn.kind) {
      case 'Pass':
        this.now += turn.minutes * MINUTE;
        break;
      case 'LoseEvents':
        this.events = [];
        break;
      case 'Join':
        // A machine takes less than a quarter of an hour to register.
        if (!turn.madeBefore || this.now < this.#turn + 14 * MINUTE) this.#make(this.now, !turn.madeBefore, false);
        break;
      case 'Return': {
        const back = this.now < START + 14 * MINUTE ? this.#away.shift() : undefined;
        if (back) this.machines.push({ ...back, view: { ...back.view, createdAt: this.now } });
        break;
      }
      case 'Leave': {
        const candidates = this.machines.filter(({ surge }) => !surge);
        const leaving = candidates[turn.which % Math.max(1, candidates.length)];
        if (candidates.length > 0) this.machines = this.machines.filter((one) => one !== leaving);
        break;
      }
      case 'Quarantine':
        this.#quarantine();
        break;
      case 'Roll':
        this.#roll();
    }
  }

  #quarantine(): void {
    const stuck = this.#next();
    const surge = this.machines.find((one) => one.surge);
    if (!stuck || !surge) return;
    stuck.view = { ...stuck.view, schedulable: false, quarantined: true };
    surge.surge = false;
    this.events.push({ node: stuck.view.name, step: 'DrainFailed', about: '', since: this.now, at: this.now });
  }

  #next(): Machine | undefined {
    return this.machines.find(({ hasList, surge, view }) => !hasList && !surge && !view.quarantined);
  }

  /** False once there is nothing left to do. */
  #roll(): boolean {
    if (this.#gone) {
      const { view } = this.#gone;
      const back = { ...view, uid: `${view.uid}+`, createdAt: this.now, ready: false, schedulable: true };
      this.machines.push({ view: back, hasList: true, surge: false });
      this.#gone = undefined;
      return true;
    }
    const late = this.machines.find(({ view }) => !view.ready);
    if (late) {
      late.view = { ...late.view, ready: true };
      return true;
    }
    const next = this.#next();
    if (!next) return false;
    this.#turn = Math.min(this.#turn, this.now);
    this.#step += 1;
    if (this.#step % 2 === 1) {
      next.view = { ...next.view, schedulable: false };
      this.events.push({ node: next.view.name, step: 'Draining', about: '', since: this.now, at: this.now });
    } else {
      this.machines = this.machines.filter((one) => one !== next);
      this.events.push({ node: next.view.name, step: 'Deleted', about: '', since: this.now, at: this.now });
      this.#gone = next;
    }
    return true;
  }

  finish(): void {
    this.#away = [];
    this.machines = this.machines.filter(({ view }) => !view.quarantined);
    for (let turns = 0; turns < 500; turns++) {
      this.now += 5000;
      if (!this.#roll()) break;
    }
    this.machines = this.machines.filter(({ surge }) => !surge);
    this.state = 'Succeeded';
  }

  look(state = this.state) {
    const shown: PoolModel = pool({ name: 'system', count: this.count, provisioningState: state });
    const cluster = model({ provisioningState: state, pools: [shown] });
    const nodes = { kind: 'Read', nodes: this.views, events: this.events, serverTime: this.now } as const;
    const progress = measureProgress(cluster, nodes, this.begun)!;
    const covered = [...this.machines, ...(this.#gone ? [{ ...this.#gone, hasList: false }] : [])].filter(
      ({ surge }) => !surge,
    );
    const old = this.views.filter(({ createdAt }) => createdAt <= this.begun.newestNode).length;
    return { progress, covered, having: this.machines.filter(({ hasList }) => hasList).length, old };
  }
}

describe('what is said of the nodes, whatever happens to them', () => {
  it('is never more than is true, and everything exactly when it is everything', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        fc.array(fc.nat(4), { maxLength: 2 }),
        fc.array(turn, { maxLength: 60 }),
        (count, surge, away, turns) => {
          const rolled = new Pool(count, surge, away);
          let before = Infinity;
          let lost = false;
          for (const one of turns) {
            rolled.take(one);
            lost ||= one.kind === 'LoseEvents';
            const { progress, covered, having, old } = rolled.look();
            const { total, reimaged, reimaging, waiting } = progress.nodes;
            expect(reimaged).toBeLessThanOrEqual(having);
            expect(old).toBeLessThanOrEqual(before);
            // Of pools of which no node was ever seen, ARM alone speaks.
            if (reimaging !== undefined && waiting !== undefined) expect(reimaged + reimaging + waiting).toBe(total);
            if (reimaged === total && total > 0) expect(covered.filter(({ hasList }) => !hasList)).toEqual([]);
            // As it would be told if AKS gave up here.
            const failed = rolled.look('Failed').progress;
            if (failed.old === 0 && !lost) expect(covered.filter(({ hasList }) => !hasList)).toEqual([]);
            before = old;
          }
          rolled.finish();
          const { progress, covered } = rolled.look();
          expect(covered.every(({ hasList }) => hasList)).toBe(true);
          expect(progress.nodes).toMatchObject({ total: covered.length, reimaged: covered.length, waiting: 0 });
          expect(progress.old).toBe(0);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('stays behind while a machine that joined may have the old list, and catches up at the end', () => {
    const rolled = new Pool(2, false);
    rolled.take({ kind: 'Join', madeBefore: false });
    expect(rolled.look().progress.nodes).toMatchObject({ total: 3, reimaged: 0 });
    rolled.finish();
    expect(rolled.look().progress.nodes).toMatchObject({ total: 3, reimaged: 3 });
  });
});
