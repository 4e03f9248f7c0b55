import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { createPolicy, type Policy } from '../../src/policy/policy.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';
import { manifestsIn } from '../deploy/granted.ts';
import { makeServiceAccount, tokenOf } from '../deploy/metrics-roles.ts';
import { applyAll } from '../deploy/object-path.ts';
import { armClient } from '../simulator/arm-client.ts';
import { kubeconfigOf, type HandedOut } from '../simulator/kubeconfigs.ts';
import { eventually, startRig, type ControllerSettings, type Rig } from './rig.ts';
import { applyRotation, getRotation, removeRotation } from './rotation-object.ts';

jest.setTimeout(180_000);

const base64 = (text: string) => Buffer.from(text).toString('base64');
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

let rig: Rig;
let plane: CertifiedControlPlane;
let cluster: SimulatedCluster;
/** The credentials of the cluster's administrator before its rotation. */
let before: HandedOut;
beforeAll(async () => {
  [rig, plane] = await Promise.all([startRig({ speed: 600 }), startCertifiedControlPlane()]);
  cluster = await rig.addCluster({
    controlPlane: plane,
    pools: [{ name: 'system', count: 2 }],
    rotation: { awaySeconds: 60, listingSeconds: 10, lateNamespaceSeconds: 10 },
  });
  await cluster.ready();
  before = await handedOut();
  await makeHolders();
}, 600_000);
afterEach(() => removeRotation(rig, 'prod'));
afterAll(async () => {
  await rig.cleanUp();
  await rig.stop();
  await plane.stop();
});

async function handedOut(): Promise<HandedOut> {
  const arm = await armClient(rig.simulator);
  try {
    return await kubeconfigOf(arm, cluster.resourceId);
  } finally {
    await arm.close();
  }
}

async function asAdmin<T>({ server, caPem, certPem, keyPem }: HandedOut, act: (admin: Connection) => Promise<T>) {
  const admin = connect({ server, caPem, certPem, keyPem });
  try {
    return await act(admin);
  } finally {
    await admin.close();
  }
}

const create = (connection: Connection, path: string, body: object) =>
  connection.request({ method: 'POST', path, body });

