import { CLIENT_FLAGS, OUTPUT_FLAG, type FlagTable, type FlagValues } from '../client/flags.ts';
import { FLAGS } from '../controller/flags.ts';

/** Every flag of `certs` as the command line's parser takes it, with its help. */
const CERTS_FLAGS = {
  file: [
    '-f, --file <kubeconfig>',
    'kubeconfig of the cluster itself: its API server, ConfigMaps, nodes and certificate signing requests are read with its user',
  ],
  fileContext: ['--file-context <name>', 'context of the kubeconfig of -f (default: its current context)'],
  namespace: [
    '-n, --namespace <namespace>',
    "namespace of the CertificateRotation (default: that of the kubeconfig's context)",
  ],
  scan: [
    '--scan',
    "search the cluster, and the management cluster where --kubeconfig or --context names it, for what has the cluster's CA or an earlier one",
  ],
  expiryWarning: [
    '--expiry-warning <duration>',
    'remaining life from which on a certificate counts as Expiring, such as 60d (default: 30d)',
  ],
  rotationRequest: [
    '--rotation-request',
    'print the lines of a CertificateRotation that rotate the certificates once; without it, they are printed only where the cluster CA or the certificate of the API server expires',
  ],
  prometheusUrl: [
    '--prometheus-url <url>',
    "Prometheus with the metrics of the cluster's kubelets: the part before /api/v1/query; an Azure Monitor workspace is asked with the sign-in for ARM",
  ],
  prometheusMatchers: [
    '--prometheus-matchers <matchers>',
    'with --prometheus-url: label matchers that select the series of the cluster, such as \'cluster="{cluster}"\', with its name for {cluster} (default: all series)',
  ],
  prometheusTokenFile: [
    '--prometheus-token-file <file>',
    'with --prometheus-url: file with the token to send (default: none)',
  ],
  timeout: ['--timeout <duration>', 'longest time for a search of --scan in one cluster (default: 2m)'],
  output: OUTPUT_FLAG,
  ...CLIENT_FLAGS,
} as const satisfies FlagTable;

/** The flags of the controller that say how to reach ARM and how to sign in. */
export const AZURE_FLAGS = {
  cloud: FLAGS.cloud,
  armEndpoint: FLAGS.armEndpoint,
  authorityHost: FLAGS.authorityHost,
  armApiVersion: FLAGS.armApiVersion,
  credential: [
    '--credential <kind>',
    'WorkloadIdentity, ClientSecret, ClientCertificate, ManagedIdentity or AzureCLI (default: what the variables of the environment have, else AzureCLI)',
  ],
  tenantId: FLAGS.tenantId,
  clientId: FLAGS.clientId,
  federatedTokenFile: FLAGS.federatedTokenFile,
  clientCertificateFile: FLAGS.clientCertificateFile,
  disableInstanceDiscovery: FLAGS.disableInstanceDiscovery,
  caFile: FLAGS.caFile,
} as const satisfies FlagTable;

export const ALL_CERTS_FLAGS = { ...CERTS_FLAGS, ...AZURE_FLAGS } as const;

export type CertsFlags = FlagValues<typeof ALL_CERTS_FLAGS>;

/** Shown below the help. */
export const CERTS_HELP = `
Nothing is changed. With a resource id, ARM is asked as the person who is signed in (Azure CLI, or the variables of the
environment), and the cluster's API server is reached with the kubeconfig that ARM returns, or with that of -f. With -f
alone, ARM is not asked. With the name of a CertificateRotation, the command shows what the controller has read.

Exit codes: 0 no certificate that is known needs attention, 1 error, or no certificate is known, 2 the controller has not
read the cluster yet, 3 a certificate is Expiring, Expired, Late or Intercepted, a pool does not renew its certificates,
or the kubeconfig of -f has another CA than ARM returns.`;
