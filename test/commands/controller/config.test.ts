import { describe, expect, it } from '@jest/globals';
import { ARM_API_VERSION } from '../../../src/azure/api-version.ts';
import { CLOUDS } from '../../../src/azure/clouds.ts';
import {
  FLAGS,
  readConfig,
  type ControllerConfig,
  type FlagName,
  type Flags,
} from '../../../src/commands/controller/config.ts';

const WORKLOAD = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: '/token' };
const OWN =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/own';
const HUSH = 'hush-hush-this-is-a-secret';

function configOf(flags: Flags, env: Record<string, string> = WORKLOAD): ControllerConfig {
  const reading = readConfig(flags, env);
  if (!reading.ok) throw new Error(reading.faults.join('\n'));
  return reading.config;
}

function faultsOf(flags: Flags, env: Record<string, string> = WORKLOAD): readonly string[] {
  const reading = readConfig(flags, env);
  return reading.ok ? [] : reading.faults;
}

/** A typed value of each flag, the flags it is put beside, and what it changes in what they make. */
const VALUES: Record<FlagName, { value: string | true; with?: Flags; becomes: Partial<ControllerConfig> }> = {
  kubeconfig: { value: '/kube/config', becomes: { kubeconfig: '/kube/config' } },
  cloud: { value: 'AzureChina', becomes: { cloud: CLOUDS.AzureChina } },
  armEndpoint: {
    value: 'https://arm.example:8443/',
    becomes: {
      cloud: {
        authorityHost: CLOUDS.AzurePublic.authorityHost,
        endpoint: 'https://arm.example:8443',
        scope: 'https://arm.example:8443/.default',
      },
    },
  },
  authorityHost: {
    value: 'https://sts.example/adfs',
    becomes: { cloud: { ...CLOUDS.AzurePublic, authorityHost: 'https://sts.example/adfs' } },
  },
  armApiVersion: { value: '2026-07-02-preview', becomes: { apiVersion: '2026-07-02-preview' } },
  credential: { value: 'ManagedIdentity', becomes: { credential: { kind: 'ManagedIdentity', clientId: 'c' } } },
  tenantId: {
    value: 'contoso.example',
    becomes: {
      credential: { kind: 'WorkloadIdentity', tenantId: 'contoso.example', clientId: 'c', tokenFile: '/token' },
    },
  },
  clientId: {
    value: 'other',
    becomes: { credential: { kind: 'WorkloadIdentity', tenantId: 't', clientId: 'other', tokenFile: '/token' } },
  },
  federatedTokenFile: {
    value: '/other',
    becomes: { credential: { kind: 'WorkloadIdentity', tenantId: 't', clientId: 'c', tokenFile: '/other' } },
  },
  clientCertificateFile: {
    value: '/cert.pem',
    with: { credential: 'ClientCertificate', clientCertificateFile: '/x' },
    becomes: { credential: { kind: 'ClientCertificate', tenantId: 't', clientId: 'c', certificateFile: '/cert.pem' } },
  },
  disableInstanceDiscovery: { value: true, becomes: { disableInstanceDiscovery: true } },
  caFile: { value: '/ca.pem', becomes: { caFile: '/ca.pem' } },
  policyFile: { value: '/policy.yaml', becomes: { policyFile: '/policy.yaml' } },
  allowLocalTargets: { value: true, becomes: { allowLocalTargets: true } },
  workers: { value: '3', becomes: { workers: 3 } },
  maxChangingClusters: { value: '0', becomes: { maxChangingClusters: 0 } },
  pollInterval: { value: '1.5s', becomes: { pollInterval: 1500 } },
  metricsPerObject: { value: 'never', becomes: { metricsPerObject: 'never' } },
  stalledAfter: { value: '1h', becomes: { stalledAfter: 3_600_000 } },
  driftInterval: { value: '2h', becomes: { driftInterval: 7_200_000 } },
  armTimeout: { value: '250ms', becomes: { armTimeout: 250 } },
  armBudgets: { value: 'none', becomes: { armBudgets: 'none' } },
  leaderElect: { value: true, with: { leaseNamespace: 'platform' }, becomes: { leaseNamespace: 'platform' } },
  leaseNamespace: {
    value: 'other',
    with: { leaderElect: true, leaseNamespace: 'x' },
    becomes: { leaseNamespace: 'other', ownNamespace: 'other' },
  },
  shard: {
    value: '2/5',
    with: { leaderElect: true, leaseNamespace: 'x' },
    becomes: { shard: { index: 2, count: 5 } },
  },
  healthAddress: { value: '[::1]:9000', becomes: { healthAddress: '[::1]:9000' } },
  metricsAddress: { value: ':9443', becomes: { metricsAddress: ':9443' } },
  metricsCertDir: { value: '/tls', becomes: { metricsCertDir: '/tls' } },
  metricsPerCertificate: { value: true, becomes: { metricsPerCertificate: true } },
  metricsPlainHttp: { value: true, becomes: { metricsPlainHttp: true } },
  logLevel: { value: 'debug', becomes: { logLevel: 'debug' } },
  inClusterResourceId: { value: OWN, becomes: { inClusterResourceId: OWN.toLowerCase() } },
  verifyNamespace: { value: 'proofs', becomes: { verifyNamespace: 'proofs' } },
  verifyTrustStoreImage: { value: 'tools:1', becomes: { verifyTrustStoreImage: 'tools:1' } },
  logFormat: { value: 'pretty', becomes: { logFormat: 'pretty' } },
};
const ROWS = (Object.keys(FLAGS) as FlagName[]).map((flag) => ({ flag, option: FLAGS[flag][0], ...VALUES[flag] }));

