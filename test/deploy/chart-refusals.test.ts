import { describe, expect, it } from '@jest/globals';
import { toolPath } from '../go-tools/find.ts';
import { template } from './chart.ts';

const RULE = { namespaces: ['a'], clusters: ['/subscriptions/*/resourceGroups/*/*'] };

(toolPath('helm') === undefined ? describe.skip : describe)('the chart', () => {
  it.each<[string, object, RegExp]>([
    ['a value that it does not have', { replicaCount: 2 }, /additional properties 'replicaCount' not allowed/],
    [
      'a flag that it does not have',
      { config: { loglevel: 'debug' } },
      /'\/config': additional properties 'loglevel' not allowed/,
    ],
    [
      'a flag that another value sets',
      { config: { shard: '1/3' } },
      /'\/config': additional properties 'shard' not allowed/,
    ],
    [
      'a cloud that there is not',
      { config: { cloud: 'Azure' } },
      /'\/config\/cloud': value must be one of 'AzurePublic'/,
    ],
    ...[{ shards: null }, { replicas: null }, { metrics: null }].map((values): [string, object, RegExp] => [
      `nothing for ${Object.keys(values)[0]}`,
      values,
      new RegExp(`missing property '${Object.keys(values)[0]}'`),
    ]),
    [
      'a service account without a name',
      { serviceAccount: { name: null } },
      /'\/serviceAccount': missing property 'name'/,
    ],
    ...[
      { podAnnotations: { 'kubectl.kubernetes.io/default-container': 'a' } },
      { extraEnv: [{ name: 'POD_NAMESPACE', value: 'a' }] },
      { alerts: { labels: { 'app.kubernetes.io/part-of': 'a' } } },
      { dashboard: { labels: { 'helm.sh/chart': 'a' } } },
      ...['serviceMonitor', 'podMonitor'].map((monitor) => ({
        metrics: { [monitor]: { labels: { 'app.kubernetes.io/version': 'a' } } },
      })),
    ].map((values): [string, object, RegExp] => [
      `what the chart sets itself: ${JSON.stringify(values)}`,
      values,
      /'not' failed/,
    ]),
    ['a number as a text', { replicas: '2' }, /'\/replicas': got string, want integer/],
    ['a tag as a digest', { image: { digest: 'v1' } }, /'\/image\/digest': 'v1' does not match pattern/],
    ['a client id that is none', { workloadIdentity: { clientId: 'mine' } }, /'\/workloadIdentity\/clientId'/],
    [
      'a misspelt rule of the policy',
      { policy: { rules: [{ namespace: 'a' }] } },
      /'\/policy\/rules\/0'.*'namespace' not allowed/s,
    ],
    [
      'two CA bundles',
      { caBundle: { configMap: 'a', secret: 'b' } },
      /caBundle has a configMap and a secret.*remove the other/,
    ],
    ['a policy that is not in force', { policy: { rules: [RULE] } }, /policy has rules.*set policy\.enabled to true/],
    [
      'a ConfigMap of a policy that is not in force',
      { policy: { existingConfigMap: 'mine' } },
      /policy has.*existingConfigMap, and is not enabled.*set policy\.enabled to true/,
    ],
    [
      'rules beside the ConfigMap that has the policy',
      { policy: { enabled: true, existingConfigMap: 'mine', rules: [RULE] } },
      /policy has an existingConfigMap.*would not be used.*remove existingConfigMap/,
    ],
    ...[
      { metrics: { enabled: false, serviceMonitor: { enabled: true } } },
      { metrics: { enabled: false, podMonitor: { enabled: true } } },
      { metrics: { enabled: false, service: { enabled: true } } },
      { metrics: { enabled: false }, alerts: { enabled: true } },
    ].map((values): [string, object, RegExp] => [
      `what needs metrics that are not served: ${JSON.stringify(values)}`,
      values,
      /metrics\.enabled is false.*set metrics\.enabled to true/,
    ]),
    [
      'an identity that is set twice',
      { workloadIdentity: { clientId: '11111111-1111-1111-1111-111111111111' }, config: { clientId: 'other' } },
      /workloadIdentity\.clientId and config\.clientId are the same setting/,
    ],
    ['no worker', { config: { workers: 0 } }, /'\/config\/workers': minimum: got 0, want 1/],
    ['no time', { config: { stalledAfter: '0s' } }, /'\/config\/stalledAfter': '0s' does not match pattern/],
    ['too much time', { config: { driftInterval: '99h' } }, /'\/config\/driftInterval': '99h' does not match pattern/],
    [
      'a monitor without a token',
      { metrics: { serviceMonitor: { enabled: true } } },
      /metrics\.serviceMonitor has no token to send.*set metrics\.scraperToken to true/,
    ],
  ])('refuses, and says so: %s', (_what, values, message) => {
    const { ok, errors } = template(values);
    expect(ok).toBe(false);
    expect(errors).toMatch(message);
  });
});
