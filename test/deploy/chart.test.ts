import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { CLOUDS } from '../../src/azure/clouds.ts';
import { readConfig } from '../../src/commands/controller/config.ts';
import { FLAGS, type FlagName } from '../../src/commands/controller/flags.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { leaseNameOf } from '../../src/runtime/shard.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { toolPath } from '../go-tools/find.ts';
import { CHART, helm, NAMESPACE, renderChart, template } from './chart.ts';
import { COMBINATIONS } from './chart-combinations.ts';
import { leavesOf, sample, schema, takes, valuesIn } from './chart-schema.ts';
import { flagsOf } from './flags-of.ts';
import { accountsIn, ingressOf, subjectsIn } from './limits.ts';
import {
  canRender,
  deploymentOf,
  deploymentsOf,
  render,
  renderWith,
  type Deployment,
  type Manifest,
} from './kustomize.ts';
import { MONITORING } from './monitoring-kinds.ts';
import { pathOf } from './object-path.ts';

const withHelm = toolPath('helm') === undefined ? describe.skip : describe;
const withUnitTests = toolPath('helm-unittest') === undefined ? describe.skip : describe;

/** The environment of the pod: the workload identity webhook's part, and the namespace. */
const POD = {
  AZURE_CLIENT_ID: 'client',
  AZURE_TENANT_ID: 'tenant',
  AZURE_CLIENT_SECRET: 'secret',
  AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
  POD_NAMESPACE: NAMESPACE,
};

const PEERS = [{ podSelector: {} }];
const CLIENT_ID = '11111111-1111-1111-1111-111111111111';

function argsOf({ spec }: Deployment): readonly string[] {
  return spec.template.spec.containers[0]?.args.slice(1) ?? [];
}

withUnitTests('the unit tests of the chart', () => {
  it('pass', () => {
    execFileSync(toolPath('helm-unittest') ?? '', ['--strict', CHART], { encoding: 'utf8' });
  });
});

