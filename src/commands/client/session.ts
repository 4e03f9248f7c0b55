import { VERSION } from '../../api/version.ts';
import { loadOwnCredentials } from '../../kubernetes/auth/credentials.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { connect, type Connection } from '../../kubernetes/client/connection.ts';
import { interruptible } from './interruptible.ts';
import type { Output } from './output.ts';

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
