import { parseClusterId, type ClusterId } from '../../api/resource-id.ts';
import { createFlagReader, readOutput, type FlagValues } from '../client/flags.ts';
import { readObjectName, ROTATION } from '../client/object-name.ts';
import type { ClientRequest } from '../client/session.ts';
import { readConfig, type ControllerConfig, type Flags } from '../controller/config.ts';
import { ALL_CERTS_FLAGS, AZURE_FLAGS, type CertsFlags } from './flags.ts';
import { readPrometheusFlags } from './prometheus-request.ts';
import type { PrometheusSource } from '../../policy/prometheus.ts';

/** How ARM is reached. */
export type AzureConfig = Pick<
  ControllerConfig,
  'cloud' | 'apiVersion' | 'credential' | 'disableInstanceDiscovery' | 'caFile'
>;

/** A kubeconfig of the cluster itself. */
export interface KubeconfigFile {
  readonly path: string;
  /** Undefined: its current context. */
  readonly context: string | undefined;
}

/** The cluster whose certificates are shown, and who reads them. */
export type CertsTarget =
  /** This command, over ARM, and over the kubeconfig where one is given. */
  | { readonly kind: 'Cluster'; readonly id: ClusterId; readonly azure: AzureConfig; readonly file?: KubeconfigFile }
  /** This command, over the kubeconfig alone. */
  | { readonly kind: 'File'; readonly file: KubeconfigFile }
  /** The controller: its CertificateRotation object has the rows. An undefined namespace stands for that of the context. */
  | { readonly kind: 'Object'; readonly namespace: string | undefined; readonly name: string };

/** A Prometheus that is asked for the certificates of kubelets. */
export interface AskedPrometheus {
  readonly source: PrometheusSource;
  /** For an Azure Monitor workspace: how to sign in. */
  readonly azure?: AzureConfig;
  /** CAs that are trusted besides those of Node.js. */
  readonly caFile: string | undefined;
}

/** A cluster that this command reads itself. */
export type LiveTarget = Exclude<CertsTarget, { readonly kind: 'Object' }>;

export interface CertsRequest extends ClientRequest {
  readonly target: CertsTarget;
  readonly prometheus?: AskedPrometheus;
  /** Whether holders of the cluster's CA are searched for. */
  readonly scan: boolean;
  /** Whether the management cluster is searched as well. */
  readonly scansManagement: boolean;
  /** Longest time of a search in one cluster, ms. */
  readonly timeout: number;
  /** Remaining life from which on a certificate counts as Expiring, ms; undefined: as the controller counts it. */
  readonly expiryWarning: number | undefined;
  /** Whether the lines that ask for a rotation are printed in any case. */
  readonly rotationRequest: boolean;
  readonly output: 'text' | 'json';
}

