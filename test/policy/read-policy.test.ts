import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { OPEN_POLICY, sameGrants, type Grants } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';

const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-000000000001';
const idOf = (group: string, name: string) =>
  `${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`;

function policyOf(text: string) {
  const reading = readPolicy(text);
  if (!reading.ok) throw new Error(reading.message);
  return reading.policy;
}

function refusal(text: string): string {
  const reading = readPolicy(text);
  return reading.ok ? 'accepted' : reading.message;
}

const TEAM_A = `rules:
  - namespaces: [team-a, team-a-*]
    clusters: ["${idOf('team-a', '*')}"]
`;

describe('rules', () => {
  test('allow a namespace the clusters that they name', () => {
    const policy = policyOf(TEAM_A);
    expect(policy.grants('team-a', idOf('team-a', 'prod')).target).toBe(true);
    expect(policy.grants('team-a-web', idOf('TEAM-A', 'Prod')).target).toBe(true);
    expect(policy.grants('team-b', idOf('team-a', 'prod')).target).toBe(false);
    expect(policy.grants('team-a', idOf('team-b', 'prod')).target).toBe(false);
  });

  test('allow nothing that they do not say', () => {
    expect(policyOf(TEAM_A).grants('team-a', idOf('team-a', 'prod'))).toEqual({
      target: true,
      nodeAccess: [],
      verify: [],
      verifyOverOperatorWays: false,
      adopt: false,
      rotate: false,
      writeKubeconfigs: false,
      findConsumers: false,
    });
  });

  test('add up for one namespace and one cluster', () => {
    const policy = policyOf(`rules:
  - {namespaces: ['*'], clusters: ['${idOf('*', '*')}'], nodeAccess: [Secret]}
  - {namespaces: [team-a], clusters: ['${idOf('team-a', '*')}'], nodeAccess: [azure], verify: [pull], adopt: true, rotate: true}
  - {namespaces: [team-a], clusters: ['${idOf('team-a', 'prod')}'], writeKubeconfigs: true, findConsumers: true}
`);
    expect(policy.grants('team-a', idOf('team-a', 'prod'))).toEqual({
      target: true,
      nodeAccess: ['Secret', 'azure'],
      verify: ['pull'],
      verifyOverOperatorWays: true,
      adopt: true,
      rotate: true,
      writeKubeconfigs: true,
      findConsumers: true,
    });
    const { adopt, rotate, writeKubeconfigs, findConsumers } = policy.grants('team-b', idOf('team-a', 'prod'));
    expect([adopt, rotate, writeKubeconfigs, findConsumers]).toEqual([false, false, false, false]);
    expect(policy.grants('team-a', idOf('team-a', 'test')).writeKubeconfigs).toBe(false);
  });

  test('name clusters in short as well', () => {
    const policy = policyOf(`rules: [{namespaces: ['*'], clusters: ['${SUBSCRIPTION}/resourceGroups/team-a/*']}]`);
    expect(policy.grants('x', idOf('team-a', 'prod')).target).toBe(true);
    expect(policy.grants('x', idOf('team-b', 'prod')).target).toBe(false);
  });

  test('name groups of any script', () => {
    const policy = policyOf(`rules: [{namespaces: ['*'], clusters: ['${idOf('Группа-*', '*')}']}]`);
    expect(policy.grants('x', idOf('группа-1', 'prod')).target).toBe(true);
  });

  test('may be none: then nothing is allowed', () => {
    expect(policyOf('rules: []').grants('x', idOf('a', 'b')).target).toBe(false);
  });

  test('warn of a pattern that no cluster can match', () => {
    const reading = readPolicy(`rules:
  - namespaces: [a]
    clusters:
      - ${SUBSCRIPTION}/*
`);
    expect(reading).toMatchObject({
      ok: true,
      warnings: [expect.stringMatching(/^Line 4: rules\[0\]\.clusters\[0\]: .*matches no cluster, because/)],
    });
    expect(readPolicy(TEAM_A)).toMatchObject({ warnings: [] });
  });
});

test('the first entry of nodeAccess that matches a cluster names its kubeconfig Secret', () => {
  const policy = policyOf(`rules: []
nodeAccess:
  - {clusters: ['${idOf('team-a', '*')}'], kubeconfigSecretRef: {name: team-a, key: kubeconfig}}
  - {clusters: ['${idOf('*', '*')}'], kubeconfigSecretRef: {name: all}}
`);
  expect(policy.kubeconfigSecretFor(idOf('team-a', 'x'))).toEqual({ name: 'team-a', key: 'kubeconfig' });
  expect(policy.kubeconfigSecretFor(idOf('team-b', 'x'))).toEqual({ name: 'all', key: 'value' });
  expect(policyOf('rules: []').kubeconfigSecretFor(idOf('team-b', 'x'))).toBeUndefined();
});

