import type { Clock } from '../../src/runtime/clock.ts';

/** Whom an event is for. Nothing reaches one that is dead; what comes for one that is paused waits. */
export interface Owner {
  readonly name: string;
  alive: boolean;
  paused: boolean;
  readonly held: (() => void)[];
  /** How far its wall clock is off, in ms. */
  clockOffset: number;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  readonly owner: Owner | undefined;
  canceled: boolean;
}

/** Where every history's time begins. */
export const START = Date.parse('2026-03-02T08:00:00.000Z');

/** The one source of time and order of a history: whatever happens, happens here, one event after the other. */
export class Scheduler {
  now = START;
  /** Whose code runs. */
  current: Owner | undefined;
  #order = 0;
  readonly #heap: Event[] = [];

  /** @returns what cancels it */
  after(ms: number, run: () => void, owner?: Owner): () => void {
    const event: Event = { at: this.now + Math.max(0, ms), order: (this.#order += 1), run, owner, canceled: false };
    this.#push(event);
    return () => {
      event.canceled = true;
    };
  }

  /** The wall clock of an owner; its timers stop with it. */
  clockOf(owner: Owner): Clock {
    return {
      now: () => this.now + owner.clockOffset,
      setTimeout: (run, ms) => this.after(ms, run, owner),
    };
  }

  /** Lets events happen until `enough` says so, asked after each, or nothing is left. */
  async run(enough: () => boolean): Promise<void> {
    while (!enough()) {
      const event = this.#pop();
      if (!event) return;
      if (event.canceled) continue;
      this.now = Math.max(this.now, event.at);
      const { owner } = event;
      if (!owner) {
        event.run();
        continue;
      }
      if (!owner.alive) continue;
      if (owner.paused) {
        owner.held.push(() => {
          if (!event.canceled) event.run();
        });
        continue;
      }
      this.current = owner;
      event.run();
      await settled();
      this.current = undefined;
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let place = heap.push(event) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!comesBefore(event, heap[above]!)) break;
      heap[place] = heap[above]!;
      place = above;
    }
    heap[place] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && comesBefore(heap[below + 1]!, heap[below]!)) below += 1;
      if (!comesBefore(heap[below]!, last)) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

function comesBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** When every promise that can go on by itself has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Makes `AbortSignal.timeout` count a history's time.
 *
 * @returns what undoes it
 */
export function simulateTimeouts(scheduler: Scheduler): () => void {
  const real = AbortSignal.timeout.bind(AbortSignal);
  const reason = new DOMException('time is up', 'TimeoutError');
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    scheduler.after(ms, () => controller.abort(reason), scheduler.current);
    return controller.signal;
  };
  return () => {
    AbortSignal.timeout = real;
  };
}
