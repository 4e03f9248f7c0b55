import type { DirectoryClient } from './directory.ts';
import { makeSigningKey } from './signing-key.ts';

/** Stands for the token issuer of a Kubernetes cluster. */
export interface TestIssuer {
  /** A token of a service account that is the client's own; the client's federated credential for it is made with the first. */
  tokenFor(client: DirectoryClient): string;
}

const AUDIENCE = 'api://AzureADTokenExchange';

export function makeTestIssuer(url: () => string, realNow: () => number): TestIssuer {
  const key = makeSigningKey();
  return {
    tokenFor(client) {
      const issuer = `${url()}/oidc`;
      const subject = `system:serviceaccount:default:${client.clientId}`;
      if (!client.federated.some((credential) => credential.issuer === issuer)) {
        client.federated.push({ clientId: client.clientId, issuer, subject, keys: key.jwk });
      }
      const now = Math.floor(realNow() / 1000);
      return key.sign({ iss: issuer, sub: subject, aud: [AUDIENCE], iat: now, nbf: now, exp: now + 3600 });
    },
  };
}
