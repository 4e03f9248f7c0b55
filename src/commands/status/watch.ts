import type { Connection } from '../../kubernetes/client/connection.ts';
import { pause, type Clock } from '../../runtime/clock.ts';
import { reportOn, type ClusterReport } from './cluster-report.ts';
import { createJsonLines, createLog, createScreen, type Display } from './display.ts';
import { NothingThere } from './errors.ts';
import { follow } from './follow.ts';
import type { Output } from './output.ts';
import { gapsOf, readSnapshot, type ResolvedScope, type Snapshot } from './read.ts';
import type { StatusRequest } from './request.ts';
import { skewOf } from './clock-skew.ts';
import { EXIT_CODES, exitCodeOf, worst, type Verdict } from './verdict.ts';

export interface WatchOptions {
  readonly connection: Connection;
  readonly scope: ResolvedScope;
  readonly request: StatusRequest;
  readonly output: Output;
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends it, whatever there is to see. */
  readonly signal: AbortSignal;
}

/** What comes together, a record and the statuses after it, is shown together. */
const TOGETHER_MS = 100;
/** Ages grow and estimates pass while nothing else happens. */
const TICK_MS = 5000;

/**
 * Shows what happens as it does, until nothing is in progress any more, or what holds it up has lasted for as long as there is
 * patience, or the time is over. The last word is read anew: watches of two collections do not bring what belongs together at
 * the same time.
 *
 * @returns the exit code, or undefined when it was ended by the signal
 * @throws as readSnapshot, at the start; and when the time is over and nobody knows how it stands
 */
export async function watchStatus(options: WatchOptions): Promise<number | undefined> {
  const { connection, scope, request, output, clock, random, signal } = options;
  const first = await readSnapshot(connection, scope, signal);
  const skew = skewOf(connection, clock.now());
  const end = clock.now() + request.timeout;
  const display = displayFor(options);
  const over = new AbortController();
  let wake = Promise.withResolvers<void>();
  const follower = follow({ connection, scope, first, clock, random, onChange: () => wake.resolve() });
  const patience = createPatience(request.patience);

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
      const last = isOver(seen) ? await lastWord(options) : undefined;
      if (last === 'Gone') return EXIT_CODES.Converged;
      show(last ?? seen);
      if (last !== undefined && isOver(last)) return endOf(last, output);
      if (clock.now() >= end) {
        output.warn('aks-ca-trust: not over in the time that it was given\n');
        const trouble = follower.trouble();
        if (trouble !== undefined) throw new Error(trouble);
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
  return { reports: reportOn(snapshot.trusts, snapshot.records), notices: gapsOf(snapshot) };
}

/** Of what is shown, as it is at the source; undefined where it could not be read. */
async function lastWord({ connection, scope, output, signal }: WatchOptions): Promise<Seen | 'Gone' | undefined> {
  try {
    const snapshot = await readSnapshot(connection, scope, signal);
    if (snapshot.empty === undefined) return seenIn(snapshot);
  } catch (error) {
    if (!(error instanceof NothingThere)) return undefined;
  }
  output.warn('aks-ca-trust: what was watched is gone\n');
  return 'Gone';
}

/** Why it ends is not to be seen where nothing has happened. */
function endOf({ reports }: Seen, output: Output): number {
  const code = exitCodeOf(reports);
  const { lasting } = worst(reports.flatMap(verdictsOn));
  if (code === EXIT_CODES.Stuck)
    output.warn(`aks-ca-trust: stuck: ${lasting ? 'a person must act' : 'held up for longer than --patience'}\n`);
  return code;
}

function displayFor({ request, output }: WatchOptions): Display {
  const options = { output, certificates: request.certificates };
  if (request.output === 'json') return createJsonLines(options);
  return output.redraws ? createScreen(options) : createLog(options);
}

/** Object by object: of a cluster, one may be stalled while the change of another is under way. */
function verdictsOn({ objects, verdict }: ClusterReport): Verdict[] {
  return objects.length > 0 ? objects.map((object) => object.verdict) : [verdict];
}

interface Patience {
  /** Whether nothing more is to be waited for. To be asked again and again: it remembers since when something is held up. */
  isOver(verdicts: readonly Verdict[], now: number): boolean;
}

export function createPatience(ms: number): Patience {
  let heldUpSince: number | undefined;
  return {
    isOver(verdicts, now) {
      const heldUp = verdicts.some(({ outcome, lasting }) => outcome === 'Stuck' && !lasting);
      heldUpSince = heldUp ? (heldUpSince ?? now) : undefined;
      if (verdicts.some(({ outcome }) => outcome === 'InProgress')) return false;
      return heldUpSince === undefined || now - heldUpSince >= ms;
    },
  };
}
