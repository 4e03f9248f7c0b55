import { ARM_API_VERSION } from '../../azure/api-version.ts';
import { CLOUDS, resolveCloud, type Cloud, type CloudName } from '../../azure/clouds.ts';
import type { CredentialConfig } from '../../azure/credentials.ts';
import { parseClusterId } from '../../api/resource-id.ts';
import { DEFAULT_VERIFY_NAMESPACE } from '../../cluster/model/way.ts';
import { parseAddress } from '../../runtime/listen.ts';
import { MOST_SHARDS, parseShard, type Shard } from '../../runtime/shard.ts';
import { FORMS, NUMBERS } from './bounds.ts';
import { KINDS, readCredential } from './credential-flags.ts';
import { addressProblem, parseDuration } from '../flag-values.ts';
import type { PerObject } from '../../controller/metrics/objects.ts';
import { nameOf, type FlagName, type Flags } from './flags.ts';

export { FLAGS, type FlagName, type Flags } from './flags.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** The configuration from flags and environment. */
export interface ControllerConfig {
  readonly kubeconfig?: string;
  readonly cloud: Cloud;
  readonly apiVersion: string;
  readonly credential: CredentialConfig;
  readonly disableInstanceDiscovery: boolean;
  readonly caFile?: string;
  /** Undefined: no policy; any namespace may name any cluster. */
  readonly policyFile?: string;
  /** Allows targets on loopback and link-local addresses. */
  readonly allowLocalTargets: boolean;
  readonly workers: number;
  /** Most clusters that change at the same time; 0: no limit. */
  readonly maxChangingClusters: number;
  /** ms. */
  readonly pollInterval: number;
  readonly driftInterval: number;
  readonly stalledAfter: number;
  readonly armTimeout: number;
  readonly armBudgets: 'documented' | 'none';
  /** Namespace of the Lease; undefined runs without election. */
  readonly leaseNamespace: string | undefined;
  /** The share of the clusters that this process works on; undefined: all. Needs a lease. */
  readonly shard?: Shard;
  /** `host:port`; undefined: not served. */
  readonly healthAddress: string | undefined;
  readonly metricsAddress: string | undefined;
  /** Folder with tls.crt and tls.key; undefined: a self-signed certificate. */
  readonly metricsCertDir?: string;
  /** One series per certificate instead of one per object. */
  readonly metricsPerCertificate: boolean;
  /** When to expose series that name each object and cluster. */
  readonly metricsPerObject: PerObject;
  /** Serve metrics without TLS and without tokens. */
  readonly metricsPlainHttp: boolean;
  /** Namespace of the controller itself; the Secrets that the policy file names are there. */
  readonly ownNamespace: string;
  /** Resource id, lower-cased, of the cluster that the controller runs in; undefined: inCluster is allowed for no object. */
  readonly inClusterResourceId?: string;
  /** Namespace of the pods of verifications, in the target clusters. */
  readonly verifyNamespace: string;
  /** Image of the pods that read trust stores; undefined: trust stores are not verified. */
  readonly verifyTrustStoreImage?: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: 'json' | 'pretty';
}

export type ConfigReading =
  { readonly ok: true; readonly config: ControllerConfig } | { readonly ok: false; readonly faults: readonly string[] };

/** The namespace in the manifests of deploy/. */
export const OWN_NAMESPACE = 'aks-ca-trust-system';

