import { escapeForDisplay } from '../../api/display.ts';
import { KubernetesError } from '../../kubernetes/error.ts';

/** What was asked about is not there. */
export class NothingThere extends Error {
  override readonly name = 'NothingThere';
}

/** What a person can do about an API server that did not answer as it should. Anything else stays what it is. */
export function refusal(error: unknown, server: string): unknown {
  if (!(error instanceof KubernetesError)) return error;
  return new Error(troubleOf(error, server), { cause: error });
}

export function troubleOf(error: KubernetesError, server: string): string {
  const said = escapeForDisplay(error.message, 1024);
  switch (error.status) {
    case 0:
      if (error.reason === 'NoCredentials') return said;
      // OpenSSL refused what the kubeconfig holds: nothing was sent.
      if (error.reason.startsWith('ERR_OSSL_PEM_'))
        return `the certificate, key or CA that the kubeconfig has for ${server} is not PEM: ${said}`;
      return `the API server ${server} does not answer: ${said}`;
    case 401:
      return `the API server ${server} does not accept these credentials: ${said}`;
    case 403:
      return `not allowed; the ClusterRole aks-ca-trust-viewer has the rights that are needed: ${said}`;
    case 404:
      return `the API server ${server} does not know aks-ca-trust.dev/v1alpha1; are the CRDs installed, and is it the right context? ${said}`;
    default:
      return `the API server ${server} refuses: ${said}`;
  }
}