/** A Secret of Argo CD and a webhook in the cluster; a kubeconfig of a pipeline in the namespace of the object. */
async function makeHolders(): Promise<void> {
  const { server, caPem } = before;
  await asAdmin(before, async (admin) => {
    for (const name of ['argocd', 'ci']) await create(admin, '/api/v1/namespaces', { metadata: { name } });
    await create(admin, '/api/v1/namespaces/argocd/secrets', {
      metadata: { name: 'cluster' },
      stringData: { config: JSON.stringify({ password: 'very-secret', tlsClientConfig: { caData: base64(caPem) } }) },
    });
    await create(admin, '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
      metadata: { name: 'gmsa' },
      webhooks: [
        {
          name: 'gmsa.example.com',
          clientConfig: { caBundle: base64(caPem), service: { name: 'gmsa', namespace: 'ci' } },
          rules: [],
          sideEffects: 'None',
          failurePolicy: 'Ignore',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
  });
  await applyAll(rig.admin, manifestsIn('target-cluster/consumers-secrets-role.yaml'));
  await create(rig.admin, `/api/v1/namespaces/${rig.namespace}/secrets`, {
    metadata: { name: 'pipeline' },
    stringData: {
      kubeconfig: `clusters: [{cluster: {server: '${server}', certificate-authority-data: ${base64(caPem)}}}]`,
    },
  });
}

const ROLE = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole' };
const letSearchNamespace = () =>
  create(rig.admin, `${RBAC}/namespaces/${rig.namespace}/rolebindings`, {
    metadata: { name: 'search' },
    roleRef: { ...ROLE, name: 'aks-ca-trust-consumers-secrets' },
    subjects: [{ kind: 'ServiceAccount', name: 'aks-ca-trust', namespace: 'aks-ca-trust-system' }],
  });

const policyOf = (findConsumers: boolean): Policy =>
  createPolicy({
    rules: [
      {
        namespaces: ['*'],
        clusters: ['/subscriptions/*/resourceGroups/*/*'],
        nodeAccess: ['Secret', 'azure'],
        verify: [],
        rotate: true,
        findConsumers,
      },
    ],
    nodeAccess: [],
  });
const SETTINGS: ControllerSettings = {
  policy: () => policyOf(true),
  timing: {
    rotation: { ...DEFAULT_TIMING.rotation, arrives: 3000, agreeing: 500, proofEvery: 300, proofOver: 1500 },
  },
};

type Consumers = NonNullable<NonNullable<CertificateRotation['status']>['consumers']>;

async function untilSearched(wanted: (consumers: Consumers) => boolean, limitMs = 30_000): Promise<Consumers> {
  let status: CertificateRotation['status'];
  try {
    await eventually(async () => {
      ({ status } = (await getRotation(rig, 'prod')) ?? {});
      return status?.consumers !== undefined && wanted(status.consumers);
    }, limitMs);
  } catch (error) {
    throw new Error(`never as wanted: ${JSON.stringify({ ...status, certificates: [], autoRotation: [] })}`, {
      cause: error,
    });
  }
  return status!.consumers!;
}

const held = ({ holders = [] }: Consumers) =>
  holders.map(
    ({ where, kind, namespace = '', name, part, holding }) =>
      `${holding} ${where} ${kind} ${namespace}/${name} ${part}`,
  );
const unsearched = ({ notSearched = [] }: Consumers) =>
  notSearched.map(({ where, kind = '' }) => `${where} ${kind}`.trim());

describe('an object that asks for what holds the cluster CA', () => {
  const overAzure = () => ({
    target: { resourceId: cluster.resourceId, nodeAccess: { azure: {} } },
    findConsumers: true,
  });

  it('sees nothing over the access of the controller where the policy does not allow it, and reads why', async () => {
    const controller = await rig.startController({ ...SETTINGS, policy: () => policyOf(false) });
    await applyRotation(rig, 'prod', cluster, overAzure());
    const consumers = await untilSearched(() => true);
    expect(unsearched(consumers)).toEqual(['Cluster', 'Management Secret']);
    expect(consumers.message).toBe('Nothing could be searched: see notSearched.');
    expect(consumers.notSearched?.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^The policy of the controller does not let namespace .* findConsumers in the policy file, or/,
      ),
      expect.stringMatching(/ 403 Forbidden: .*bind the ClusterRole aks-ca-trust-consumers-secrets .* in namespace /),
    ]);
    expect(JSON.stringify(consumers)).not.toMatch(/argocd|gmsa/);
    await controller.stop();
  });

  it('sees over a kubeconfig of its namespace what that user may list, and which rights are missing', async () => {
    const token = await asAdmin(before, async (admin) => {
      const user = await makeServiceAccount(admin, 'ci');
      await applyAll(admin, manifestsIn('target-cluster/consumers-role.yaml'));
      await create(admin, `${RBAC}/clusterrolebindings`, {
        metadata: { name: 'search' },
        roleRef: { ...ROLE, name: 'aks-ca-trust-consumers' },
        subjects: [{ kind: 'ServiceAccount', name: user, namespace: 'ci' }],
      });
      return tokenOf(admin, 'ci', user);
    });
    const kubeconfig = JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      clusters: [{ name: 'a', cluster: { server: before.server, 'certificate-authority-data': base64(before.caPem) } }],
      users: [{ name: 'a', user: { token } }],
    });
    await create(rig.admin, `/api/v1/namespaces/${rig.namespace}/secrets`, {
      metadata: { name: 'narrow' },
      stringData: { value: kubeconfig },
    });
    const controller = await rig.startController({ ...SETTINGS, policy: () => policyOf(false) });
    const nodeAccess = { kubeconfigSecretRef: { name: 'narrow' } };
    await applyRotation(rig, 'prod', cluster, {
      target: { resourceId: cluster.resourceId, nodeAccess },
      findConsumers: true,
    });
    const consumers = await untilSearched(() => true);
    expect(held(consumers)).toEqual([
      'PresentCA Cluster ValidatingWebhookConfiguration /gmsa webhook gmsa.example.com: caBundle',
    ]);
    expect(unsearched(consumers)).toEqual(['Cluster Secret', 'Cluster ConfigMap', 'Management Secret']);
    expect(consumers.notSearched?.[0]?.message).toMatch(
      /403 Forbidden: .*bind the ClusterRole aks-ca-trust-consumers-secrets \(deploy\/target-cluster\/consumers-secrets-role\.yaml\) to the user/,
    );
    await controller.stop();
  });

  it('sees what has to be updated before a rotation, and after it what still has the old CA', async () => {
    await letSearchNamespace();
    await rig.startController(SETTINGS);
    await applyRotation(rig, 'prod', cluster, overAzure());
    const first = await untilSearched(() => true);
    expect(first.notSearched).toBeUndefined();
    const found = [
      'Cluster Secret argocd/cluster config',
      'Cluster ValidatingWebhookConfiguration /gmsa webhook gmsa.example.com: caBundle',
      `Management Secret ${rig.namespace}/narrow value`,
      `Management Secret ${rig.namespace}/pipeline kubeconfig`,
    ];
    expect(held(first)).toEqual(found.map((text) => `PresentCA ${text}`));
    expect(first.counts).toEqual([{ holding: 'PresentCA', count: 4 }]);
    expect(first.message).toBe('4 parts of objects have the present CA, and need the new one after the next rotation.');

    const rotate = { mode: 'Rotate', acceptDowntime: true, request: { replaceCA: first.clusterCASHA256! } } as const;
    await applyRotation(rig, 'prod', cluster, { ...overAzure(), ...rotate });
    const second = await untilSearched(({ clusterCASHA256 }) => clusterCASHA256 !== first.clusterCASHA256, 150_000);
    const { status } = (await getRotation(rig, 'prod'))!;
    expect(second.clusterCASHA256).toBe(status?.lastRotation?.newCA);
    const old = held(second).filter((text) => text.startsWith('OldCA'));
    expect(old).toEqual(found.map((text) => `OldCA ${text}`));
    expect(second.message).toMatch(/^4 parts of objects still have a CA that the cluster had before: /);
    expect(JSON.stringify(status)).not.toMatch(/BEGIN|PRIVATE|very-secret|eyJ/);
  });
});
