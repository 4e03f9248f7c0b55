import { VERSION } from '../../api/version.ts';
import { loadOwnCredentials } from '../../kubernetes/auth/credentials.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { connect, type Connection } from '../../kubernetes/client/connection.ts';
import { SIGNAL_EXIT_CODES } from '../exit-codes.ts';
import { outputTo, type Output } from './output.ts';

/** Bounds of one answer. A page has 500 objects with some thousand values each at most. */
const LIMITS = { maxAnswerBytes: 64 * 2 ** 20, maxJson: { values: 2_000_000, depth: 100 } };

/** The management cluster as a command reaches it. */
export interface Management {
  readonly connection: Connection;
  /** The namespace of the pod, or of the kubeconfig's context. */
  readonly namespace: string;
}

/** The kubeconfig and context that the flags name. */
export interface ClientRequest {
  readonly kubeconfig: string | undefined;
  /** Context of the kubeconfig; undefined: the current one. */
  readonly context: string | undefined;
}

/**
 * Connects as the person or the pod that runs the command. Nothing is sent yet.
 *
 * @throws Error with a message for a person
 */
export async function openManagement({ kubeconfig, context }: ClientRequest, command: string): Promise<Management> {
  const credentials = await loadOwnCredentials({ kubeconfig, context });
  return { connection: connectAs(credentials, command), namespace: credentials.namespace ?? 'default' };
}

/** A connection of a command, which is named in its requests. Nothing is sent yet. */
export function connectAs(credentials: Credentials, command: string): Connection {
  return connect(credentials, { ...LIMITS, userAgent: `aks-ca-trust-${command}/${VERSION}` });
}

/**
 * Does the work of a command until it is done, a signal arrives, or its output is closed. Resolves with the exit code.
 *
 * @param work resolves with its exit code; undefined when the signal ended it
 * @throws Error with a message for a person
 */
export async function interruptible(
  work: (output: Output, signal: AbortSignal) => Promise<number | undefined>,
): Promise<number> {
  const output = outputTo(process.stdout, process.stderr, process.env);
  const interruption = new AbortController();
  let code: number | undefined;
  let unwritten: Error | undefined;
  const end = (signal: keyof typeof SIGNAL_EXIT_CODES) => {
    code ??= SIGNAL_EXIT_CODES[signal];
    interruption.abort(new Error(`ended by ${signal}`));
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten = new Error(`The output cannot be written: ${error.message}`);
    end('SIGPIPE');
  });
  let done: number | undefined;
  try {
    done = await work(output, interruption.signal);
  } catch (error) {
    if (code === undefined) throw error;
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
  // An error of the output may arrive only while the connection closes.
  if (unwritten) throw unwritten;
  return code ?? done ?? 1;
}

/** As {@link interruptible}, with a connection to the management cluster. */
export function inSession(
  request: ClientRequest,
  command: string,
  work: (management: Management, output: Output, signal: AbortSignal) => Promise<number | undefined>,
): Promise<number> {
  return interruptible(async (output, signal) => {
    const management = await openManagement(request, command);
    try {
      return await work(management, output, signal);
    } finally {
      await management.connection.close();
    }
  });
}
