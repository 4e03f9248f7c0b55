import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { V1Secret } from '@kubernetes/client-node';
import type { SimulatedCluster, TargetAccess } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { createPolicy, type Policy } from '../../src/policy/policy.ts';
import { letWriteKubeconfigs } from './roles.ts';
import { eventually, startRig, type Rig } from './rig.ts';
import { applyRotation, getRotation, removeRotation, rotationPath } from './rotation-object.ts';
import { startTargetApiServer, type TargetApiServer } from './target-api-server.ts';

jest.setTimeout(120_000);

let rig: Rig;
let target: TargetApiServer;
beforeAll(async () => {
  rig = await startRig();
  target = await startTargetApiServer(rig.simulator);
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(async () => {
  await target.stop();
  await rig.stop();
});

const policyOf = (writeKubeconfigs: boolean): Policy =>
  createPolicy({
    rules: [
      {
        namespaces: ['*'],
        clusters: ['/subscriptions/*/resourceGroups/*/*'],
        nodeAccess: ['Secret'],
        verify: [],
        writeKubeconfigs,
      },
    ],
    nodeAccess: [],
  });

/** Not the default one. */
const KEY = 'admin.conf';

const secrets = () => `/api/v1/namespaces/${rig.namespace}/secrets`;
const secretNow = async (name: string) => (await rig.admin.request({ path: `${secrets()}/${name}` })) as V1Secret;
const configIn = ({ data }: V1Secret) => Buffer.from(data?.[KEY] ?? '', 'base64').toString('utf8');
const base64 = (text: string) => Buffer.from(text).toString('base64');

async function requestRead(name: string): Promise<void> {
  const annotations = { 'aks-ca-trust.dev/reconcile-requested-at': String(Math.random()) };
  await rig.admin.request({
    method: 'PATCH',
    path: rotationPath(rig.namespace, name),
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations } },
  });
}

function conditionOf(object: CertificateRotation | undefined, type: string) {
  return object?.status?.conditions?.find((one) => one.type === type);
}

async function untilReason(name: string, type: string, reason: string): Promise<CertificateRotation> {
  let object: CertificateRotation | undefined;
  await eventually(async () => {
    object = await getRotation(rig, name);
    return conditionOf(object, type)?.reason === reason;
  });
  return object!;
}

describe('a CertificateRotation that asks for a kubeconfig', () => {
  let cluster: SimulatedCluster;
  let access: TargetAccess;

  it('gets it into a Secret where policy and RBAC allow it, and its own node access with it', async () => {
    access = await target.access();
    cluster = await rig.addCluster({ kubeconfig: target.seed });
    cluster.setAccess(access);
    await rig.startController({ policy: () => policyOf(true) });
    const nodeAccess = { kubeconfigSecretRef: { name: 'prod', key: KEY } };
    const spec = {
      target: { resourceId: cluster.resourceId, nodeAccess },
      kubeconfig: { secretName: 'prod', key: KEY },
    };
    await applyRotation(rig, 'prod', cluster, spec);

    const refused = await untilReason('prod', 'KubeconfigWritten', 'SecretNotWritten');
    expect(conditionOf(refused, 'Ready')).toMatchObject({ status: 'False', reason: 'SecretNotWritten' });
    expect(conditionOf(refused, 'Ready')?.message).toContain('aks-ca-trust-kubeconfig-writer');
    await letWriteKubeconfigs(rig.admin, rig.namespace);
    await requestRead('prod');

    const written = await untilReason('prod', 'KubeconfigWritten', 'Written');
    expect(written.status?.kubeconfig).toMatchObject({ secretName: 'prod', key: KEY, signIn: 'LocalAccount' });
    expect(configIn(await secretNow('prod'))).toContain(base64(access.certPem));
    expect(JSON.stringify(written)).not.toContain(base64(access.certPem));

    // The next read goes over the kubeconfig in that Secret.
    await requestRead('prod');
    await eventually(async () => {
      const rows = (await getRotation(rig, 'prod'))?.status?.certificates;
      return rows?.find(({ name }) => name === 'ServiceAccountKeys')?.keyIDs !== undefined;
    });

    await target.rotate();
    const renewed = await target.access();
    cluster.setAccess(renewed);
    const oldCA = written.status?.kubeconfig?.clusterCASHA256;
    // The API server shows its new certificate a moment later.
    await eventually(async () => {
      await requestRead('prod');
      return configIn(await secretNow('prod')).includes(base64(renewed.caPem));
    });
    await eventually(async () => {
      const kubeconfig = (await getRotation(rig, 'prod'))?.status?.kubeconfig;
      return kubeconfig?.clusterCASHA256 !== undefined && kubeconfig.clusterCASHA256 !== oldCA;
    });

    await removeRotation(rig, 'prod');
    expect((await secretNow('prod')).metadata?.deletionTimestamp).toBeUndefined();
  });

  it('gets nothing where the policy does not allow it', async () => {
    const other = await rig.addCluster({ kubeconfig: target.seed });
    other.setAccess(await target.access());
    const controller = await rig.startController({ policy: () => policyOf(false) });
    await applyRotation(rig, 'forbidden', other, { kubeconfig: { secretName: 'forbidden' } });
    await untilReason('forbidden', 'KubeconfigWritten', 'KubeconfigNotAllowed');
    await expect(secretNow('forbidden')).rejects.toMatchObject({ status: 404 });
    await removeRotation(rig, 'forbidden');
    await controller.stop();
  });
});
