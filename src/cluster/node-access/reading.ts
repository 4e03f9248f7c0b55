import type { Clock } from '../../kubernetes/clock.ts';
import type { NodesObservation } from '../model/observation.ts';

/** One reading of a target, with a deadline that the target cannot delay. */
export interface Reading {
  /** Aborts with the caller's signal, and at the deadline. */
  readonly signal: AbortSignal;
  /** Names the next step, for the message that it took too long. */
  step(doing: string): void;
  /** Sets the result to return if the remaining work misses the deadline. */
  enough(read: NodesObservation): void;
  /**
   * The result of the work. At the deadline: the result set by `enough`, else `Unreadable` with the step that took too long.
   *
   * @throws the error of the work before the deadline
   */
  within(work: () => Promise<NodesObservation>): Promise<NodesObservation>;
}

/** Time after the deadline in which the work may still report how far it came, in ms. */
const GRACE_MS = 1000;

export function startReading(clock: Clock, ms: number, caller: AbortSignal): Reading {
  const controller = new AbortController();
  const late = new DOMException('the reading took too long', 'TimeoutError');
  let doing = '';
  let read: NodesObservation | undefined;
  const isLate = () => controller.signal.reason === late;

  function result(why: unknown): NodesObservation {
    if (read) return read;
    const more = why instanceof Error && why !== late ? `; ${why.message}` : '';
    const message = `The nodes could not be read within ${ms / 1000} s: ${doing} took too long${more}`;
    return { kind: 'Unreadable', message };
  }

  return {
    signal: controller.signal,
    step: (next) => (doing = next),
    enough: (observation) => (read = observation),
    async within(work) {
      const abort = () => controller.abort(caller.reason);
      const timers: (() => void)[] = [];
      const end = new Promise<never>((_, reject) => {
        const expire = () => {
          controller.abort(late);
          timers.push(clock.setTimeout(() => reject(late), GRACE_MS));
        };
        timers.push(clock.setTimeout(expire, ms));
        controller.signal.addEventListener('abort', () => {
          if (!isLate()) reject(caller.reason as Error);
        });
      });
      if (caller.aborted) abort();
      else caller.addEventListener('abort', abort, { once: true });
      try {
        return await Promise.race([work(), end]);
      } catch (error) {
        if (!isLate()) throw error;
        return result(error);
      } finally {
        caller.removeEventListener('abort', abort);
        for (const cancel of timers) cancel();
      }
    },
  };
}
