/** A way to install that is documented: values of the chart, and the components of kustomize that are the same, if there are such. */
export interface Combination {
  readonly values: object;
  readonly components?: readonly string[];
}

const CLUSTERS = ['/subscriptions/*/resourceGroups/prod-*/*'];
const IDENTITY = { workloadIdentity: { clientId: '11111111-1111-1111-1111-111111111111' } };

export const COMBINATIONS: Readonly<Record<string, Combination>> = {
  'the defaults': { values: {}, components: [] },
  'an image by tag': { values: { image: { repository: 'registry.example.com/aks-ca-trust', tag: '0.1.0-rc.1' } } },
  'an image by digest, from a registry that needs a Secret': {
    values: {
      image: {
        repository: 'registry.example.com/aks-ca-trust',
        digest: `sha256:${'0'.repeat(64)}`,
        pullPolicy: 'Always',
        pullSecrets: [{ name: 'registry' }],
      },
    },
  },
  'an identity of another tenant, in another cloud': {
    values: {
      workloadIdentity: { ...IDENTITY.workloadIdentity, tenantId: '22222222-2222-2222-2222-222222222222' },
      config: { cloud: 'AzureUSGovernment' },
    },
  },
  'a client secret from the environment': {
    values: {
      config: { credential: 'ClientSecret', tenantId: 'tenant', clientId: 'client' },
      extraEnv: [{ name: 'AZURE_CLIENT_SECRET', valueFrom: { secretKeyRef: { name: 'azure', key: 'secret' } } }],
    },
  },
  'a client certificate from a volume': {
    values: {
      config: {
        credential: 'ClientCertificate',
        tenantId: 'tenant',
        clientId: 'client',
        clientCertificateFile: '/etc/azure/client.pem',
      },
      extraVolumes: [{ name: 'azure', secret: { secretName: 'azure' } }],
      extraVolumeMounts: [{ name: 'azure', mountPath: '/etc/azure', readOnly: true }],
    },
  },
  'two replicas': { values: { replicas: 2 }, components: ['high-availability'] },
  'three shards': { values: { shards: 3 }, components: ['sharding'] },
  'three shards of two replicas, with the CA of a proxy': {
    values: { shards: 3, replicas: 2, caBundle: { configMap: 'aks-ca-trust-ca' } },
    components: ['sharding', 'high-availability', 'ca-bundle'],
  },
  'a policy of no rules': { values: { policy: { enabled: true } }, components: ['policy'] },
  'a policy with node access by Secrets of the operator': {
    values: {
      policy: {
        enabled: true,
        rules: [
          {
            namespaces: ['team-*'],
            clusters: CLUSTERS,
            nodeAccess: ['Secret', 'azure'],
            verify: ['pull'],
            adopt: true,
          },
        ],
        nodeAccess: [
          { clusters: CLUSTERS, kubeconfigSecretRef: { name: 'prod-nodes', key: 'kubeconfig' } },
          { clusters: ['/subscriptions/*/resourceGroups/*/*'], kubeconfigSecretRef: { name: 'nodes' } },
        ],
        prometheus: [
          {
            clusters: CLUSTERS,
            url: 'https://metrics-a1b2.westeurope.prometheus.monitor.azure.com',
            matchers: 'cluster="{cluster}"',
            auth: 'azure',
          },
          {
            clusters: CLUSTERS,
            url: 'https://prometheus.example.com',
            auth: 'bearerToken',
            bearerTokenFile: '/var/run/token',
          },
        ],
      },
    },
  },
  'a policy of your own': { values: { policy: { enabled: true, existingConfigMap: 'mine' } } },
  'kubeconfig Secrets in a namespace': {
    values: { nodeAccess: { secretNamespaces: ['aks-ca-trust-system'] } },
    components: ['node-access-secrets'],
  },
  'kubeconfigs written into a namespace': {
    values: {
      kubeconfigs: { writeNamespaces: ['aks-ca-trust-system'] },
      policy: {
        enabled: true,
        rules: [{ namespaces: ['team-a'], clusters: CLUSTERS, writeKubeconfigs: true, findConsumers: true }],
      },
    },
  },
  'nodes of its own cluster': {
    values: {
      nodeAccess: {
        inClusterResourceId:
          '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c',
      },
    },
  },
  'a proxy, whose CA is in a Secret': {
    values: {
      caBundle: { secret: 'proxy', key: 'proxy.pem' },
      extraEnv: [
        { name: 'HTTPS_PROXY', valueFrom: { configMapKeyRef: { name: 'proxy', key: 'address' } } },
        { name: 'NO_PROXY', value: '10.0.0.0/8' },
      ],
    },
  },
  'connections restricted': {
    values: { networkPolicy: { egress: { enabled: true } } },
    components: ['network-policy'],
  },
  'connections restricted further': {
    values: {
      networkPolicy: {
        metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        egress: { enabled: true, extra: [{ to: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: [{ port: 3128 }] }] },
      },
    },
  },
  'no policy of the network': { values: { networkPolicy: { enabled: false } } },
  'where pods run': {
    values: {
      priorityClassName: 'system-cluster-critical',
      nodeSelector: { 'kubernetes.azure.com/mode': 'system' },
      tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }] },
            ],
          },
        },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'topology.kubernetes.io/zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: {},
        },
      ],
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
      podLabels: { team: 'platform' },
      podAnnotations: { 'example.com/owner': 'platform' },
      replicas: 2,
    },
  },
  'a service account that is there': { values: { serviceAccount: { create: false, name: 'mine' } } },
  'an identity with a service account that is there': {
    values: {
      serviceAccount: { create: false, name: 'mine' },
      workloadIdentity: { ...IDENTITY.workloadIdentity, tenantId: '22222222-2222-2222-2222-222222222222' },
    },
  },
  'a service account with annotations': {
    values: { serviceAccount: { annotations: { 'example.com/owner': 'platform' } } },
  },
  'restores by a group': {
    values: { admissionPolicy: { enabled: true, restoreGroups: ['system:serviceaccounts:velero'] } },
  },
  'no policy of the API server': { values: { admissionPolicy: { enabled: false } } },
  'monitoring by a ServiceMonitor': {
    values: { metrics: { scraperToken: true, serviceMonitor: { enabled: true } } },
    components: ['monitoring'],
  },
  'monitoring by a ServiceMonitor, with a certificate and a token of your own': {
    values: {
      metrics: {
        tlsSecret: 'metrics-tls',
        serviceMonitor: {
          enabled: true,
          labels: { release: 'prometheus' },
          interval: '30s',
          authorization: { credentials: { name: 'prometheus-token', key: 'token' } },
          tlsConfig: { ca: { secret: { name: 'metrics-tls', key: 'ca.crt' } }, serverName: 'aks-ca-trust' },
        },
      },
    },
  },
  'monitoring by a PodMonitor, with a certificate and a token of your own': {
    values: {
      metrics: {
        tlsSecret: 'metrics-tls',
        readers: [{ name: 'prometheus-k8s', namespace: 'monitoring' }],
        podMonitor: {
          enabled: true,
          labels: { release: 'prometheus' },
          interval: '30s',
          authorization: { credentials: { name: 'prometheus-token', key: 'token' } },
          tlsConfig: { ca: { configMap: { name: 'metrics-ca', key: 'ca.crt' } }, serverName: 'aks-ca-trust' },
        },
      },
    },
  },
  'monitoring over plain HTTP, with alerts and a dashboard': {
    values: {
      metrics: {
        plainHttp: true,
        service: { enabled: true, annotations: { 'example.com/a': 'b' } },
        podMonitor: { enabled: true },
      },
      alerts: {
        enabled: true,
        labels: { release: 'prometheus' },
        runbooks: 'https://runbooks.example.com/aks-ca-trust',
      },
      dashboard: { enabled: true, labels: { dashboards: 'azure' }, annotations: { grafana_folder: 'Azure' } },
    },
  },
  'names that YAML would take for something else': {
    values: {
      priorityClassName: '1e5',
      serviceAccount: { name: '123456' },
      caBundle: { configMap: 'true', key: '1.0' },
      metrics: { tlsSecret: '1e3', readers: [{ name: '0', namespace: '12' }] },
      policy: { enabled: true, existingConfigMap: 'null' },
      nodeAccess: {
        secretNamespaces: ['123'],
        inClusterResourceId:
          '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/a #b/providers/Microsoft.ContainerService/managedClusters/c',
      },
    },
  },
  'no metrics': { values: { metrics: { enabled: false } } },
  'no resource definitions': { values: { crds: { enabled: false } } },
  'objects of your own': {
    values: {
      extraObjects: [
        {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'trusts', namespace: '{{ .Release.Namespace }}' },
          spec: { hard: { 'count/customcatrusts.aks-ca-trust.dev': '20' } },
        },
      ],
    },
  },
};
