import { ARM_API_VERSION } from '../azure/api-version.ts';
import { CLOUDS, resolveCloud, type Cloud, type CloudName } from '../azure/clouds.ts';
import type { CredentialConfig, CredentialKind } from '../azure/credentials.ts';
import { parseAddress } from '../runtime/health.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Everything the controller is told at its start. */
export interface ControllerConfig {
  readonly kubeconfig?: string;
  readonly cloud: Cloud;
  readonly apiVersion: string;
  readonly credential: CredentialConfig;
  readonly disableInstanceDiscovery: boolean;
  readonly caFile?: string;
  readonly workers: number;
  /** ms. */
  readonly pollInterval: number;
  readonly driftInterval: number;
  readonly armTimeout: number;
  /** Namespace of the Lease; undefined runs without election. */
  readonly leaseNamespace: string | undefined;
  /** `host:port`; undefined serves nothing. */
  readonly healthAddress: string | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: 'json' | 'pretty';
}

/** Flags as they were typed, each a text. */
export type Flags = Readonly<Partial<Record<FlagName, string | boolean>>>;

export const FLAGS = {
  kubeconfig: [
    '--kubeconfig <file>',
    "kubeconfig of the management cluster (default: the pod's service account, else KUBECONFIG)",
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
    "do not look the authority up among Microsoft's clouds; private clouds need it",
  ],
  caFile: ['--ca-file <file>', 'PEM certificates trusted for ARM and sign-in besides the built-in ones'],
  workers: ['--workers <number>', 'clusters worked on at a time (default: 10)'],
  pollInterval: ['--poll-interval <duration>', 'between two looks at a running operation (default: 15s)'],
  driftInterval: ['--drift-interval <duration>', 'between two looks at a cluster at rest (default: 10m)'],
  armTimeout: ['--arm-timeout <duration>', 'longest wait for an answer of ARM (default: 60s)'],
  leaderElect: ['--leader-elect', 'lead by a Lease before working, so that several replicas can run'],
  leaseNamespace: [
    '--lease-namespace <namespace>',
    'namespace of the Lease (env POD_NAMESPACE); needed for --leader-elect',
  ],
  healthAddress: [
    '--health-address <host:port>',
    'where /healthz, /readyz and /metrics are served; none turns it off (default: 0.0.0.0:8081)',
  ],
  logLevel: ['--log-level <level>', 'debug, info, warn or error (default: info)'],
  logFormat: ['--log-format <format>', 'json or pretty (default: json)'],
} as const satisfies Record<string, readonly [flag: string, help: string]>;

export type FlagName = keyof typeof FLAGS;

export type ConfigReading =
  { readonly ok: true; readonly config: ControllerConfig } | { readonly ok: false; readonly faults: readonly string[] };

