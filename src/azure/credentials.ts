import type { TokenCredential } from '@azure/identity';
export type { TokenCredential } from '@azure/identity';
import { createBoundedClient, MOST_SIGN_IN_BYTES } from './bounded-client.ts';
import type { Cloud } from './clouds.ts';
import { deadlinePolicies } from './deadline-policy.ts';
import { tlsOptionsFor } from './tls-options.ts';

/** In ms, retries included. All callers that need a token wait for the same request. */
const SIGN_IN_TIMEOUT_MS = 30_000;

/** How the controller signs in. Each kind lists the settings it needs; no setting is guessed. */
export type CredentialConfig =
  | {
      readonly kind: 'WorkloadIdentity';
      readonly tenantId: string;
      readonly clientId: string;
      readonly tokenFile: string;
    }
  | {
      readonly kind: 'ClientSecret';
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: string;
    }
  | {
      readonly kind: 'ClientCertificate';
      readonly tenantId: string;
      readonly clientId: string;
      readonly certificateFile: string;
    }
  | { readonly kind: 'ManagedIdentity'; readonly clientId?: string }
  | { readonly kind: 'AzureCLI'; readonly tenantId?: string };

export type CredentialKind = CredentialConfig['kind'];

export interface CredentialOptions {
  readonly cloud: Cloud;
  /** True skips the look-up of the authority among Microsoft's clouds, as private clouds need. */
  readonly disableInstanceDiscovery: boolean;
  /** PEM certificates trusted besides the system's. */
  readonly ca?: readonly string[];
  /** A request of a sign-in that takes longer is given up, in ms; 30 s unless given. */
  readonly timeoutMs?: number;
}

/** Makes the credential. Nothing is sent until a token is asked for. */
export async function createCredential(config: CredentialConfig, options: CredentialOptions): Promise<TokenCredential> {
  const identity = await import('./identity.ts');
  const common = {
    authorityHost: options.cloud.authorityHost,
    disableInstanceDiscovery: options.disableInstanceDiscovery,
    additionalPolicies: [
      { policy: deadlinePolicies(options.timeoutMs ?? SIGN_IN_TIMEOUT_MS).before, position: 'perCall' as const },
    ],
    httpClient: createBoundedClient(MOST_SIGN_IN_BYTES),
    ...tlsOptionsFor(options.ca),
  };
  switch (config.kind) {
    case 'WorkloadIdentity':
      return new identity.WorkloadIdentityCredential({
        ...common,
        tenantId: config.tenantId,
        clientId: config.clientId,
        tokenFilePath: config.tokenFile,
      });
    case 'ClientSecret':
      return new identity.ClientSecretCredential(config.tenantId, config.clientId, config.clientSecret, common);
    case 'ClientCertificate':
      return new identity.ClientCertificateCredential(config.tenantId, config.clientId, config.certificateFile, common);
    case 'ManagedIdentity':
      return config.clientId === undefined
        ? new identity.ManagedIdentityCredential(common)
        : new identity.ManagedIdentityCredential({ ...common, clientId: config.clientId });
    case 'AzureCLI':
      return new identity.AzureCliCredential(config.tenantId === undefined ? {} : { tenantId: config.tenantId });
  }
}