export type CertsReading =
  { readonly ok: true; readonly request: CertsRequest } | { readonly ok: false; readonly faults: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

const SCAN_MS = 120_000;

export function readCertsFlags(argument: string | undefined, flags: CertsFlags, env: Environment): CertsReading {
  const { faults, text, duration } = createFlagReader(ALL_CERTS_FLAGS, flags);
  const [path, context, namespace] = [text('file'), text('fileContext'), text('namespace')];
  const file = path === undefined ? undefined : { path, context };
  if (context !== undefined && file === undefined) faults.push('--file-context needs -f');
  const scan = flags.scan === true;
  const [kubeconfig, managementContext] = [text('kubeconfig'), text('context')];
  // Read for the empty ones among them: an unset variable of a script would otherwise choose another sign-in.
  for (const flag of Object.keys(AZURE_FLAGS)) text(flag as keyof typeof AZURE_FLAGS);
  const target = targetOf(argument, namespace, file, flags, env, faults);
  if (scan && target?.kind === 'Object')
    faults.push('--scan reads the cluster itself: give a resource id, or a kubeconfig with -f');
  if (flags.timeout !== undefined && !scan) faults.push('--timeout needs --scan');
  const typed = {
    url: text('prometheusUrl'),
    matchers: text('prometheusMatchers'),
    tokenFile: text('prometheusTokenFile'),
  };
  const source = readPrometheusFlags(typed, target?.kind, faults);
  const azure = target?.kind === 'Cluster' ? target.azure : undefined;
  const caFile = text('caFile');
  const prometheus = source && { source, caFile, ...(source.auth === 'azure' && azure ? { azure } : {}) };
  const request = {
    kubeconfig,
    context: managementContext,
    scan,
    scansManagement: scan && (kubeconfig !== undefined || managementContext !== undefined),
    timeout: duration('timeout', SCAN_MS, 'is not 0'),
    expiryWarning: daysOf(text('expiryWarning'), faults),
    rotationRequest: flags.rotationRequest === true,
    output: readOutput(text('output'), faults),
    ...(prometheus ? { prometheus } : {}),
  };
  if (faults.length > 0 || target === undefined) return { ok: false, faults };
  return { ok: true, request: { ...request, target } };
}

function targetOf(
  argument: string | undefined,
  namespace: string | undefined,
  file: KubeconfigFile | undefined,
  flags: CertsFlags,
  env: Environment,
  faults: string[],
): CertsTarget | undefined {
  const isId = argument?.startsWith('/') === true;
  if (namespace !== undefined && (isId || argument === undefined))
    faults.push('--namespace is for the name of a CertificateRotation');
  if (argument === undefined) {
    if (file) return { kind: 'File', file };
    faults.push(
      'there is nothing to read: give the resource id of a cluster, the name of a CertificateRotation, or -f with a kubeconfig',
    );
    return undefined;
  }
  if (!isId) {
    const { name, namespace: within } = readObjectName(argument.replace(ROTATION, ''), namespace, faults);
    if (file)
      faults.push(
        `-f reads the cluster itself, and ${argument} shows what the controller has read: leave one of them out`,
      );
    return name === undefined ? undefined : { kind: 'Object', name, namespace: within };
  }
  const id = parseClusterId(argument);
  if (!id) {
    faults.push(`"${argument}" is not the resource id of a cluster; \`az aks show --query id\` prints it`);
    return undefined;
  }
  const azure = azureOf(flags, env, faults);
  return azure && { kind: 'Cluster', id, azure, ...(file ? { file } : {}) };
}

/** How ARM is reached as the person who is signed in; faults are added. */
export function azureOf(
  flags: FlagValues<typeof AZURE_FLAGS>,
  env: Environment,
  faults: string[],
): AzureConfig | undefined {
  const given = Object.keys(AZURE_FLAGS).map((name) => [name, flags[name as keyof typeof AZURE_FLAGS]] as const);
  const own = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Flags;
  const reading = readConfig({ ...own, credential: own.credential ?? credentialIn(own, env) }, env);
  if (reading.ok) return reading.config;
  faults.push(...reading.faults);
  return undefined;
}

/** The first credential whose settings are there, in the order of DefaultAzureCredential; else the account of the Azure CLI. */
function credentialIn(flags: Flags, env: Environment): string {
  const has = (name: keyof Flags, variable: string) => Boolean(flags[name] ?? env[variable]);
  const named = has('tenantId', 'AZURE_TENANT_ID') && has('clientId', 'AZURE_CLIENT_ID');
  if (named && env['AZURE_CLIENT_SECRET']) return 'ClientSecret';
  if (named && has('clientCertificateFile', 'AZURE_CLIENT_CERTIFICATE_PATH')) return 'ClientCertificate';
  if (named && has('federatedTokenFile', 'AZURE_FEDERATED_TOKEN_FILE')) return 'WorkloadIdentity';
  return 'AzureCLI';
}

const HOUR_MS = 3_600_000;
const LONGEST_DAYS = 3650;

/** `60d` or `12h`, in ms. */
function daysOf(typed: string | undefined, faults: string[]): number | undefined {
  if (typed === undefined) return undefined;
  const [, number, unit] = /^(\d{1,5})([dh])$/.exec(typed) ?? [];
  const ms = Number(number) * HOUR_MS * (unit === 'd' ? 24 : 1);
  if (ms >= 0 && ms <= LONGEST_DAYS * 24 * HOUR_MS) return ms;
  faults.push(`--expiry-warning is "${typed}"; it looks like 60d or 12h, and is at most ${LONGEST_DAYS}d`);
  return undefined;
}