/** Reads flags and environment. Every fault is found in one go, and no message quotes a secret. */
export function readConfig(flags: Flags, env: Readonly<Record<string, string | undefined>>): ConfigReading {
  const faults: string[] = [];
  const text = (flag: FlagName, variable?: string) => {
    const value = flags[flag] ?? (variable === undefined ? undefined : env[variable]);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const choice = <T extends string>(flag: FlagName, choices: readonly T[], preset: T): T => {
    const value = text(flag) ?? preset;
    const found = choices.find((one) => one === value);
    if (found === undefined) faults.push(`${nameOf(flag)} is "${value}"; it can be ${choices.join(', ')}`);
    return found ?? preset;
  };
  const duration = (flag: FlagName, preset: string): number => {
    const value = text(flag) ?? preset;
    const ms = parseDuration(value);
    if (ms === undefined)
      faults.push(`${nameOf(flag)} is "${value}"; a duration looks like 500ms, 15s, 10m or 1h, and is at most 24h`);
    return ms ?? 0;
  };
  const url = (flag: FlagName, path: 'withPath' | 'withoutPath', variable?: string) => {
    const value = text(flag, variable);
    const problem = value === undefined ? undefined : addressProblem(value, path);
    if (problem !== undefined) faults.push(`${nameOf(flag)} ${problem}`);
    return value;
  };

  const cloudName = choice('cloud', Object.keys(CLOUDS) as CloudName[], 'AzurePublic');
  const armEndpoint = url('armEndpoint', 'withoutPath');
  const authorityHost = url('authorityHost', 'withPath', 'AZURE_AUTHORITY_HOST');
  const apiVersion = text('armApiVersion') ?? ARM_API_VERSION;
  if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(apiVersion))
    faults.push(`--arm-api-version is "${apiVersion}"; it looks like ${ARM_API_VERSION}`);
  const workers = Number(text('workers') ?? '10');
  if (!Number.isInteger(workers) || workers < 1 || workers > 1000)
    faults.push(`--workers is "${text('workers')}"; it is a number from 1 to 1000`);
  const leaseNamespace = text('leaseNamespace', 'POD_NAMESPACE');
  if (flags.leaderElect === true && leaseNamespace === undefined)
    faults.push('--leader-elect needs a namespace: --lease-namespace or POD_NAMESPACE');
  const kubeconfig = text('kubeconfig');
  const caFile = text('caFile');
  const kind = choice('credential', KINDS, 'WorkloadIdentity');
  // What another kind than the one that was meant needs is of no interest.
  const kindIsKnown = kind === (text('credential') ?? kind);
  const credential = readCredential(kind, text, env, kindIsKnown ? faults : []);
  const config: ControllerConfig = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    cloud: resolveCloud(cloudName, {
      ...(armEndpoint === undefined ? {} : { endpoint: armEndpoint }),
      ...(authorityHost === undefined ? {} : { authorityHost }),
    }),
    apiVersion,
    credential,
    disableInstanceDiscovery: flags.disableInstanceDiscovery === true,
    ...(caFile === undefined ? {} : { caFile }),
    workers,
    pollInterval: duration('pollInterval', '15s'),
    driftInterval: duration('driftInterval', '10m'),
    armTimeout: duration('armTimeout', '60s'),
    leaseNamespace: flags.leaderElect === true ? leaseNamespace : undefined,
    healthAddress: readAddress(text('healthAddress') ?? '0.0.0.0:8081', faults),
    logLevel: choice('logLevel', LOG_LEVELS, 'info'),
    logFormat: choice('logFormat', ['json', 'pretty'], 'json'),
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config };
}

const KINDS: readonly CredentialKind[] = [
  'WorkloadIdentity',
  'ClientSecret',
  'ClientCertificate',
  'ManagedIdentity',
  'AzureCLI',
];

function readCredential(
  kind: CredentialKind,
  text: (flag: FlagName, variable?: string) => string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  faults: string[],
): CredentialConfig {
  const tenantId = text('tenantId', 'AZURE_TENANT_ID');
  const clientId = text('clientId', 'AZURE_CLIENT_ID');
  if (tenantId !== undefined && !/^[\w.-]+$/.test(tenantId))
    faults.push(`${nameOf('tenantId')} is "${tenantId}"; it is an id or a domain name`);
  const needed = (value: string | undefined, what: string) => {
    if (value === undefined || value === '') faults.push(`credential ${kind} needs ${what}`);
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

function readAddress(value: string, faults: string[]): string | undefined {
  if (value === 'none') return undefined;
  try {
    parseAddress(value);
  } catch (error) {
    faults.push(
      `--health-address is "${value}"; it looks like 0.0.0.0:8081 or :8081, or is none (${(error as Error).message})`,
    );
  }
  return value;
}

/** Timers of Node take 24 days; a longer wait would be none. */
const LONGEST_MS = 24 * 3_600_000;

function parseDuration(value: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value) ?? [];
  const ms = Number(number) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit ?? ''] ?? NaN);
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}

/** What is wrong with an address; undefined where nothing is. An address with a password in it is not quoted. */
function addressProblem(value: string, path: 'withPath' | 'withoutPath'): string | undefined {
  const { protocol, username, password, pathname, search, hash } = URL.parse(value) ?? {};
  if (username || password || value.includes('@')) return 'holds a user name or password; an address has neither';
  if (protocol !== 'https:') return `is "${value}"; it must be an https address`;
  if (search || hash) return `is "${value}"; it must be an address without query`;
  return path === 'withoutPath' && pathname !== '/' ? `is "${value}"; it must be an address without path` : undefined;
}

function nameOf(flag: FlagName): string {
  return FLAGS[flag][0].split(' ')[0] ?? flag;
}
