import { escapeForDisplay } from '../../api/display.ts';
import { sentences } from '../../api/sentences.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import type { Finding } from '../evidence.ts';
import type { Reading } from './source.ts';

/** Something that the cluster's API server shows. */
export interface Asked<T> {
  /** For messages: `ConfigMap kube-system/kube-root-ca.crt`. */
  readonly noun: string;
  /** The right that it needs, for messages: `get ConfigMap kube-root-ca.crt in namespace kube-system`. */
  readonly right: string;
  /** In a few words, for people; default: `noun`. */
  readonly source?: string;
  /** Throws Error with a fault, as the end of a sentence, for an answer that is not what was asked for. */
  readonly read: (connection: Pick<Connection, 'request'>, signal: AbortSignal) => Promise<T>;
}

/** Longest text of an error that is shown, in characters. */
const LONGEST = 512;

/** Reads something over the access; undefined where access is not asked for. A refusal names the right that is missing. */
export async function overAccess<T>(
  { sources: { access }, signal }: Pick<Reading, 'sources' | 'signal'>,
  { noun, right, source = noun, read }: Asked<T>,
): Promise<Finding<T> | undefined> {
  if (!access) return undefined;
  if (!access.ok) {
    const { why, fix } = access;
    return { known: false, why, ...(fix === undefined ? {} : { fix }) };
  }
  try {
    return { known: true, value: await read(access.connection, signal), source };
  } catch (error) {
    signal.throwIfAborted();
    const message = escapeForDisplay(error instanceof Error ? error.message : String(error), LONGEST);
    const { status, hasStatus } = error instanceof KubernetesError ? error : {};
    if (status === 403 && hasStatus) {
      const fix = `Apply deploy/target-cluster/certificates-role.yaml, which has the right to ${right}, and bind its roles to the identity that is named here.`;
      return { known: false, why: sentences(`The API server does not show ${noun}: ${message}`), fix };
    }
    return { known: false, why: sentences(`The API server could not be asked for ${noun}: ${message}`) };
  }
}
