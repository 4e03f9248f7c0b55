import { systemClock } from '../../runtime/clock.ts';
import { reportOn } from './cluster-report.ts';
import { printJson, printText } from './display.ts';
import { explainingWrongTypes } from '../client/odd-answer.ts';
import type { Output } from '../client/output.ts';
import { inSession } from '../client/session.ts';
import { gapsOf, readSnapshot, type ResolvedScope } from './read.ts';
import type { Scope, StatusRequest } from './request.ts';
import { skewOf } from '../client/clock-skew.ts';
import { exitCodeOf } from './verdict.ts';
import { watchStatus, type WatchOptions } from './watch.ts';

/**
 * Shows how far objects and clusters have come. Resolves with the exit code.
 *
 * @throws Error with a message for a person
 */
export function runStatus(request: StatusRequest): Promise<number> {
  return inSession(request, 'status', ({ connection, namespace }, output, signal) => {
    const scope = resolved(request.scope, namespace);
    const options = { connection, scope, request, output, clock: systemClock, random: Math.random, signal };
    return request.watch ? explainingWrongTypes(connection.server, () => watchStatus(options)) : showStatus(options);
  });
}

/** Shows the state once. Resolves with the exit code. */
export function showStatus(options: Omit<WatchOptions, 'random'> & { readonly output: Output }): Promise<number> {
  return explainingWrongTypes(options.connection.server, () => show(options));
}

async function show(options: Omit<WatchOptions, 'random'> & { readonly output: Output }): Promise<number> {
  const { connection, scope, request, output, clock, signal } = options;
  const snapshot = await readSnapshot(connection, scope, signal);
  const reports = reportOn(snapshot);
  const now = clock.now();
  const frame = { reports, notices: gapsOf(snapshot), trouble: undefined, now: now + skewOf(connection, now) };
  (request.output === 'json' ? printJson : printText)(frame, { output, certificates: request.certificates });
  return exitCodeOf(reports);
}

function resolved(scope: Scope, namespace: string): ResolvedScope {
  return scope.kind === 'Everywhere' || scope.kind === 'Cluster'
    ? scope
    : { ...scope, namespace: scope.namespace ?? namespace };
}
