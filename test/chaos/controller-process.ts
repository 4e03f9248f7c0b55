/**
 * The controller as users run it, but for how long it waits. To be run as a process of its own:
 *
 *     node controller-process.ts '{"timing":{"lostWrite":1500}}' controller --kubeconfig=…
 *
 * Everything else, from the flags to the last part of the manager, is the program's own.
 */
import { DEFAULT_TIMING, type Timing } from '../../src/cluster/timing.ts';
import { systemClock } from '../../src/runtime/clock.ts';

/** What is changed before the program starts. */
export interface Hurry {
  /** ms; for the waits that no flag sets. */
  readonly timing?: Partial<Timing>;
  /** Waits of five minutes and more, which is how long a silent watch is believed, pass so many times as fast. */
  readonly longWaits?: number;
}

const LONG_MS = 300_000;

const { timing, longWaits = 1 } = JSON.parse(process.argv.splice(2, 1)[0] ?? '{}') as Hurry;
Object.assign(DEFAULT_TIMING, timing);
const usual = { ...systemClock };
systemClock.setTimeout = (fn, ms) => usual.setTimeout(fn, ms < LONG_MS ? ms : ms / longWaits);

await import('../../src/main.ts');