test('without a file every namespace may name every cluster, and take out nothing that it did not bring', () => {
  expect(OPEN_POLICY.grants('any', idOf('any', 'prod'))).toEqual({
    target: true,
    nodeAccess: ['Secret', 'azure', 'inCluster'],
    verify: ['pull', 'trustStore'],
    verifyOverOperatorWays: false,
    adopt: false,
    rotate: false,
    writeKubeconfigs: false,
    findConsumers: false,
  });
  expect(OPEN_POLICY.kubeconfigSecretFor(idOf('any', 'prod'))).toBeUndefined();
});

test('two answers are the same only where every member is', () => {
  const one: Grants = {
    target: true,
    nodeAccess: ['Secret'],
    verify: ['pull'],
    verifyOverOperatorWays: true,
    adopt: true,
    rotate: true,
    writeKubeconfigs: true,
    findConsumers: true,
  };
  const others: Grants = {
    target: false,
    nodeAccess: ['Secret', 'azure'],
    verify: ['trustStore'],
    verifyOverOperatorWays: false,
    adopt: false,
    rotate: false,
    writeKubeconfigs: false,
    findConsumers: false,
  };
  expect(sameGrants(one, { ...one })).toBe(true);
  for (const name of Object.keys(one) as (keyof Grants)[])
    expect([name, sameGrants(one, { ...one, [name]: others[name] })]).toEqual([name, false]);
});

describe('a file that is wrong is refused with its line and what is wrong', () => {
  test.each([
    ['an empty file', '', /empty|exactly one/],
    ['nothing but a comment', '# rules\n', /empty|exactly one/],
    ['two documents', 'rules: []\n---\nrules: []\n', /exactly one YAML document/],
    ['no YAML', 'rules: [\n', /^Line \d+: The file is not valid YAML/],
    ['a member twice', 'rules: []\nrules: []\n', /^Line 2: The file is not valid YAML: Map keys must be unique/],
    ['a list', '- rules\n', /^Line 1: This must be a mapping/],
    ['no rules', 'nodeAccess: []\n', /^Line 1: The member "rules" is missing/],
    ['rules without a value', 'rules:\n', /^Line 1: rules: This must be a list/],
    [
      'a member of a later version',
      'rules:\n  - namespaces: [a]\n    clusters: [b]\n    keyVaults: []\n',
      /^Line 4: rules\[0\]\.keyVaults: This version does not know the member "keyVaults"\. Known are: namespaces/,
    ],
    ['a misspelt member', 'rule: []\n', /^Line 1: rule: This version does not know the member "rule"/],
    [
      'a rule without namespaces',
      'rules:\n  - clusters: [b]\n',
      /^Line 2: rules\[0\]: The member "namespaces" is missing/,
    ],
    [
      'a rule without clusters',
      'rules:\n  - namespaces: [b]\n',
      /^Line 2: rules\[0\]: The member "clusters" is missing/,
    ],
    [
      'a namespace that is a number',
      'rules:\n  - namespaces: [1]\n    clusters: []\n',
      /^Line 2: rules\[0\]\.namespaces\[0\]: This must be a text/,
    ],
    [
      'an unknown kind of node access',
      'rules:\n  - namespaces: [a]\n    clusters: []\n    nodeAccess: [secret]\n',
      /^Line 4: rules\[0\]\.nodeAccess\[0\]: This can be Secret, azure, inCluster/,
    ],
    [
      'an unknown kind of verification',
      'rules:\n  - namespaces: [a]\n    clusters: []\n    verify: [all]\n',
      /^Line 4: .*This can be pull, trustStore/,
    ],
    [
      'adopt: yes',
      'rules:\n  - namespaces: [a]\n    clusters: []\n    adopt: yes\n',
      /^Line 4: rules\[0\]\.adopt: This must be true or false/,
    ],
    [
      'an alias',
      'rules:\n  - namespaces: &a [a]\n    clusters: *a\n',
      /^Line 3: rules\[0\]\.clusters: This must be a list/,
    ],
    [
      'a Secret of another namespace',
      'rules: []\nnodeAccess:\n  - clusters: []\n    kubeconfigSecretRef: {name: a, namespace: b}\n',
      /^Line 4: nodeAccess\[0\]\.kubeconfigSecretRef\.namespace: This version does not know/,
    ],
    [
      'a path for a name of a Secret',
      'rules: []\nnodeAccess:\n  - clusters: []\n    kubeconfigSecretRef: {name: ../x}\n',
      /^Line 4: .*This must be the name of a Secret/,
    ],
    ['a member whose name is a list', '? [rules]\n: []\nrules: []\n', /^Line 1: .*does not know the member ""/],
    ['a character too many', `rules: []\n#${'x'.repeat(262_144 - 10)}`, /longer than 262144 characters/],
  ])('%s', (_, text, message) => {
    expect(refusal(text)).toMatch(message);
  });
});