withHelm('the chart', () => {
  it('has no finding of helm lint', () => {
    const { ok, output } = helm(['lint', '--strict', CHART]);
    expect(output).toContain('0 chart(s) failed');
    expect(ok).toBe(true);
  });

  it('needs a Kubernetes that has the admission policies', () => {
    const older = helm(['template', 'aks-ca-trust', CHART, '--kube-version', '1.29.9']);
    expect(older.errors).toContain('kubeVersion: >=1.30.0-0 which is incompatible with Kubernetes v1.29.9');
  });

  (canRender() ? it : it.skip).each(
    Object.entries(COMBINATIONS).flatMap(([name, { values, components }]) =>
      components === undefined ? [] : [[name, values, components] as const],
    ),
  )(
    'renders the same as the plain manifests, besides the namespace and labels of Helm: %s',
    (_name, values, components) => {
      const plain = renderWith(...components.map((component) => `components/${component}`));
      const own = [...render('crds'), ...plain].filter(({ kind }) => kind !== 'Namespace');
      expect(byName(renderChart(values))).toEqual(byName(own));
    },
  );

  it('gives each flag of config to the controller, and every other flag has a value of its own', () => {
    const settings = schema.properties?.['config']?.properties ?? {};
    const values = Object.fromEntries(Object.entries(settings).map(([name, one]) => [name, sample(name, one)]));
    const flags = flagsOf(argsOf(deploymentOf(renderChart({ config: values }))));
    expect(flags).toMatchObject(
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === true || `${value}`])),
    );
    expect(readConfig(flags, POD)).toMatchObject({ ok: true });
    const others = (Object.keys(FLAGS) as FlagName[]).filter((name) => !(name in settings));
    expect(others).toEqual([
      ...['kubeconfig', 'caFile', 'policyFile', 'allowLocalTargets', 'leaderElect', 'leaseNamespace', 'shard'],
      ...['healthAddress', 'metricsAddress', 'metricsCertDir', 'metricsPlainHttp'],
      'inClusterResourceId',
    ]);
  });

  it('knows only choices that the controller knows', () => {
    const settings = Object.entries(schema.properties?.['config']?.properties ?? {});
    const choices = settings.flatMap(([name, { enum: all = [] }]) => all.map((choice) => [name, choice] as const));
    expect(choices.length).toBeGreaterThan(10);
    for (const [name, choice] of choices) {
      const flags = { clientCertificateFile: '/etc/azure/client.pem', [name]: choice };
      expect([name, choice, readConfig(flags, POD)]).toMatchObject([name, choice, { ok: true }]);
    }
  });

  it('takes of numbers and texts exactly those that the controller takes', () => {
    const settings = schema.properties?.['config']?.properties ?? {};
    const numbers = [0, 1, 1000, 1001, 100_000, 100_001];
    const durations = ['ms', 's', 'm', 'h'].flatMap((unit) =>
      [
        '0',
        '0.0',
        '0.5',
        '1',
        '9',
        '10',
        '023',
        '23.9',
        '24',
        '24.0',
        '24.1',
        '25',
        '99',
        '999',
        '1439.9',
        '1440',
        '1441',
      ]
        .concat('86399', '86400', '86400.5', '86401', '99999', '86399999', '86400000', '86400001', '100000000', 'x')
        .map((number) => `${number}${unit}`),
    );
    const texts = ['2026-06-01', '2026-06-01-preview', '2026', 'example.com', 'a b', 'A', 'a-b', '-a', 'a'.repeat(64)];
    const tried = { integer: numbers, string: [...durations, ...texts] };
    const bounded = Object.entries(settings).filter(([, { maximum, pattern }]) => (maximum ?? pattern) !== undefined);
    const cases = bounded.flatMap(([name, one]) =>
      one.pattern?.startsWith('^https')
        ? []
        : tried[one.type as keyof typeof tried].map((value) => ({ name, value, taken: takes(one, value) })),
    );
    expect(new Set(cases.map(({ name, taken }) => `${name} ${taken}`)).size).toBe(2 * 9);
    for (const { name, value, taken } of cases)
      expect({ name, value, ok: readConfig({ [name]: String(value) }, POD).ok }).toEqual({ name, value, ok: taken });
  });

  it('gives the identity to the controller where it makes no service account', () => {
    const values = { ...COMBINATIONS['an identity with a service account that is there']?.values };
    const flags = flagsOf(argsOf(deploymentOf(renderChart(values))));
    const { AZURE_FEDERATED_TOKEN_FILE, POD_NAMESPACE } = POD;
    expect(readConfig(flags, { AZURE_FEDERATED_TOKEN_FILE, POD_NAMESPACE })).toMatchObject({
      config: {
        credential: {
          clientId: '11111111-1111-1111-1111-111111111111',
          tenantId: '22222222-2222-2222-2222-222222222222',
        },
      },
    });
  });

  it('has a right to the Lease of each shard, and to no other', () => {
    const manifests = renderChart({ shards: 12 });
    const leases = deploymentsOf(manifests).map((deployment) => {
      const reading = readConfig(flagsOf(argsOf(deployment)), POD);
      return reading.ok && leaseNameOf('aks-ca-trust', reading.config.shard);
    });
    const role = manifests.find(({ metadata }) => metadata.name === 'aks-ca-trust-leader-election');
    expect(new Set(leases).size).toBe(12);
    expect(role).toMatchObject({ rules: [{ verbs: ['create'] }, { resourceNames: leases }] });
  });

  it('is all for the namespace of the release and the account of the values', () => {
    const rights = ['a policy with node access by Secrets of the operator', 'nodes of its own cluster'];
    const values = Object.assign({}, ...rights.map((name) => COMBINATIONS[name]?.values)) as { nodeAccess: object };
    const manifests = renderChart(
      {
        ...values,
        nodeAccess: { ...values.nodeAccess, secretNamespaces: ['team'] },
        serviceAccount: { name: 'other' },
        metrics: { scraperToken: true, serviceMonitor: { enabled: true }, podMonitor: { enabled: true } },
        ...{ replicas: 2, shards: 3, alerts: { enabled: true }, dashboard: { enabled: true } },
      },
      'trust',
    );
    expect(JSON.stringify(manifests)).not.toContain(NAMESPACE);
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(
      // The ConfigMaps with the CAs of a cluster are in kube-system.
      new Set([undefined, 'trust', 'team', 'kube-system']),
    );
    expect(accountsIn(manifests)).toEqual([
      'request.userInfo.username == "system:serviceaccount:trust:other"',
      'request.userInfo.username != "system:serviceaccount:trust:other"',
      'request.userInfo.username == "system:serviceaccount:trust:other"',
    ]);
    const bound = subjectsIn(manifests);
    const other = { kind: 'ServiceAccount', name: 'other', namespace: 'trust' };
    expect(bound.length).toBeGreaterThanOrEqual(7);
    expect(bound.filter(({ name }) => name !== 'aks-ca-trust-scraper')).toEqual(bound.slice(1).map(() => other));
  });

  it.each<[string, { networkPolicy?: object; metrics?: object }, unknown]>([
    ['of probes and metrics', {}, undefined],
    ['of probes', { metrics: { enabled: false } }, undefined],
    ['of probes, and of metrics from these peers', { networkPolicy: { metricsFrom: PEERS } }, PEERS],
  ])('lets the network reach the ports of the container, and no others: %s', (_what, values, peers) => {
    const manifests = renderChart(values);
    const ports = deploymentOf(manifests).spec.template.spec.containers[0]?.ports ?? [];
    expect(ingressOf(manifests)).toEqual(
      ports.map(({ name, containerPort: port }) => ({
        ports: [{ port, protocol: 'TCP' }],
        ...(name === 'metrics' && peers ? { from: peers } : {}),
      })),
    );
  });

  it('gives the rights of a target cluster where it runs in one', () => {
    const manifests = renderChart(COMBINATIONS['nodes of its own cluster']?.values);
    const [role] = parseAllDocuments(
      readFileSync(new URL('../../deploy/target-cluster/role.yaml', import.meta.url), 'utf8'),
    );
    const { rules } = role?.toJS() as { rules: unknown };
    expect(manifests.find(({ metadata }) => metadata.name === 'aks-ca-trust-in-cluster-nodes')).toMatchObject({
      rules,
    });
    const forCertificates = parseAllDocuments(
      readFileSync(new URL('../../deploy/target-cluster/certificates-role.yaml', import.meta.url), 'utf8'),
    ).map((document) => document.toJS() as Manifest & { rules: unknown });
    expect(forCertificates.map(({ kind }) => kind)).toEqual(['ClusterRole', 'Role']);
    for (const { kind, metadata, rules } of forCertificates) {
      const given = manifests.filter((one) => one.metadata.name === 'aks-ca-trust-in-cluster-certificates');
      expect(given.find((one) => one.kind === kind)).toMatchObject({ rules });
      expect(given.find((one) => one.kind === `${kind}Binding`)).toMatchObject({ roleRef: { kind } });
      expect(given.find((one) => one.kind === kind)?.metadata.namespace).toBe(metadata.namespace);
    }
    expect(argsOf(deploymentOf(manifests))).toContainEqual(
      expect.stringMatching(/^--in-cluster-resource-id=\/subscriptions\//),
    );
  });

  it('gives alerts and the dashboard as they are in their files', () => {
    const values = { alerts: { enabled: true }, dashboard: { enabled: true } };
    const manifests = renderChart(values) as (Manifest & { spec: unknown; data: Record<string, string> })[];
    const file = (name: string) => readFileSync(join(CHART, 'files', name), 'utf8');
    expect(manifests.find(({ kind }) => kind === 'PrometheusRule')?.spec).toEqual(parse(file('alerts.yaml')));
    const dashboard = manifests.find(({ metadata }) => metadata.name === 'aks-ca-trust-dashboard');
    expect(dashboard?.data['aks-ca-trust.json']?.trim()).toBe(file('dashboard.json').trim());
  });

  it('writes a policy file that the controller reads', () => {
    const manifests = renderChart(COMBINATIONS['a policy with node access by Secrets of the operator']?.values);
    const policy = manifests.find(({ kind }) => kind === 'ConfigMap') as Manifest & { data: Record<string, string> };
    expect(readPolicy(policy.data['policy.yaml'] ?? '')).toMatchObject({ ok: true, warnings: [] });
    const secrets = manifests.find(({ metadata }) => metadata.name === 'aks-ca-trust-policy-secrets');
    expect(secrets).toMatchObject({ rules: [{ resourceNames: ['prod-nodes', 'nodes'], verbs: ['get'] }] });
  });

  it('has each of its values in a documented way to install', () => {
    const used = Object.values(COMBINATIONS).flatMap(({ values }) => leavesOf(values).map(({ path }) => path));
    const unused = valuesIn(schema).filter((path) => !used.some((one) => `${one}.`.startsWith(`${path}.`)));
    expect(unused).toEqual([]);
  });

  it('takes the values that pages show', () => {
    const shown = ['network', 'policy', 'install', 'proxy', 'node-access', 'monitor'].flatMap(valuesOn);
    expect(shown.length).toBeGreaterThanOrEqual(3);
    for (const values of shown) expect(template(values)).toMatchObject({ errors: '', ok: true });
  });

  it('names on the page about networks each host that the controller connects to', () => {
    const page = readFileSync(new URL('../../docs/how-to/network.md', import.meta.url), 'utf8');
    for (const { endpoint, authorityHost, apiServerSuffixes = [] } of Object.values(CLOUDS))
      for (const host of [new URL(endpoint).hostname, new URL(authorityHost).hostname, ...apiServerSuffixes])
        expect(page).toContain(`\`${host}\``);
  });
});

