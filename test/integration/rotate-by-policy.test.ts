import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ClusterSeed, SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION, targetClusterPath } from '../../src/api/names.ts';
import { parseClusterId, recordName } from '../../src/api/resource-id.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { OPEN_GRANTS, OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { eventually, startRig, type ControllerSettings, type Rig } from './rig.ts';
import { applyRotation, getRotation } from './rotation-object.ts';
import { untilWanted } from './watched.ts';

jest.setTimeout(90_000);

const ROTATE: Policy = { ...OPEN_POLICY, grants: () => ({ ...OPEN_GRANTS, rotate: true }) };
/** A day of `every`, `beforeExpiry` and `notice`, in ms of real time. The dates of certificates are real ones. */
const DAY = 1000;
const NOTICE = 3 * DAY;
const ROTATION = { arrives: 2500, agreeing: 500, retries: [100, 200, 300], hangs: [30_000, 60_000], day: DAY } as const;
const SETTINGS: ControllerSettings = {
  policy: () => ROTATE,
  timing: { rotation: { ...DEFAULT_TIMING.rotation, ...ROTATION }, leftOld: 2000 },
};
const POLICY = { mode: 'Rotate', acceptDowntime: true } as const;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

/** A cluster whose certificates were made so many days ago. */
const add = (daysAgo: number, seed: Partial<ClusterSeed> = {}) =>
  rig.addCluster({
    handshakes: true,
    certificates: { createdAt: new Date(Date.now() - daysAgo * DAY).toISOString() },
    ...seed,
  });

async function newestCA(cluster: SimulatedCluster): Promise<string> {
  return (await cluster.certificates()).authorities.at(-1)!.fingerprint;
}

const until = (wanted: (object: CertificateRotation) => boolean, what: string, name = 'own') => {
  const collection = `/apis/${API_VERSION}/namespaces/${rig.namespace}/certificaterotations`;
  return untilWanted<CertificateRotation>(rig.admin, collection, name, wanted, { what, limitMs: 60_000 });
};

const isIn = (phase: string) => (object: CertificateRotation) => object.status?.phase === phase;
const isReason = (type: string, reason: string) => (object: CertificateRotation) =>
  object.status?.conditions?.some((one) => one.type === type && one.reason === reason) ?? false;
const isRotated = (object: CertificateRotation) =>
  isIn('Completed')(object) && isReason('RotationSucceeded', 'Rotated')(object);

function posts({ resourceId }: SimulatedCluster): number {
  const key = resourceId.toLowerCase();
  return rig.simulator
    .journal()
    .filter((one) => one.operation === 'RotateClusterCertificates' && one.resourceId?.toLowerCase() === key).length;
}

const memoryOf = async (cluster: SimulatedCluster) => (await rig.record(cluster))?.status?.rotation;

/** When the coming rotation was announced, in ms, as the record has it. */
async function announcedAt(cluster: SimulatedCluster): Promise<number> {
  await eventually(async () => (await memoryOf(cluster))?.notice !== undefined);
  return Date.parse((await memoryOf(cluster))!.notice!.since);
}

async function startedAt(cluster: SimulatedCluster): Promise<number> {
  return Date.parse((await memoryOf(cluster))!.lastRotation!.startedAt);
}

