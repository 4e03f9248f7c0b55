/**
 * The controller as users run it, but for how long it waits. To be run as a process of its own:
 *
 *     node controller-process.ts '{"timing":{"lostWrite":1500}}' controller --kubeconfig=…
 *
 * Everything else, from the flags to the last part of the manager, is the program's own.
 */
import { DEFAULT_TIMING, type Timing } from '../../src/cluster/model/timing.ts';

/** What is changed before the program starts. */
export interface Hurry {
  /** ms; for the waits that no flag sets. */
  readonly timing?: Partial<Timing>;
}

const { timing } = JSON.parse(process.argv.splice(2, 1)[0] ?? '{}') as Hurry;
Object.assign(DEFAULT_TIMING, timing);

await import('../../src/main.ts');
