import { type Clock, pause, systemClock } from './clock.ts';
import type { Logger } from './logging.ts';

/** A part that runs as long as the process does. */
export interface Part {
  /** The name of the part in logs. */
  readonly name: string;
  /**
   * Works until `stop` aborts, then finishes its work, releases its resources and resolves. `cutOff` aborts when there is no time
   * left for that. A rejection stops everything.
   */
  run(signals: PartSignals): Promise<void>;
  /** Later parts start when this resolves; absent: at once. */
  ready?(): Promise<void>;
}

export interface PartSignals {
  readonly stop: AbortSignal;
  readonly cutOff: AbortSignal;
}

export interface ManagerOptions {
  /**
   * In the order of their start; parts of one group start together. They stop in reverse order, each group when the one after it
   * has ended: health server, event recorder, caches, lease, controllers.
   */
  readonly parts: readonly (Part | readonly Part[])[];
  readonly logger: Logger;
  /** Time for all parts to finish their work; less than the pod's terminationGracePeriodSeconds. */
  readonly graceMs: number;
  /** Stops everything, as SIGTERM does. */
  readonly stop?: AbortSignal;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: this process. */
  readonly process?: ManagedProcess;
}

/** The part of `process` that is used. */
export interface ManagedProcess {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): unknown;
}

interface Running {
  readonly part: Part;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Additional time for a part that has not ended within its grace period, before the next one is stopped. */
const LAST_MOMENT_MS = 1000;

/**
 * Starts the parts, waits for SIGTERM or SIGINT or for one of them to fail, and stops them. A second signal exits at once,
 * with 1.
 *
 * @returns the exit code: 0 when it was asked to stop and all ended in time
 */
export async function runManager(options: ManagerOptions): Promise<number> {
  const { logger, graceMs, clock = systemClock, process: owner = process } = options;
  const groups = options.parts.map((group) => ('run' in group ? [group] : group));
  const stopping = new AbortController();
  const cutOff = new AbortController();
  const started: Running[][] = [];
  const over = new Set<Part>();
  let code = 0;

  function start(part: Part): Running {
    const stop = new AbortController();
    const signals = { stop: stop.signal, cutOff: cutOff.signal };
    return { part, stop, ended: runToEnd() };

    // Async, so that a part that throws is no different from one that rejects.
    async function runToEnd(): Promise<void> {
      try {
        await part.run(signals);
        if (!stop.signal.aborted) logger.info({ part: part.name }, 'This part ended by itself.');
      } catch (error) {
        fail(part, error);
      } finally {
        over.add(part);
      }
    }
  }

  async function ready(part: Part): Promise<void> {
    try {
      await part.ready?.();
    } catch (error) {
      fail(part, error);
    }
  }

  function fail(part: Part, error: unknown): void {
    code = 1;
    logger.error({ err: error, part: part.name }, 'This part failed. The process stops.');
    stopping.abort();
  }

  async function stopGroup(group: readonly Running[]): Promise<void> {
    for (const { stop } of group) stop.abort();
    const tooLate = aborted(cutOff.signal).then(() => pause(clock, LAST_MOMENT_MS, new AbortController().signal));
    await Promise.race([Promise.all(group.map(({ ended }) => ended)), tooLate]);
    for (const { part } of group.filter(({ part }) => !over.has(part))) {
      code = 1;
      logger.error({ part: part.name, graceMs }, 'This part did not end in time.');
    }
  }

  let asked = false;
  const onSignal = () => {
    if (asked) {
      logger.warn({}, 'A second signal came. The process exits at once.');
      owner.exit(1);
      return;
    }
    asked = true;
    logger.info({ graceMs }, 'The process was asked to stop.');
    stopping.abort();
  };
  const onStop = () => stopping.abort();
  owner.on('SIGTERM', onSignal);
  owner.on('SIGINT', onSignal);
  options.stop?.addEventListener('abort', onStop);
  if (options.stop?.aborted) onStop();
  try {
    for (const group of groups) {
      if (stopping.signal.aborted) break;
      started.push(group.map(start));
      await Promise.race([Promise.all(group.map(ready)), aborted(stopping.signal)]);
    }
    await aborted(stopping.signal);
    const cancelGrace = clock.setTimeout(() => cutOff.abort(), graceMs);
    for (const group of started.reverse()) await stopGroup(group);
    cancelGrace();
    return code;
  } finally {
    owner.off('SIGTERM', onSignal);
    owner.off('SIGINT', onSignal);
    options.stop?.removeEventListener('abort', onStop);
  }
}

/** Resolves when the signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
