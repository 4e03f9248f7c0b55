/** The sign-ins that can be chosen. Named one by one, so that the bundle has no others. */
export {
  AzureCliCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
