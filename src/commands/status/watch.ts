import type { Connection } from '../../kubernetes/client/connection.ts';
import { pause, type Clock } from '../../runtime/clock.ts';
import { reportOn, type ClusterReport } from './cluster-report.ts';
import { createJsonLines, createLog, createScreen, type Display } from './display.ts';
import { NothingThere } from '../client/errors.ts';
import { follow } from './follow.ts';
import type { Output } from '../client/output.ts';
import { gapsOf, readSnapshot, type ResolvedScope, type Snapshot } from './read.ts';
import type { StatusRequest } from './request.ts';
import { skewOf } from '../client/clock-skew.ts';
import { EXIT_CODES, exitCodeOf, worst, type Verdict } from './verdict.ts';

export interface WatchOptions {
  readonly connection: Connection;
  readonly scope: ResolvedScope;
  readonly request: StatusRequest;
  readonly output: Output;
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends the watch at once. */
  readonly signal: AbortSignal;
}

/** Changes within this time are shown together, such as a record and the statuses that follow it. */
const TOGETHER_MS = 100;
/** The view is drawn again so often without a change, because ages grow and estimates pass. */
const TICK_MS = 5000;

/**
 * Shows changes as they happen, until nothing is in progress any more, a blocker has lasted longer than the patience, or the
 * timeout has passed. The state is read again before the watch ends: two watches do not deliver an object and its record at the
 * same time.
 *
 * @returns the exit code, or undefined when it was ended by the signal
 * @throws as readSnapshot, and NothingThere for a scope without objects, at the start; and at the timeout while the API server does not answer
 */
export async function watchStatus(options: WatchOptions): Promise<number | undefined> {
  const { connection, scope, request, output, clock, random, signal } = options;
  const first = await readSnapshot(connection, scope, signal);
  // With a wrong namespace a pipeline would go on.
  if (first.empty !== undefined && !request.forever) throw new NothingThere(first.empty);
  const skew = skewOf(connection, clock.now());
  const end = clock.now() + request.timeout;
  const display = displayFor(options);
  const over = new AbortController();
  let wake = Promise.withResolvers<void>();
  const follower = follow({ connection, scope, first, clock, random, onChange: () => wake.resolve() });
  const patience = createPatience(request.patience);
  let found = false;

  const show = ({ reports, notices }: Seen): void =>
    display.show({ reports, notices, trouble: follower.trouble(), now: clock.now() + skew });
  const isOver = ({ reports }: Seen) =>
    !request.forever && follower.trouble() === undefined && patience.isOver(reports.flatMap(verdictsOn), clock.now());

  const stopResizes = output.redraws ? output.onResize(() => wake.resolve()) : () => {};
  const all = AbortSignal.any([signal, over.signal]);
  all.addEventListener('abort', () => wake.resolve());
  const followed = follower.run(all);
  try {
    while (!signal.aborted) {
      wake = Promise.withResolvers();
      const seen = seenIn(follower.snapshot());
      found ||= seen.reports.length > 0;
      const last = isOver(seen) ? await readAgain(options) : undefined;
      if (last === 'Gone') return EXIT_CODES.Converged;
      show(last ?? seen);
      if (last !== undefined && isOver(last)) return endOf(last, output);
      if (clock.now() >= end) {
        output.warn('aks-ca-trust: The timeout has passed before everything was done.\n');
        const trouble = follower.trouble();
        if (trouble !== undefined) throw new Error(trouble);
        if (!found) throw new NothingThere('No object was there in this time');
        return exitCodeOf(seen.reports);
      }
      const cancelTick = clock.setTimeout(() => wake.resolve(), Math.min(TICK_MS, end - clock.now()));
      await wake.promise;
      cancelTick();
      await pause(clock, TOGETHER_MS, all);
    }
    return undefined;
  } finally {
    stopResizes();
    over.abort();
    await followed;
  }
}

interface Seen {
  readonly reports: readonly ClusterReport[];
  readonly notices: readonly string[];
}

function seenIn(snapshot: Snapshot): Seen {
  return { reports: reportOn(snapshot), notices: gapsOf(snapshot) };
}

/** Reads the scope again; undefined where that fails. */
async function readAgain({ connection, scope, output, signal }: WatchOptions): Promise<Seen | 'Gone' | undefined> {
  try {
    const snapshot = await readSnapshot(connection, scope, signal);
    if (snapshot.empty === undefined) return seenIn(snapshot);
  } catch (error) {
    if (!(error instanceof NothingThere)) return undefined;
  }
  output.warn('aks-ca-trust: The watched objects are gone.\n');
  return 'Gone';
}

/** Says why the watch ends: without a change, the view does not show it. */
function endOf({ reports }: Seen, output: Output): number {
  const code = exitCodeOf(reports);
  const { lasting } = worst(reports.flatMap(verdictsOn));
  if (code === EXIT_CODES.Stuck)
    output.warn(
      `aks-ca-trust: Stuck: ${lasting ? 'a person must act' : 'nodes are blocked for longer than --patience'}.\n`,
    );
  return code;
}

function displayFor({ request, output }: WatchOptions): Display {
  const options = { output, certificates: request.certificates };
  if (request.output === 'json') return createJsonLines(options);
  return output.redraws ? createScreen(options) : createLog(options);
}

/** One verdict an object: one object may be stalled while the change of another is in progress. */
function verdictsOn({ objects, rotations, verdict }: ClusterReport): Verdict[] {
  const verdicts = [...objects, ...rotations].map((object) => object.verdict);
  return verdicts.length > 0 ? verdicts : [verdict];
}

interface Patience {
  /** True when further waiting is useless. Remembers since when nodes are blocked, so call it at each change. */
  isOver(verdicts: readonly Verdict[], now: number): boolean;
}

export function createPatience(ms: number): Patience {
  let blockedSince: number | undefined;
  return {
    isOver(verdicts, now) {
      const isBlocked = verdicts.some(({ outcome, lasting }) => outcome === 'Stuck' && !lasting);
      blockedSince = isBlocked ? (blockedSince ?? now) : undefined;
      if (verdicts.some(({ outcome }) => outcome === 'InProgress')) return false;
      return blockedSince === undefined || now - blockedSince >= ms;
    },
  };
}
