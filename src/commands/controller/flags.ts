import { ARM_API_VERSION } from '../../azure/api-version.ts';
import { CLOUDS } from '../../azure/clouds.ts';
import { DEFAULT_VERIFY_NAMESPACE } from '../../cluster/model/way.ts';

/** Every flag of the controller in the form that the parser of the command line needs, with its help. */
export const FLAGS = {
  kubeconfig: [
    '--kubeconfig <file>',
    "kubeconfig of the management cluster (default: the pod's service account, else KUBECONFIG, else ~/.kube/config)",
  ],
  cloud: [`--cloud <name>`, `Azure cloud: ${Object.keys(CLOUDS).join(', ')} (default: AzurePublic)`],
  armEndpoint: ['--arm-endpoint <url>', "ARM endpoint, instead of the cloud's"],
  authorityHost: ['--authority-host <url>', "authority host, instead of the cloud's (env AZURE_AUTHORITY_HOST)"],
  armApiVersion: ['--arm-api-version <version>', `api-version of managed clusters (default: ${ARM_API_VERSION})`],
  credential: [
    '--credential <kind>',
    'WorkloadIdentity, ClientSecret, ClientCertificate, ManagedIdentity or AzureCLI (default: WorkloadIdentity)',
  ],
  tenantId: ['--tenant-id <id>', 'tenant (env AZURE_TENANT_ID)'],
  clientId: ['--client-id <id>', 'application or managed identity (env AZURE_CLIENT_ID)'],
  federatedTokenFile: [
    '--federated-token-file <file>',
    'token file for WorkloadIdentity (env AZURE_FEDERATED_TOKEN_FILE)',
  ],
  clientCertificateFile: [
    '--client-certificate-file <file>',
    'PEM certificate and key for ClientCertificate (env AZURE_CLIENT_CERTIFICATE_PATH)',
  ],
  disableInstanceDiscovery: [
    '--disable-instance-discovery',
    "do not search for the authority among Microsoft's clouds; private clouds need it",
  ],
  caFile: ['--ca-file <file>', 'PEM certificates trusted for ARM and sign-in besides the built-in ones'],
  policyFile: [
    '--policy-file <file>',
    'YAML file of the rules which namespaces may change which clusters, read again when it changes (default: every namespace may name every cluster)',
  ],
  allowLocalTargets: [
    '--allow-local-targets',
    'allow kubeconfigs of target clusters to name loopback and link-local addresses (127.0.0.1, 169.254.0.0/16); for tests only',
  ],
  workers: ['--workers <number>', 'clusters that are reconciled at the same time (default: 10)'],
  maxChangingClusters: [
    '--max-changing-clusters <number>',
    'clusters that may change at the same time, per process; 0 for no limit (default: 5)',
  ],
  pollInterval: [
    '--poll-interval <duration>',
    'time between two reads of a cluster while an operation runs (default: 15s)',
  ],
  driftInterval: ['--drift-interval <duration>', 'time between two reads of a cluster at rest (default: 10m)'],
  stalledAfter: [
    '--stalled-after <duration>',
    'time after which an object becomes Stalled when it waits for a person to act (default: 15m)',
  ],
  armTimeout: ['--arm-timeout <duration>', 'timeout of a request to ARM (default: 60s)'],
  armBudgets: [
    '--arm-budgets <kind>',
    'documented keeps calls below the published limits of ARM and AKS; none relies on ARM to answer 429 (default: documented)',
  ],
  leaderElect: ['--leader-elect', 'elect a leader with a Lease, so that several replicas can run'],
  leaseNamespace: [
    '--lease-namespace <namespace>',
    'namespace of the Lease (env POD_NAMESPACE); --leader-elect needs it',
  ],
  shard: [
    '--shard <i/n>',
    'reconcile only the i-th of n shares of the clusters, such as 2/5; all n shares must run, each with its own Lease; needs --leader-elect',
  ],
  healthAddress: [
    '--health-address <host:port>',
    'address of /healthz and /readyz, over plain HTTP; none turns them off (default: 0.0.0.0:8081)',
  ],
  metricsAddress: [
    '--metrics-address <host:port>',
    'address of /metrics, over HTTPS, for clients with a token that may read it; none turns it off (default: 0.0.0.0:8443)',
  ],
  metricsCertDir: [
    '--metrics-cert-dir <folder>',
    'tls.crt and tls.key for /metrics, read again when they change (default: a self-signed certificate)',
  ],
  metricsPerCertificate: [
    '--metrics-per-certificate',
    'expose the expiry of every certificate instead of the earliest of each object; this adds many series',
  ],
  metricsPerObject: [
    '--metrics-per-object <when>',
    'metrics of each object and cluster: always, never, or auto: up to 2000 of each (default: auto)',
  ],
  metricsPlainHttp: ['--metrics-plain-http', 'serve /metrics over plain HTTP to every client that reaches the port'],
  inClusterResourceId: [
    '--in-cluster-resource-id <id>',
    'resource id of the cluster in which the controller runs; nodeAccess inCluster is allowed for this cluster only (default: for none)',
  ],
  verifyNamespace: [
    '--verify-namespace <namespace>',
    `namespace of target clusters in which the pods of spec.verify run (default: ${DEFAULT_VERIFY_NAMESPACE})`,
  ],
  verifyTrustStoreImage: [
    '--verify-trust-store-image <image>',
    'image with sh, base64 and sha256sum for spec.verify.trustStore (default: none, and trust stores are not verified)',
  ],
  logLevel: ['--log-level <level>', 'debug, info, warn or error (default: info)'],
  logFormat: ['--log-format <format>', 'json or pretty (default: json)'],
} as const satisfies Record<string, readonly [flag: string, help: string]>;

export type FlagName = keyof typeof FLAGS;

/** Flags as they were typed. */
export type Flags = Readonly<Partial<Record<FlagName, string | boolean>>>;

/** The flag as it is typed: `--cloud`. */
export function nameOf(flag: FlagName): string {
  return FLAGS[flag][0].split(' ')[0] ?? flag;
}