withHelm('a real API server', () => {
  let plane: ControlPlane;
  let admin: Connection;
  beforeAll(async () => {
    plane = await startControlPlane('management', () => {});
    admin = connect(plane.config);
    // The other one is in a combination.
    const namespaces = [NAMESPACE, '123'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
    for (const body of [...MONITORING, ...namespaces])
      await admin.request({ method: 'PATCH', path: pathOf(body), query: { fieldManager: 'test' }, ...APPLY, body });
  }, 180_000);
  afterAll(async () => {
    await admin.close();
    await plane.stop();
  });

  it.each(Object.entries(COMBINATIONS))(
    'admits each object, and configures the controller rightly: %s',
    async (_name, { values }) => {
      const manifests = renderChart(values);
      const rendered = JSON.stringify(manifests);
      const texts = leavesOf(values).filter(({ leaf }) => typeof leaf === 'string' && !leaf.includes('{{'));
      for (const { path, leaf } of texts)
        expect({ path, found: rendered.includes(JSON.stringify(leaf).slice(1, -1)) }).toEqual({ path, found: true });
      for (const deployment of deploymentsOf(manifests))
        expect(readConfig(flagsOf(argsOf(deployment)), POD)).toMatchObject({ config: { leaseNamespace: NAMESPACE } });
      const query = { fieldManager: 'test', fieldValidation: 'Strict', dryRun: 'All', force: 'true' };
      for (const body of manifests) await admin.request({ method: 'PATCH', path: pathOf(body), query, ...APPLY, body });
    },
  );
});

const APPLY = { contentType: 'application/apply-patch+yaml' } as const;

/** Blocks of a page whose members are all values of the chart. */
function valuesOn(page: string): object[] {
  const file = new URL(`../../docs/how-to/${page}.md`, import.meta.url);
  if (!existsSync(file)) return [];
  return [...readFileSync(file, 'utf8').matchAll(/```yaml\n(.*?)```/gs)].flatMap(([, text = '']) => {
    const block = parse(text.replace('<client-id>', CLIENT_ID)) as unknown;
    const isValues =
      typeof block === 'object' && Object.keys(block ?? {}).every((key) => key in (schema.properties ?? {}));
    return isValues ? [block as object] : [];
  });
}

/** The objects by kind and name, without the labels that only Helm's have. */
function byName(manifests: readonly Manifest[]): Record<string, unknown> {
  return Object.fromEntries(
    manifests.map((manifest) => {
      const { metadata, ...object } = manifest;
      const labels = Object.entries(metadata.labels ?? {}).filter(([name]) => !HELMS.has(name));
      return [
        `${object.kind} ${metadata.name}`,
        { ...withoutComments(object), metadata: { ...metadata, labels: Object.fromEntries(labels) } },
      ];
    }),
  );
}

/** A ConfigMap's YAML is compared by what it says. */
function withoutComments(object: object): object {
  const data = (object as { data?: Record<string, string> }).data;
  return data?.['policy.yaml'] === undefined
    ? object
    : { ...object, data: { policy: parse(data['policy.yaml']) as unknown } };
}

const HELMS = new Set([
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
  'helm.sh/chart',
]);
