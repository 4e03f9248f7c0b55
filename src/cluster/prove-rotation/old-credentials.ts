import { readKubeconfigData } from '../../kubernetes/auth/kubeconfig-data.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import type { CredentialAnswer } from '../model/observation.ts';
import { reviewSelf } from '../node-access/review-self.ts';

/** What a cluster's local account had before a rotation. Secrets, in memory only. */
export interface OldCredentials {
  /** URL of the API server, which a rotation does not change. */
  readonly server: string;
  readonly clientCertificate?: Pick<Credentials, 'certPem' | 'keyPem'>;
  readonly token?: string;
}

/** One of the two, sent alone: with both, a token that is still valid would hide that the certificate is not. */
export type OldCredential = 'clientCertificate' | 'token';

export const OLD_CREDENTIALS: readonly OldCredential[] = ['clientCertificate', 'token'];

/** The credentials in a kubeconfig from ARM; undefined where it has none, because people sign in with Microsoft Entra ID. */
export function readOldCredentials(kubeconfig: string): OldCredentials | undefined {
  const reading = readKubeconfigData(kubeconfig);
  if (!reading.ok) return undefined;
  const { server, certPem, keyPem, token } = reading.credentials;
  const certificate = certPem !== undefined && keyPem !== undefined ? { clientCertificate: { certPem, keyPem } } : {};
  const bearer = typeof token === 'string' ? { token } : {};
  return { server, ...certificate, ...bearer };
}

/**
 * Sends one of them alone, on a connection of its own, to a server whose certificate `caPem` has signed: a credential that may still be
 * valid is shown to no other server.
 *
 * @throws the signal's reason when it aborts
 */
export async function tryCredential(
  old: OldCredentials,
  which: OldCredential,
  caPem: string,
  open: (credentials: Credentials) => Connection,
  signal: AbortSignal,
): Promise<CredentialAnswer> {
  const { server, clientCertificate, token } = old;
  const alone = which === 'token' ? (token === undefined ? undefined : { token }) : clientCertificate;
  if (!alone) return { kind: 'None' };
  const connection = open({ server, caPem, ...alone });
  try {
    await reviewSelf(connection, signal);
    return { kind: 'Accepted' };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubernetesError)) throw error;
    if (error.status === 401) return { kind: 'Rejected' };
    // Whom the API server forbids something, it has recognized.
    if (error.status === 403 && error.hasStatus) return { kind: 'Accepted' };
    return { kind: 'Unknown', why: error.message };
  } finally {
    await connection.close();
  }
}
