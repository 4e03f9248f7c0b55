import type { CredentialConfig, CredentialKind } from '../../azure/credentials.ts';
import { FORMS } from './bounds.ts';
import { nameOf, type FlagName } from './flags.ts';

/** The values of --credential. */
export const KINDS: readonly CredentialKind[] = [
  'WorkloadIdentity',
  'ClientSecret',
  'ClientCertificate',
  'ManagedIdentity',
  'AzureCLI',
];

/** Reads the settings of a kind of credential from flags and environment. Missing settings are added to the faults. */
export function readCredential(
  kind: CredentialKind,
  text: (flag: FlagName, variable?: string) => string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  faults: string[],
): CredentialConfig {
  const tenantId = text('tenantId', 'AZURE_TENANT_ID');
  const clientId = text('clientId', 'AZURE_CLIENT_ID');
  if (tenantId !== undefined && !FORMS.tenantId.test(tenantId))
    faults.push(`${nameOf('tenantId')} is "${tenantId}"; it is an id or a domain name`);
  const needed = (value: string | undefined, setting: string) => {
    if (value === undefined || value === '') faults.push(`credential ${kind} needs ${setting}`);
    return value ?? '';
  };
  const tenant = () => needed(tenantId, 'a tenant: --tenant-id or AZURE_TENANT_ID');
  const client = () => needed(clientId, 'a client id: --client-id or AZURE_CLIENT_ID');
  switch (kind) {
    case 'WorkloadIdentity': {
      const file = text('federatedTokenFile', 'AZURE_FEDERATED_TOKEN_FILE');
      const missing =
        "a token file: --federated-token-file or AZURE_FEDERATED_TOKEN_FILE (the workload identity webhook sets it; is the pod's label azure.workload.identity/use there?)";
      return { kind, tenantId: tenant(), clientId: client(), tokenFile: needed(file, missing) };
    }
    case 'ClientSecret':
      return {
        kind,
        tenantId: tenant(),
        clientId: client(),
        clientSecret: needed(env['AZURE_CLIENT_SECRET'], 'a secret in the environment: AZURE_CLIENT_SECRET'),
      };
    case 'ClientCertificate': {
      const file = text('clientCertificateFile', 'AZURE_CLIENT_CERTIFICATE_PATH');
      return {
        kind,
        tenantId: tenant(),
        clientId: client(),
        certificateFile: needed(file, 'a file: --client-certificate-file or AZURE_CLIENT_CERTIFICATE_PATH'),
      };
    }
    case 'ManagedIdentity':
      return { kind, ...(clientId === undefined ? {} : { clientId }) };
    case 'AzureCLI':
      return { kind, ...(tenantId === undefined ? {} : { tenantId }) };
  }
}
