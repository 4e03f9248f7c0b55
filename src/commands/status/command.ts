import { VERSION } from '../../api/version.ts';
import { connect, type Connection } from '../../kubernetes/client/connection.ts';
import { loadOwnCredentials } from '../../kubernetes/auth/credentials.ts';
import { systemClock } from '../../runtime/clock.ts';
import { reportOn } from './cluster-report.ts';
import { printJson, printText } from './display.ts';
import { explainingWrongTypes } from './odd-answer.ts';
import { outputTo, type Output } from './output.ts';
import { gapsOf, readSnapshot, type ResolvedScope } from './read.ts';
import type { Scope, StatusRequest } from './request.ts';
import { skewOf } from './clock-skew.ts';
import { exitCodeOf } from './verdict.ts';
import { watchStatus, type WatchOptions } from './watch.ts';

/** Bounds of one answer. A page has 500 objects with some thousand values each at most. */
const LIMITS = { maxAnswerBytes: 64 * 2 ** 20, maxJson: { values: 2_000_000, depth: 100 } };

/** Exit codes after a signal, as shells report them; a closed pipe counts as SIGPIPE. */
const SIGNALLED = { SIGINT: 130, SIGTERM: 143, SIGPIPE: 141 } as const;

/**
 * Shows how far objects and clusters have come. Resolves with the exit code.
 *
 * @throws Error with a message for a person
 */
export async function runStatus(request: StatusRequest): Promise<number> {
  const output = outputTo(process.stdout, process.stderr, process.env);
  const interruption = new AbortController();
  let code: number | undefined;
  let unwritten: Error | undefined;
  const end = (signal: keyof typeof SIGNALLED) => {
    code ??= SIGNALLED[signal];
    interruption.abort(new Error(`ended by ${signal}`));
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten = new Error(`The output cannot be written: ${error.message}`);
    end('SIGPIPE');
  });
  let connection: Connection | undefined;
  let shown: number | undefined;
  try {
    const { kubeconfig, context } = request;
    const credentials = await loadOwnCredentials({ kubeconfig, context });
    connection = connect(credentials, { ...LIMITS, userAgent: `aks-ca-trust-status/${VERSION}` });
    const scope = resolved(request.scope, credentials.namespace ?? 'default');
    const { signal } = interruption;
    const options = { connection, scope, request, output, clock: systemClock, random: Math.random, signal };
    shown = await (request.watch
      ? explainingWrongTypes(credentials.server, () => watchStatus(options))
      : showStatus(options));
  } catch (error) {
    if (code === undefined) throw error;
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    await connection?.close();
  }
  // An error of the output may arrive only while the connection closes.
  if (unwritten) throw unwritten;
  return code ?? shown ?? 1;
}

/** Shows the state once. Resolves with the exit code. */
export function showStatus(options: Omit<WatchOptions, 'random'> & { readonly output: Output }): Promise<number> {
  return explainingWrongTypes(options.connection.server, () => show(options));
}

async function show(options: Omit<WatchOptions, 'random'> & { readonly output: Output }): Promise<number> {
  const { connection, scope, request, output, clock, signal } = options;
  const snapshot = await readSnapshot(connection, scope, signal);
  const reports = reportOn(snapshot.trusts, snapshot.records);
  const now = clock.now();
  const frame = { reports, notices: gapsOf(snapshot), trouble: undefined, now: now + skewOf(connection, now) };
  (request.output === 'json' ? printJson : printText)(frame, { output, certificates: request.certificates });
  return exitCodeOf(reports);
}

function resolved(scope: Scope, namespace: string): ResolvedScope {
  return scope.kind === 'Object' || scope.kind === 'Namespace'
    ? { ...scope, namespace: scope.namespace ?? namespace }
    : scope;
}