/** Reads flags and environment. All faults are reported together, and no message quotes a secret. */
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
  const number = (flag: keyof typeof NUMBERS, preset: string): number => {
    const value = text(flag) ?? preset;
    const [least, most] = NUMBERS[flag];
    const found = Number(value);
    if (!Number.isInteger(found) || found < least || found > most)
      faults.push(`${nameOf(flag)} is "${value}"; it is a number from ${least} to ${most}`);
    return found;
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
  if (!FORMS.armApiVersion.test(apiVersion))
    faults.push(`--arm-api-version is "${apiVersion}"; it looks like ${ARM_API_VERSION}`);
  const leaseNamespace = text('leaseNamespace', 'POD_NAMESPACE');
  if (flags.leaderElect === true && leaseNamespace === undefined)
    faults.push('--leader-elect needs a namespace: --lease-namespace or POD_NAMESPACE');
  const shard = readShard(text('shard'), flags.leaderElect === true, faults);
  const inCluster = text('inClusterResourceId');
  const inClusterId = inCluster === undefined ? undefined : parseClusterId(inCluster);
  if (inCluster !== undefined && !inClusterId)
    faults.push(
      `${nameOf('inClusterResourceId')} is "${inCluster}"; \`az aks show --query id\` prints the id of a cluster`,
    );
  const verifyNamespace = text('verifyNamespace') ?? DEFAULT_VERIFY_NAMESPACE;
  if (!FORMS.verifyNamespace.test(verifyNamespace))
    faults.push(`${nameOf('verifyNamespace')} is "${verifyNamespace}"; it is the name of a namespace`);
  const verifyTrustStoreImage = text('verifyTrustStoreImage');
  const metricsCertDir = text('metricsCertDir');
  if (metricsCertDir !== undefined && flags.metricsPlainHttp === true)
    faults.push('--metrics-plain-http has no use for the certificate of --metrics-cert-dir: leave one of them out');
  const kubeconfig = text('kubeconfig');
  const caFile = text('caFile');
  const policyFile = text('policyFile');
  const kind = choice('credential', KINDS, 'WorkloadIdentity');
  // The preset kind stands in for an unknown one; its missing settings are no faults.
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
    ...(policyFile === undefined ? {} : { policyFile }),
    allowLocalTargets: flags.allowLocalTargets === true,
    workers: number('workers', '10'),
    maxChangingClusters: number('maxChangingClusters', '5'),
    pollInterval: duration('pollInterval', '15s'),
    driftInterval: duration('driftInterval', '10m'),
    stalledAfter: duration('stalledAfter', '15m'),
    armTimeout: duration('armTimeout', '60s'),
    armBudgets: choice('armBudgets', ['documented', 'none'], 'documented'),
    leaseNamespace: flags.leaderElect === true ? leaseNamespace : undefined,
    ...(shard === undefined ? {} : { shard }),
    healthAddress: readAddress('healthAddress', text('healthAddress') ?? '0.0.0.0:8081', faults),
    metricsAddress: readAddress('metricsAddress', text('metricsAddress') ?? '0.0.0.0:8443', faults),
    ...(metricsCertDir === undefined ? {} : { metricsCertDir }),
    metricsPerCertificate: flags.metricsPerCertificate === true,
    metricsPerObject: choice('metricsPerObject', ['auto', 'always', 'never'], 'auto'),
    metricsPlainHttp: flags.metricsPlainHttp === true,
    ownNamespace: leaseNamespace ?? OWN_NAMESPACE,
    ...(inClusterId ? { inClusterResourceId: inClusterId.key } : {}),
    verifyNamespace,
    ...(verifyTrustStoreImage === undefined ? {} : { verifyTrustStoreImage }),
    logLevel: choice('logLevel', LOG_LEVELS, 'info'),
    logFormat: choice('logFormat', ['json', 'pretty'], 'json'),
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config };
}

function readShard(value: string | undefined, elects: boolean, faults: string[]): Shard | undefined {
  if (value === undefined) return undefined;
  const shard = parseShard(value);
  if (shard === undefined)
    faults.push(`--shard is "${value}"; it looks like 2/5: the second of five, of at most ${MOST_SHARDS}`);
  else if (!elects) faults.push('--shard needs --leader-elect: two processes of one share must not work at a time');
  return shard;
}

function readAddress(flag: FlagName, value: string, faults: string[]): string | undefined {
  if (value === 'none') return undefined;
  try {
    parseAddress(value);
  } catch (error) {
    faults.push(
      `${nameOf(flag)} is "${value}"; it looks like 0.0.0.0:8081 or :8081, or is none (${(error as Error).message})`,
    );
  }
  return value;
}
