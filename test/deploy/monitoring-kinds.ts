import type { Manifest } from './kustomize.ts';

const string = { type: 'string' };
const object = (properties: object) => ({ type: 'object', properties });
const list = (items: object) => ({ type: 'array', items });
const texts = { type: 'object', additionalProperties: string };
const key = object({ name: string, key: string });
const selector = object({ matchLabels: texts });
const endpoint = object({
  port: string,
  honorLabels: { type: 'boolean' },
  interval: string,
  scheme: string,
  authorization: object({ type: string, credentials: key }),
  tlsConfig: object({
    insecureSkipVerify: { type: 'boolean' },
    serverName: string,
    ca: object({ configMap: key, secret: key }),
  }),
});
const rule = object({
  alert: string,
  record: string,
  expr: { 'x-kubernetes-int-or-string': true },
  for: string,
  keep_firing_for: string,
  labels: texts,
  annotations: texts,
});

/**
 * Kinds of the Prometheus Operator, with no other members than those that we use, as its definitions have them
 * (prometheus-operator.dev/docs/api-reference/api): the API server refuses a misspelt one.
 */
export const MONITORING: readonly Manifest[] = [
  definition('ServiceMonitor', object({ selector, endpoints: list(endpoint) })),
  definition('PodMonitor', object({ selector, podMetricsEndpoints: list(endpoint) })),
  definition('PrometheusRule', object({ groups: list(object({ name: string, interval: string, rules: list(rule) })) })),
];

function definition(kind: string, spec: object): Manifest {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.monitoring.coreos.com` },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: object({ spec }) } }],
    },
  } as Manifest;
}
