import { usageOf } from './process-usage.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { now, sleep } from './time.ts';

export interface Quiet {
  /** The last time that a request arrived at ARM, and the last time that the controller was at work, on the machine's monotonic clock. */
  readonly armSince: number;
  readonly since: number;
}

const LOOK_MS = 100;
const QUIET_MS = 3000;
/** Seconds of CPU within a second that still count as rest. */
const AT_REST = 0.03;

/** Waits until for three seconds nothing has been asked of ARM and the controller has hardly used the CPU. */
export async function untilQuiet({ simulator }: Stage, controller: Program, limitMs: number): Promise<Quiet> {
  const start = now();
  let [armSince, since] = [start, start];
  let requests = -1;
  let spent: { cpu: number; at: number }[] = [];
  for (;;) {
    const at = now();
    const count = (await simulator.statistics()).requests;
    if (count !== requests) [requests, armSince, since] = [count, at, at];
    const { cpu } = usageOf(controller.pid);
    spent = [...spent.filter((one) => one.at > at - 1000), { cpu, at }];
    if (cpu - (spent[0]?.cpu ?? cpu) > AT_REST) since = at;
    if (at - since > QUIET_MS) return { armSince, since };
    if (at - start > limitMs) throw new Error(`The controller was not at rest within ${limitMs / 1000} s`);
    await sleep(LOOK_MS);
  }
}
