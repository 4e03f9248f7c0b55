import { describe, expect, it } from '@jest/globals';
import type { CertsFlags } from '../../../src/commands/certs/flags.ts';
import { readCertsFlags } from '../../../src/commands/certs/request.ts';

const ID =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/prod';
const DAY_MS = 24 * 3_600_000;

describe('the cluster whose certificates are shown', () => {
  it.each<[string, string | undefined, CertsFlags, object]>([
    ['over ARM, by its resource id', ID, {}, { kind: 'Cluster', id: { name: 'prod' } }],
    ['over its kubeconfig alone', undefined, { file: 'prod.kc' }, { kind: 'File', file: { path: 'prod.kc' } }],
    [
      'over another context of it',
      undefined,
      { file: 'prod.kc', fileContext: 'admin' },
      { kind: 'File', file: { path: 'prod.kc', context: 'admin' } },
    ],
    ['over both', ID, { file: 'prod.kc' }, { kind: 'Cluster', file: { path: 'prod.kc' } }],
    ['as the controller has read it', 'prod', {}, { kind: 'Object', name: 'prod', namespace: undefined }],
    ['as it has read it for another namespace', 'prod', { namespace: 'web' }, { kind: 'Object', namespace: 'web' }],
    [
      'by the name that kubectl prints',
      'certificaterotation.aks-ca-trust.dev/prod',
      {},
      { kind: 'Object', name: 'prod' },
    ],
    ['by the short name of the kind', 'crot/prod', {}, { kind: 'Object', name: 'prod' }],
    ['by namespace and name', 'web/prod', {}, { kind: 'Object', name: 'prod', namespace: 'web' }],
  ])('is read %s', (_, argument, flags, target) => {
    expect(readCertsFlags(argument, flags, {})).toMatchObject({ ok: true, request: { target } });
  });

  it.each<[string, string | undefined, CertsFlags, RegExp]>([
    ['nothing', undefined, {}, /^there is nothing to read: /],
    ['an id that is none', '/subscriptions/a', {}, /is not the resource id of a cluster/],
    ['a name that is none', 'a/../b', {}, /is not the name of an object/],
    ['a name with a kubeconfig', 'prod', { file: 'prod.kc' }, /leave one of them out/],
    ['a search by a name', 'prod', { scan: true }, /^--scan reads the cluster itself/],
    ['a namespace with an id', ID, { namespace: 'web' }, /^--namespace is for the name/],
    ['a context without its file', ID, { fileContext: 'a' }, /^--file-context needs -f$/],
    ['a timeout without a search', ID, { timeout: '5m' }, /^--timeout needs --scan$/],
    ['an empty file', undefined, { file: '' }, /^--file is empty$/],
    ['an empty tenant', ID, { tenantId: '' }, /^--tenant-id is empty$/],
    ['a warning without a unit', ID, { expiryWarning: '30' }, /^--expiry-warning is "30"/],
    ['a warning of a thousand years', ID, { expiryWarning: '99999d' }, /is at most 3650d$/],
    ['an unknown cloud', ID, { cloud: 'Moon' }, /^--cloud is "Moon"/],
  ])('is refused: %s', (_, argument, flags, fault) => {
    const reading = readCertsFlags(argument, flags, {});
    expect(reading.ok ? [] : reading.faults).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });

  it('has presets for all that was not said', () => {
    expect(readCertsFlags(ID, {}, {})).toMatchObject({
      request: {
        scan: false,
        scansManagement: false,
        expiryWarning: undefined,
        output: 'text',
        target: { azure: { cloud: { endpoint: 'https://management.azure.com' } } },
      },
    });
  });

  it.each([
    ['60d', 60 * DAY_MS],
    ['12h', DAY_MS / 2],
    ['0d', 0],
  ])('counts a certificate as expiring from %s on', (expiryWarning, ms) => {
    expect(readCertsFlags(ID, { expiryWarning }, {})).toMatchObject({ request: { expiryWarning: ms } });
  });

  it('is searched in the management cluster only where that is named: the current context may be any cluster', () => {
    const scans = (flags: CertsFlags) => readCertsFlags(ID, { scan: true, ...flags }, {});
    expect(scans({})).toMatchObject({ request: { scan: true, scansManagement: false } });
    expect(scans({ context: 'mgmt' })).toMatchObject({ request: { scansManagement: true } });
    expect(scans({ kubeconfig: 'mgmt.kc' })).toMatchObject({ request: { scansManagement: true } });
  });
});

describe('the sign-in to Azure', () => {
  const NAMED = { AZURE_TENANT_ID: '11111111-1111-1111-1111-111111111111', AZURE_CLIENT_ID: 'c' };
  it.each<[string, CertsFlags, Record<string, string>, object]>([
    ['the account of the Azure CLI without any setting', {}, {}, { kind: 'AzureCLI' }],
    [
      'the Azure CLI where only a tenant is named',
      {},
      { AZURE_TENANT_ID: NAMED.AZURE_TENANT_ID },
      { kind: 'AzureCLI' },
    ],
    ['a secret in the environment', {}, { ...NAMED, AZURE_CLIENT_SECRET: 's' }, { kind: 'ClientSecret' }],
    [
      'a certificate in the environment',
      {},
      { ...NAMED, AZURE_CLIENT_CERTIFICATE_PATH: '/c' },
      { kind: 'ClientCertificate' },
    ],
    ["a pod's own token", {}, { ...NAMED, AZURE_FEDERATED_TOKEN_FILE: '/t' }, { kind: 'WorkloadIdentity' }],
    [
      'the kind of the flag',
      { credential: 'ManagedIdentity' },
      { ...NAMED, AZURE_CLIENT_SECRET: 's' },
      { kind: 'ManagedIdentity' },
    ],
  ])('is by %s', (_, flags, env, credential) => {
    expect(readCertsFlags(ID, flags, env)).toMatchObject({ request: { target: { azure: { credential } } } });
  });

  it('needs no setting where ARM is not asked', () => {
    const env = { AZURE_AUTHORITY_HOST: 'not an address' };
    expect(readCertsFlags(undefined, { file: 'prod.kc' }, env).ok).toBe(true);
    expect(readCertsFlags(ID, { file: 'prod.kc' }, env).ok).toBe(false);
  });
});

describe('the Prometheus with the metrics of kubelets', () => {
  const url = 'https://metrics-a1b2.westeurope.prometheus.monitor.azure.com';

  it('is asked with the sign-in for ARM where it is an Azure Monitor workspace, and with none elsewhere', () => {
    expect(readCertsFlags(ID, { prometheusUrl: url }, {})).toMatchObject({
      request: { prometheus: { source: { auth: 'azure' }, azure: { credential: { kind: 'AzureCLI' } } } },
    });
    const other = readCertsFlags(ID, { prometheusUrl: 'https://prometheus.example' }, {});
    expect(other.ok && other.request.prometheus).toMatchObject({ source: { auth: 'none' } });
    expect(other.ok && other.request.prometheus?.azure).toBeUndefined();
    const without = readCertsFlags(ID, {}, {});
    expect(without.ok && without.request.prometheus).toBeUndefined();
  });

  it('is refused where its flag is empty', () => {
    expect(readCertsFlags(ID, { prometheusUrl: '' }, {})).toMatchObject({ faults: ['--prometheus-url is empty'] });
  });
});
