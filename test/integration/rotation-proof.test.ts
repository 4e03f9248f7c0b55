import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { OPEN_GRANTS, OPEN_POLICY } from '../../src/policy/policy.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';
import { eventually, startRig, type ControllerSettings, type Rig } from './rig.ts';
import { applyRotation, getRotation, removeRotation } from './rotation-object.ts';

jest.setTimeout(180_000);

let rig: Rig;
let plane: CertifiedControlPlane;
beforeAll(async () => {
  [rig, plane] = await Promise.all([startRig({ speed: 600 }), startCertifiedControlPlane()]);
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(async () => {
  await rig.stop();
  await plane.stop();
});

const SETTINGS: ControllerSettings = {
  policy: () => ({ ...OPEN_POLICY, grants: () => ({ ...OPEN_GRANTS, rotate: true }) }),
  timing: {
    rotation: { ...DEFAULT_TIMING.rotation, arrives: 3000, agreeing: 500, proofEvery: 300, proofOver: 1500 },
  },
};

async function until(
  name: string,
  wanted: (object: CertificateRotation) => boolean,
  limitMs = 90_000,
): Promise<CertificateRotation> {
  let object: CertificateRotation | undefined;
  try {
    await eventually(async () => {
      object = await getRotation(rig, name);
      return object !== undefined && wanted(object);
    }, limitMs);
  } catch (error) {
    throw new Error(
      `never as wanted: ${JSON.stringify({ ...object?.status, certificates: undefined, autoRotation: undefined })}`,
      { cause: error },
    );
  }
  return object!;
}

const rowsIn = ({ status }: CertificateRotation) =>
  Object.fromEntries((status?.verification?.rows ?? []).map(({ name, result }) => [name, result]));
const condition = ({ status }: CertificateRotation, type: string) =>
  status?.conditions?.find((one) => one.type === type);

describe('a rotation of a real API server', () => {
  it('is proved: the old client certificate and token are rejected, and everything else is as before', async () => {
    const cluster: SimulatedCluster = await rig.addCluster({
      controlPlane: plane,
      pools: [{ name: 'system', count: 2 }],
      rotation: { awaySeconds: 60, listingSeconds: 10, lateNamespaceSeconds: 10 },
    });
    await cluster.ready();
    await rig.startController(SETTINGS);
    const nodeAccess = { azure: {} };
    const target = { resourceId: cluster.resourceId, nodeAccess };
    await applyRotation(rig, 'prod', cluster, { target });
    const watched = await until('prod', ({ status }) =>
      Boolean(status?.certificates?.some(({ name, fingerprintSHA256 }) => name === 'ClusterCA' && fingerprintSHA256)),
    );
    const replaceCA = watched.status?.certificates?.find(({ name }) => name === 'ClusterCA')?.fingerprintSHA256 ?? '';

    await applyRotation(rig, 'prod', cluster, {
      target,
      mode: 'Rotate',
      request: { replaceCA },
      acceptDowntime: true,
    });
    const rotated = await until('prod', (object) => condition(object, 'RotationSucceeded')?.status === 'True');
    expect(rotated.status?.lastRotation).toMatchObject({ startedBy: 'ThisController', oldCA: replaceCA, attempts: 1 });

    const proved = await until('prod', (object) => condition(object, 'OldCertificatesRejected')?.status === 'True');
    expect(condition(proved, 'OldCertificatesRejected')).toMatchObject({ reason: 'Rejected' });
    const done = await until('prod', (object) => {
      const results = Object.values(rowsIn(object));
      return results.length > 0 && !results.includes('Pending');
    });
    expect(rowsIn(done)).toMatchObject({
      OldClientCertificateRejected: 'Passed',
      OldTokenRejected: 'Passed',
      NewKubeconfigAccepted: 'Passed',
      ClientCAPublished: 'Passed',
      RootCAPublished: 'Passed',
      RootCAInAllNamespaces: 'Passed',
      APIServicesAvailable: 'Passed',
      WorkloadsAvailable: 'Passed',
      CustomCAsUnchanged: 'Passed',
    });
    expect(done.status?.verification?.clusterCASHA256).toBe(done.status?.lastRotation?.newCA);
    // The rotation was asked for once, and nothing secret is in the status.
    expect(rig.simulator.journal().filter(({ path }) => /rotateClusterCertificates/i.test(path))).toHaveLength(1);
    expect(JSON.stringify(done)).not.toMatch(/BEGIN|PRIVATE|eyJ/);
    await removeRotation(rig, 'prod');
  });
});