describe('the configuration', () => {
  it('needs no flag where the workload identity webhook has set the environment', () => {
    expect(configOf({})).toEqual({
      cloud: CLOUDS.AzurePublic,
      apiVersion: ARM_API_VERSION,
      credential: { kind: 'WorkloadIdentity', tenantId: 't', clientId: 'c', tokenFile: '/token' },
      disableInstanceDiscovery: false,
      allowLocalTargets: false,
      maxChangingClusters: 5,
      workers: 10,
      pollInterval: 15_000,
      stalledAfter: 900_000,
      metricsPerObject: 'auto',
      driftInterval: 600_000,
      armTimeout: 60_000,
      armBudgets: 'documented',
      leaseNamespace: undefined,
      healthAddress: '0.0.0.0:8081',
      metricsAddress: '0.0.0.0:8443',
      metricsPerCertificate: false,
      metricsPlainHttp: false,
      ownNamespace: 'aks-ca-trust-system',
      verifyNamespace: 'aks-ca-trust-verify',
      logLevel: 'info',
      logFormat: 'json',
    });
  });

  it.each(ROWS)('has what $option says, and nothing else changes', ({ flag, value, with: more, becomes }) => {
    const before = configOf({ ...more });
    const after = configOf({ ...more, [flag]: value });
    expect(after).toEqual({ ...before, ...becomes });
    expect(after).not.toEqual(before);
  });

  it.each(ROWS.filter(({ value }) => value !== true))('takes an empty $option for none', ({ flag }) => {
    const certificate = flag === 'clientCertificateFile';
    expect(faultsOf({ ...(certificate ? { credential: 'ClientCertificate' } : {}), [flag]: '' })).toEqual(
      ['tenantId', 'clientId', 'federatedTokenFile', 'clientCertificateFile'].includes(flag)
        ? [expect.stringContaining(FLAGS[flag][0].split(' ')[0] ?? '')]
        : [],
    );
  });

  it('is served nowhere with the value none', () => {
    expect(configOf({ healthAddress: 'none' }).healthAddress).toBeUndefined();
    expect(configOf({ metricsAddress: 'none' }).metricsAddress).toBeUndefined();
  });

  it('elects no leader without --leader-elect', () => {
    expect(configOf({ leaseNamespace: 'platform' }).leaseNamespace).toBeUndefined();
  });
});