describe('a rotation by the age of the cluster CA', () => {
  it('is announced, waits for its notice, happens once, and the next one is planned by the age of the new CA', async () => {
    const cluster = await add(200);
    const oldCA = await newestCA(cluster);
    await rig.startController(SETTINGS);
    await applyRotation(rig, 'own', cluster, { ...POLICY, every: '90d' });
    const noticed = await until(isIn('Noticed'), 'announced');
    const since = await announcedAt(cluster);
    expect(noticed.status?.nextRotation).toMatchObject({ reason: 'Every' });
    expect(Date.parse(noticed.status!.nextRotation!.at)).toBeGreaterThanOrEqual(since + NOTICE);
    expect(noticed.status?.conditions?.find(({ type }) => type === 'Ready')?.status).not.toBe('False');
    expect(posts(cluster)).toBe(0);
    const rotated = await until(isRotated, 'rotated');
    expect(await startedAt(cluster)).toBeGreaterThanOrEqual(since + NOTICE);
    const newCA = await newestCA(cluster);
    expect(rotated.status?.lastRotation).toMatchObject({ reason: 'Every', startedBy: 'ThisController', oldCA, newCA });
    const planned = await until(({ status }) => status?.nextRotation !== undefined, 'planned');
    const createdAt = Date.parse((await memoryOf(cluster))!.casSeen!.at(-1)!.createdAt!);
    expect(Date.parse(planned.status!.nextRotation!.at)).toBe(createdAt + 90 * DAY);
    expect(planned.status?.nextRotation?.announcedAt).toBeUndefined();
    expect(posts(cluster)).toBe(1);
    await eventually(async () => {
      const reasons = (await rig.events('own')).map(({ reason }) => reason);
      return ['RotationAnnounced', 'RotationStarted', 'RotationCompleted'].every(
        (reason) => reasons.filter((one) => one === reason).length === 1,
      );
    });
  });

  it('goes on from its announcement in the next process, and is announced anew without its record', async () => {
    const [kept, lost] = [await add(200), await add(200)];
    const first = await rig.startController(SETTINGS);
    await applyRotation(rig, 'kept', kept, { ...POLICY, every: '90d' });
    await applyRotation(rig, 'lost', lost, { ...POLICY, every: '90d' });
    const [keptSince, lostSince] = [await announcedAt(kept), await announcedAt(lost)];
    first.kill();
    await rig.admin.request({
      method: 'DELETE',
      path: targetClusterPath(recordName(parseClusterId(lost.resourceId)!)),
    });
    const deletedAt = Date.now();
    await rig.startController(SETTINGS);
    await until(isRotated, 'rotated', 'kept');
    await until(isRotated, 'rotated', 'lost');
    expect(await startedAt(kept)).toBeGreaterThanOrEqual(keptSince + NOTICE);
    expect(await startedAt(lost)).toBeGreaterThanOrEqual(deletedAt + NOTICE);
    expect(deletedAt).toBeGreaterThan(lostSince);
    expect([posts(kept), posts(lost)]).toEqual([1, 1]);
  });

  it('is taken back by an edit that asks for a later one, and by a second object that asks for another one', async () => {
    const cluster = await add(200);
    await rig.startController(SETTINGS);
    await applyRotation(rig, 'own', cluster, { ...POLICY, every: '90d', notice: '20d' });
    await until(isIn('Noticed'), 'announced');
    await applyRotation(rig, 'own', cluster, { ...POLICY, every: '3650d', notice: '20d' });
    const later = await until(isIn('Idle'), 'taken back');
    expect(later.status?.nextRotation?.announcedAt).toBeUndefined();
    await eventually(async () => (await memoryOf(cluster))?.notice === undefined);
    await applyRotation(rig, 'own', cluster, { ...POLICY, every: '90d', notice: '20d' });
    await until(isIn('Noticed'), 'announced again');
    await applyRotation(rig, 'other', cluster, { ...POLICY, every: '91d', notice: '20d' });
    for (const name of ['own', 'other']) await until(isReason('Stalled', 'ConflictingObjects'), 'in conflict', name);
    await eventually(async () => (await memoryOf(cluster))?.notice === undefined);
    expect(posts(cluster)).toBe(0);
  });

  it('happens in one cluster at a time when a whole fleet is overdue', async () => {
    const clusters = await Promise.all([add(200), add(300), add(400)]);
    await rig.startController(SETTINGS);
    await Promise.all(
      clusters.map((cluster, index) => applyRotation(rig, `r${index}`, cluster, { ...POLICY, every: '90d' })),
    );
    let most = 0;
    const counted = setInterval(() => {
      most = Math.max(most, clusters.filter((one) => one.provisioningState === 'RotatingClusterCertificates').length);
    }, 5);
    try {
      await Promise.all(clusters.map((_, index) => until(isRotated, 'rotated', `r${index}`)));
    } finally {
      clearInterval(counted);
    }
    expect([most, ...clusters.map(posts)]).toEqual([1, 1, 1, 1]);
  });

  it('waits while the rotation of another cluster has not come to a good end, and a request does not', async () => {
    const [broken, waiting] = [await add(200), await add(200)];
    broken.endOperations({ end: 'Never' });
    await rig.startController(SETTINGS);
    await applyRotation(rig, 'broken', broken, { ...POLICY, request: { replaceCA: await newestCA(broken) } });
    const runs = ({ status }: CertificateRotation) =>
      status?.conditions?.some(({ message }) => message.startsWith('AKS rotates the certificates')) ?? false;
    await until(runs, 'seen to run', 'broken');
    await broken.cancelRunning();
    await until(isReason('Stalled', 'RotationCanceled'), 'canceled', 'broken');
    await applyRotation(rig, 'waiting', waiting, { ...POLICY, every: '90d', notice: '1h' });
    const held = await until(isReason('RotationSucceeded', 'WaitingForOthers'), 'held', 'waiting');
    expect(held.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain(
      'has failed, hangs or was canceled',
    );
    expect(posts(waiting)).toBe(0);
    const request = { replaceCA: await newestCA(waiting) };
    await applyRotation(rig, 'waiting', waiting, { ...POLICY, every: '90d', request });
    await until(isRotated, 'rotated', 'waiting');
    expect((await getRotation(rig, 'waiting'))?.status?.lastRotation?.reason).toBe('Requested');
  });
});

describe('a rotation before a certificate expires', () => {
  /** The certificate of the API server expires in so many days; the CA is valid for decades. */
  const expiring = (days: number) =>
    add(0, {
      certificates: { createdAt: new Date(Date.now() - 730 * 86_400_000 + days * DAY).toISOString() },
    });

  it('happens by the date of the certificate that the API server shows', async () => {
    const cluster = await expiring(120);
    await rig.startController(SETTINGS);
    await applyRotation(rig, 'own', cluster, { ...POLICY, beforeExpiry: '119d' });
    await until(isIn('Noticed'), 'announced');
    const rotated = await until(isRotated, 'rotated');
    expect(rotated.status?.lastRotation).toMatchObject({ reason: 'BeforeExpiry', newCA: await newestCA(cluster) });
    expect(posts(cluster)).toBe(1);
  });

  it('does not happen where AKS renews the certificate after the announcement', async () => {
    const cluster = await expiring(120);
    await rig.startController(SETTINGS);
    await applyRotation(rig, 'own', cluster, { ...POLICY, beforeExpiry: '119d' });
    await until(isIn('Noticed'), 'announced');
    cluster.startForeignOperation({ kind: 'ReconcileCertificates', seconds: 1, end: 'Succeeded' });
    const dropped = await until(isIn('Idle'), 'not needed any more');
    expect(Date.parse(dropped.status!.nextRotation!.at)).toBeGreaterThan(Date.now() + 86_400_000);
    expect(posts(cluster)).toBe(0);
  });
});
