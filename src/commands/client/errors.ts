import { escapeForDisplay } from '../../api/display.ts';
import { KubernetesError } from '../../kubernetes/error.ts';

/** The requested object or cluster does not exist. */
export class NothingThere extends Error {
  override readonly name = 'NothingThere';
}

/** Turns an error of the API server into one whose message says what to do. Other errors are returned unchanged. */
export function refusal(error: unknown, server: string, role?: Role): unknown {
  if (!(error instanceof KubernetesError)) return error;
  return new Error(troubleOf(error, server, role), { cause: error });
}

/** The ClusterRole that has the rights for a command. */
type Role = 'aks-ca-trust-viewer' | 'aks-ca-trust-editor' | 'aks-ca-trust-rotation-editor';

export function troubleOf(error: KubernetesError, server: string, role: Role = 'aks-ca-trust-viewer'): string {
  const message = escapeForDisplay(error.message, 1024);
  switch (error.status) {
    case 0:
      if (error.reason === 'NoCredentials') return message;
      // OpenSSL refused what the kubeconfig holds: nothing was sent.
      if (error.reason.startsWith('ERR_OSSL_PEM_'))
        return `The certificate, key or CA that the kubeconfig has for ${server} is not PEM: ${message}`;
      return `The API server ${server} does not answer: ${message}`;
    case 401:
      return `The API server ${server} does not accept these credentials: ${message}`;
    case 403:
      return `The API server ${server} denies access; the ClusterRole ${role} has the needed rights: ${message}`;
    case 404:
      return `The API server ${server} does not serve aks-ca-trust.dev/v1alpha1. Check that the CRDs are installed and that the context is the right one: ${message}`;
    default:
      return `The API server ${server} refuses the request: ${message}`;
  }
}