describe('the environment', () => {
  it.each<[string, Flags, string, string, Partial<ControllerConfig>]>([
    ['AZURE_AUTHORITY_HOST', {}, 'https://login.microsoftonline.com/', 'authorityHost', { cloud: CLOUDS.AzurePublic }],
    ['POD_NAMESPACE', { leaderElect: true }, 'platform', 'leaseNamespace', { leaseNamespace: 'platform' }],
    [
      'AZURE_CLIENT_CERTIFICATE_PATH',
      { credential: 'ClientCertificate' },
      '/cert.pem',
      'clientCertificateFile',
      { credential: { kind: 'ClientCertificate', tenantId: 't', clientId: 'c', certificateFile: '/cert.pem' } },
    ],
    [
      'AZURE_TENANT_ID',
      {},
      'other',
      'tenantId',
      { credential: { kind: 'WorkloadIdentity', tenantId: 'other', clientId: 'c', tokenFile: '/token' } },
    ],
    [
      'AZURE_CLIENT_ID',
      {},
      'other',
      'clientId',
      { credential: { kind: 'WorkloadIdentity', tenantId: 't', clientId: 'other', tokenFile: '/token' } },
    ],
    [
      'AZURE_FEDERATED_TOKEN_FILE',
      {},
      '/other',
      'federatedTokenFile',
      { credential: { kind: 'WorkloadIdentity', tenantId: 't', clientId: 'c', tokenFile: '/other' } },
    ],
  ])('%s stands in for a flag, and the flag goes before it', (variable, flags, value, flag, becomes) => {
    expect(configOf(flags, { ...WORKLOAD, [variable]: value })).toMatchObject(becomes);
    const typed = { ...flags, [flag]: value };
    expect(configOf(typed, { ...WORKLOAD, [variable]: 'https://ignored.example' })).toMatchObject(becomes);
  });

  it('holds the secret, which is no flag', () => {
    const config = configOf({ credential: 'ClientSecret' }, { ...WORKLOAD, AZURE_CLIENT_SECRET: HUSH });
    expect(config.credential).toEqual({ kind: 'ClientSecret', tenantId: 't', clientId: 'c', clientSecret: HUSH });
    expect(Object.keys(FLAGS).filter((flag) => /secret/i.test(flag))).toEqual([]);
  });

  it.each([
    ['ManagedIdentity', { kind: 'ManagedIdentity' }],
    ['AzureCLI', { kind: 'AzureCLI' }],
  ])('may be empty for %s', (kind, credential) => {
    expect(configOf({ credential: kind }, {}).credential).toEqual(credential);
  });
});