describe('prometheus', () => {
  const entry = (members: string) => `rules: []\nprometheus: [{ clusters: ['${idOf('*', '*')}'], ${members} }]`;
  const AZURE = 'https://a-1.westeurope.prometheus.monitor.azure.com';

  test('the first entry that matches a cluster counts, and no other cluster has one', () => {
    const policy = policyOf(`rules: []
prometheus:
  - { clusters: ['${idOf('prod', '*')}'], url: '${AZURE}', auth: azure, matchers: 'cluster="{cluster}"' }
  - { clusters: ['${idOf('p*', '*')}'], url: https://prometheus.example.com/prod }
`);
    expect(policy.prometheusFor(idOf('Prod', 'a'))).toEqual({
      url: AZURE,
      auth: 'azure',
      matchers: 'cluster="{cluster}"',
    });
    expect(policy.prometheusFor(idOf('pre', 'a'))).toMatchObject({ auth: 'none', matchers: '' });
    expect(policy.prometheusFor(idOf('test', 'a'))).toBeUndefined();
  });

  test('the example of the page is accepted, and names a Prometheus for a cluster of each group', () => {
    const page = readFileSync(new URL('../../docs/how-to/kubelet-metrics.md', import.meta.url), 'utf8');
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const policy = policyOf(example);
    expect(policy.prometheusFor(idOf('prod', 'a'))).toMatchObject({ auth: 'azure', matchers: 'cluster="{cluster}"' });
    expect(policy.prometheusFor(idOf('test', 'a'))).toMatchObject({ auth: 'none' });
  });

  test.each([
    'url: http://localhost:9090',
    'url: "http://[::1]:9090"',
    'url: http://prometheus-operated.monitoring.svc:9090',
    'url: http://prometheus-operated.monitoring.svc.cluster.local:9090/path',
    'url: http://127.0.0.1:9090, auth: bearerToken, bearerTokenFile: /token',
    `url: '${AZURE}', auth: azure`,
    `url: https://x.example, matchers: 'a="b", c=~"d|\\\\d+", e!="f\\"g",'`,
  ])('%s is accepted', (members) => {
    expect(refusal(entry(members))).toBe('accepted');
  });

  test.each([
    ['url: http://prometheus.example.com', 'must begin with https://'],
    ['url: http://10.0.0.1:9090', 'must begin with https://'],
    ['url: http://prometheus.svc.example.com', 'must begin with https://'],
    ['url: http://p.monitoring.svc, auth: bearerToken, bearerTokenFile: /token', 'a token is not sent in the clear'],
    ['url: file:///etc/passwd', 'must be a URL that begins with https://'],
    ['url: prometheus', 'must be a URL'],
    ['url: "https://user:secret@x.example"', 'must have no user name and no password'],
    ['url: "https://x.example/?a=b"', 'must end with its path'],
    ['url: https://x.example, auth: azure', 'query endpoint of an Azure Monitor workspace'],
    [
      'url: https://prometheus.monitor.azure.com.example.com, auth: azure',
      'query endpoint of an Azure Monitor workspace',
    ],
    ['url: https://evilprometheus.monitor.azure.com, auth: azure', 'query endpoint of an Azure Monitor workspace'],
    ['url: http://a.prometheus.monitor.azure.com, auth: azure', 'query endpoint of an Azure Monitor workspace'],
    ['url: https://x.example, auth: basic', 'This can be none, azure, bearerToken'],
    ['url: https://x.example, auth: bearerToken', 'bearerTokenFile'],
    ['url: https://x.example, bearerTokenFile: /token', 'bearerTokenFile'],
    ['url: https://x.example, auth: bearerToken, bearerTokenFile: token', 'must be the absolute path of a file'],
    [`url: https://x.example, matchers: 'a="b"} or up{c="d"'`, 'must be label matchers'],
    [`url: https://x.example, matchers: 'a="b'`, 'must be label matchers'],
    [`url: https://x.example, matchers: 'cluster'`, 'must be label matchers'],
    [`url: https://x.example, matchers: 'a="b", __name__="up"'`, 'must not name a metric'],
    ['url: https://x.example, token: secret', 'does not know the member "token"'],
    ['auth: none', 'The member "url" is missing'],
  ])('%s is refused', (members, words) => {
    expect(refusal(entry(members))).toContain(words);
    expect(refusal(entry(members))).toMatch(/^Line 2: prometheus\[0\]/);
  });
});