describe('a wrong flag is refused by name, with what it can be:', () => {
  it.each<[FlagName, string, string]>([
    ['cloud', 'azurechina', '--cloud is "azurechina"; it can be AzurePublic, AzureUSGovernment, AzureChina'],
    ['armEndpoint', 'http://arm.example', '--arm-endpoint is "http://arm.example"; it must be an https address'],
    ['armEndpoint', 'arm.example', 'https address'],
    ['armEndpoint', 'https://', 'https address'],
    [
      'armEndpoint',
      'https://arm.example/path',
      '--arm-endpoint is "https://arm.example/path"; it must be an address without path',
    ],
    ['armEndpoint', 'https://arm.example?x=1', 'without query'],
    ['authorityHost', 'file:///etc/passwd', '--authority-host is "file:///etc/passwd"; it must be an https address'],
    ['maxChangingClusters', '-1', '--max-changing-clusters is "-1"; it is a number from 0 to 100000'],
    ['maxChangingClusters', '1.5', 'a number from 0 to 100000'],
    ['armApiVersion', 'latest', `--arm-api-version is "latest"; it looks like ${ARM_API_VERSION}`],
    ['armApiVersion', '2026-06-01&x=1', 'it looks like'],
    [
      'credential',
      'Secret',
      '--credential is "Secret"; it can be WorkloadIdentity, ClientSecret, ClientCertificate, ManagedIdentity, AzureCLI',
    ],
    ['tenantId', 'a b', '--tenant-id is "a b"; it is an id or a domain name'],
    ['workers', '0', '--workers is "0"; it is a number from 1 to 1000'],
    ['workers', '1.5', '--workers is "1.5"'],
    ['workers', 'many', '--workers is "many"'],
    ['workers', '1001', '--workers is "1001"'],
    ['pollInterval', '15', '--poll-interval is "15"; a duration looks like 500ms, 15s, 10m or 1h, and is at most 24h'],
    ['pollInterval', '0s', '--poll-interval is "0s"'],
    ['driftInterval', '-1m', '--drift-interval is "-1m"'],
    ['driftInterval', '25h', '--drift-interval is "25h"'],
    ['armTimeout', '1d', '--arm-timeout is "1d"'],
    ['armTimeout', '1h30m', '--arm-timeout is "1h30m"'],
    ['shard', '6/5', '--shard is "6/5"; it looks like 2/5: the second of five, of at most 100'],
    ['shard', '0/5', '--shard is "0/5"'],
    ['shard', '1/101', '--shard is "1/101"'],
    ['shard', 'first', '--shard is "first"'],
    ['healthAddress', 'localhost', '--health-address is "localhost"; it looks like 0.0.0.0:8081 or :8081, or is none'],
    ['healthAddress', ':99999', '--health-address is ":99999"'],
    ['metricsAddress', '8443', '--metrics-address is "8443"; it looks like'],
    ['logLevel', 'INFO', '--log-level is "INFO"; it can be debug, info, warn, error'],
    ['logFormat', 'xml', '--log-format is "xml"; it can be json, pretty'],
  ])('--%s %s', (flag, value, words) => {
    expect(faultsOf({ [flag]: value })).toEqual([expect.stringContaining(words)]);
  });

  it('a leader without a namespace', () => {
    expect(faultsOf({ leaderElect: true })).toEqual([
      '--leader-elect needs a namespace: --lease-namespace or POD_NAMESPACE',
    ]);
  });

  it('a certificate for metrics over plain HTTP', () => {
    expect(faultsOf({ metricsPlainHttp: true, metricsCertDir: '/tls' })).toEqual([
      '--metrics-plain-http has no use for the certificate of --metrics-cert-dir: leave one of them out',
    ]);
  });

  it('a shard without a leader', () => {
    expect(faultsOf({ shard: '1/3' })).toEqual([
      '--shard needs --leader-elect: two processes of one share must not work at a time',
    ]);
  });

  it.each<[string, readonly string[]]>([
    ['WorkloadIdentity', ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_FEDERATED_TOKEN_FILE']],
    ['ClientSecret', ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET']],
    ['ClientCertificate', ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_CERTIFICATE_PATH']],
  ])('a credential %s without anything, naming each thing it needs', (credential, variables) => {
    for (const env of [{}, Object.fromEntries(variables.map((name) => [name, '']))]) {
      const faults = faultsOf({ credential }, env);
      expect(faults).toHaveLength(variables.length);
      variables.forEach((name, index) => {
        expect(faults[index]).toContain(`credential ${credential} needs`);
        expect(faults[index]).toContain(name);
      });
    }
  });
});

describe('faults', () => {
  it('are found all at once', () => {
    const wrong: Flags = {
      cloud: 'x',
      armEndpoint: 'x',
      authorityHost: 'x',
      armApiVersion: 'x',
      credential: 'x',
      workers: 'x',
      pollInterval: 'x',
      driftInterval: 'x',
      armTimeout: 'x',
      leaderElect: true,
      shard: 'x',
      healthAddress: 'x',
      metricsAddress: 'x',
      logLevel: 'x',
      logFormat: 'x',
    };
    const faults = faultsOf(wrong, {});
    expect(faults).toHaveLength(Object.keys(wrong).length);
    for (const flag of Object.keys(wrong) as FlagName[])
      expect(faults.filter((fault) => fault.startsWith(FLAGS[flag][0].split(' ')[0] ?? ''))).toHaveLength(1);
  });

  it('never quote a secret', () => {
    const env = { AZURE_CLIENT_SECRET: HUSH };
    for (const credential of ['ClientSecret', 'WorkloadIdentity', 'Unknown'])
      expect(faultsOf({ credential, workers: 'x' }, env).join()).not.toContain(HUSH);
    for (const address of [`https://me:${HUSH}@arm.example`, `http://${HUSH}@arm.example`, `me:${HUSH}@arm.example`]) {
      const [fault, ...others] = faultsOf({ armEndpoint: address });
      expect(fault).toBe('--arm-endpoint holds a user name or password; an address has neither');
      expect(others).toEqual([]);
    }
  });
});
