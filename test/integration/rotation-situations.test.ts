import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ClusterSeed, Fault, SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { OPEN_GRANTS, OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { eventually, startRig, type ControllerSettings, type Rig } from './rig.ts';
import { applyRotation, rotationPath } from './rotation-object.ts';
import { untilWanted } from './watched.ts';

jest.setTimeout(90_000);

const ROTATE: Policy = { ...OPEN_POLICY, grants: () => ({ ...OPEN_GRANTS, rotate: true }) };
/** What waits for what stays the same; minutes shrink to seconds. */
const ROTATION = { arrives: 1500, agreeing: 600, retries: [200, 200, 200], hangs: [3000, 6000] } as const;
const SETTINGS: ControllerSettings = {
  policy: () => ROTATE,
  timing: { rotation: { ...DEFAULT_TIMING.rotation, ...ROTATION }, leftOld: 2000 },
};
/** The API server is away, and ARM's listing behind, for half a second each. */
const SHORT = { awaySeconds: 30, listingSeconds: 30 };

let rig: Rig;
/** Events outlive their objects. */
let name = '';
let count = 0;
beforeAll(async () => {
  // An operation lasts for half a second before it does anything: it is seen to run.
  rig = await startRig({ overheadSeconds: 30 });
}, 600_000);
beforeEach(() => {
  name = `own-${++count}`;
});
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const add = (seed: Partial<ClusterSeed> = {}) => rig.addCluster({ handshakes: true, rotation: SHORT, ...seed });

const authorities = async (cluster: SimulatedCluster) =>
  (await cluster.certificates()).authorities.map(({ fingerprint }) => fingerprint);

/** Asks for the rotation of the CA that the cluster has now. */
async function request(cluster: SimulatedCluster): Promise<string> {
  const replaceCA = (await authorities(cluster)).at(-1)!;
  await applyRotation(rig, name, cluster, { mode: 'Rotate', acceptDowntime: true, request: { replaceCA } });
  return replaceCA;
}

function askAgain(word: string): Promise<unknown> {
  const path = rotationPath(rig.namespace, name);
  const body = { metadata: { annotations: { [RECONCILE_REQUESTED_AT]: word } } };
  return rig.admin.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
}

const until = (wanted: (object: CertificateRotation) => boolean, what: string) => {
  const collection = `/apis/${API_VERSION}/namespaces/${rig.namespace}/certificaterotations`;
  return untilWanted<CertificateRotation>(rig.admin, collection, name, wanted, { what, limitMs: 60_000 });
};

const conditionIn = ({ status }: CertificateRotation, type: string) =>
  status?.conditions?.find((one) => one.type === type);
/** The message of `RotationSucceeded` once it has this reason. */
async function untilSaid(reason: string, type = 'RotationSucceeded'): Promise<string> {
  const object = await until((one) => conditionIn(one, type)?.reason === reason, reason);
  return conditionIn(object, type)?.message ?? '';
}
const rowIn = ({ status }: CertificateRotation, name: string) => status?.certificates?.find((row) => row.name === name);
const reasons = async () => (await rig.events(name)).map(({ reason }) => reason);

/** POSTs that ask for a rotation. */
function posts({ resourceId }: SimulatedCluster): number {
  const sent = rig.simulator.journal().filter(({ operation }) => operation === 'RotateClusterCertificates');
  return sent.filter((one) => one.resourceId?.toLowerCase() === resourceId.toLowerCase()).length;
}

describe('what AKS makes of a rotation', () => {
  it.each<[string, Fault, number]>([
    ['is answered 204 and done', { noContent: true }, 1],
    ['is answered 204 and not done', { status: 204 }, 2],
    ['says Succeeded of itself while the cluster rotates', { operationAhead: true }, 1],
    ['is throttled', { error: 'throttled-by-aks', retryAfterSeconds: 1 }, 2],
  ])('%s: the CA is another one in the end, with no POST too many', async (_, fault, sent) => {
    const cluster = await add();
    const { resourceId } = cluster;
    rig.simulator.faults.add({ operation: 'RotateClusterCertificates', resourceId, ...fault });
    await rig.startController(SETTINGS);
    await request(cluster);
    await untilSaid('Rotated');
    expect([posts(cluster), (await authorities(cluster)).length]).toEqual([sent, 2]);
  });

  it('fails before the CA has changed: it is sent again for the same CA', async () => {
    const cluster = await add();
    cluster.endOperations({ end: 'Failed', beforeCertificates: true, times: 1, code: 'InternalOperationError' });
    await rig.startController(SETTINGS);
    const oldCA = await request(cluster);
    await untilSaid('Rotated');
    const all = await authorities(cluster);
    expect([posts(cluster), all.length, all[0]]).toEqual([2, 2, oldCA]);
  });

  it('fails four times: it needs a person, whose word is one more attempt', async () => {
    const cluster = await add();
    const cause = { code: 'VMExtensionProvisioningError', message: 'no route to the nodes' };
    cluster.endOperations({ end: 'Failed', ...cause });
    await rig.startController(SETTINGS);
    await request(cluster);
    const object = await until((one) => conditionIn(one, 'Stalled')?.reason === 'RotationFailed', 'given up');
    expect(conditionIn(object, 'RotationSucceeded')?.message).toMatch(
      /no route to the nodes.*It was sent 4 times\. Open a support request/,
    );
    expect(object.status?.phase).toBe('Failed');
    expect(posts(cluster)).toBe(4);
    cluster.letOperationsEnd();
    await askAgain('one more');
    await untilSaid('Rotated');
    expect(posts(cluster)).toBe(5);
  });

  it('hangs: it is neither sent again nor aborted, which the status says, and is complete once AKS goes on', async () => {
    const cluster = await add();
    cluster.endOperations({ end: 'Never', times: 1 });
    await rig.startController(SETTINGS);
    await request(cluster);
    await untilSaid('RotationSlow');
    expect(await untilSaid('RotationHangs', 'Stalled')).toMatch(/RotatingClusterCertificates/);
    cluster.letOperationsEnd();
    await untilSaid('Rotated');
    expect(posts(cluster)).toBe(1);
    const aborts = rig.simulator.journal().filter(({ path }) => path.endsWith('/abort'));
    expect(aborts).toEqual([]);
  });

  it('is aborted by a person: it is not sent again until a person asks', async () => {
    const cluster = await add();
    cluster.endOperations({ end: 'Never', times: 1, afterNodes: 1 });
    await rig.startController(SETTINGS);
    await request(cluster);
    await eventually(async () => (await authorities(cluster)).length === 2);
    await cluster.cancelRunning();
    expect(await untilSaid('RotationCanceled')).toMatch(/Nodes may have certificates of the old CA/);
    expect(posts(cluster)).toBe(1);
    cluster.letOperationsEnd();
    await askAgain('go on');
    await untilSaid('Rotated');
    expect(posts(cluster)).toBe(2);
  });

  it('is gone with its cluster, which is created anew meanwhile: the request is answered, and nothing is sent', async () => {
    const cluster = await add();
    cluster.endOperations({ end: 'Never', times: 1 });
    await rig.startController(SETTINGS);
    await request(cluster);
    await eventually(async () => posts(cluster) === 1);
    await cluster.recreate();
    await untilSaid('AlreadyRotated');
    expect(posts(cluster)).toBe(1);
    expect(await reasons()).not.toContain('RotationCompleted');
  });
});

describe('a cluster on which AKS itself is at work', () => {
  it('keeps a rotation waiting while its signing keys change by themselves, however long', async () => {
    const cluster = await add();
    // Three seconds of this test; Azure/AKS#3965 saw hours.
    cluster.startForeignOperation({ kind: 'RotateSigningKeys', seconds: 180, end: 'Succeeded' });
    await rig.startController(SETTINGS);
    await request(cluster);
    await until(
      ({ status }) => JSON.stringify(status?.conditions ?? []).includes('RotatingServiceAccountSigningKeysInternal'),
      'waiting for AKS',
    );
    expect(posts(cluster)).toBe(0);
    await cluster.idle();
    await untilSaid('Rotated');
    expect(posts(cluster)).toBe(1);
  });

  it('has another certificate of the API server after a renewal, which is no rotation', async () => {
    const years = 2 * 365 * 86_400_000;
    const createdAt = new Date(Date.now() - years + 20 * 86_400_000).toISOString();
    const cluster = await add({ certificates: { createdAt } });
    await rig.startController(SETTINGS);
    await applyRotation(rig, name, cluster);
    const before = await until((one) => rowIn(one, 'APIServer')?.health === 'Expiring', 'about to expire');
    cluster.startForeignOperation({ kind: 'ReconcileCertificates', seconds: 10, end: 'Succeeded' });
    await cluster.idle();
    await askAgain('renewed');
    const after = await until((one) => rowIn(one, 'APIServer')?.health === 'Healthy', 'renewed');
    expect(rowIn(after, 'ClusterCA')?.fingerprintSHA256).toBe(rowIn(before, 'ClusterCA')?.fingerprintSHA256);
    expect(rowIn(after, 'APIServer')?.fingerprintSHA256).not.toBe(rowIn(before, 'APIServer')?.fingerprintSHA256);
    expect(await reasons()).not.toContain('ClusterCAChanged');
    expect(after.status?.lastRotation).toBeUndefined();
  });

  it('is not rotated while it is stopped, and is once it runs', async () => {
    const cluster = await add();
    cluster.stop();
    await cluster.idle();
    await rig.startController(SETTINGS);
    await request(cluster);
    const held = await until(
      ({ status }) => JSON.stringify(status?.conditions ?? []).includes('The cluster is stopped'),
      'held',
    );
    expect(held.status?.phase).toBe('Preflight');
    expect(posts(cluster)).toBe(0);
    cluster.start();
    await untilSaid('Rotated');
    expect(posts(cluster)).toBe(1);
  });
});

describe('an API server that cannot be asked', () => {
  it('behind authorized IP ranges leaves its certificate unknown, with the reason, and blocks no rotation', async () => {
    const cluster = await add();
    cluster.shutOut(true);
    await rig.startController(SETTINGS);
    await applyRotation(rig, name, cluster);
    const object = await until((one) => rowIn(one, 'APIServer')?.message !== undefined, 'unknown');
    expect(rowIn(object, 'APIServer')).toMatchObject({
      health: 'Unknown',
      message: expect.stringMatching(/did not answer.*within|timed out/i) as unknown,
    });
    // ARM still says which CA the cluster has.
    expect(rowIn(object, 'ClusterCA')?.fingerprintSHA256).toBe((await authorities(cluster))[0]);
    cluster.shutOut(false);
    await askAgain('ranges');
    await until((one) => rowIn(one, 'APIServer')?.health === 'Healthy', 'known');
  });

  it('behind a proxy that inspects TLS has not rotated, whatever certificate it shows', async () => {
    const cluster = await add();
    await rig.startController(SETTINGS);
    await applyRotation(rig, name, cluster);
    await until((one) => rowIn(one, 'APIServer')?.health === 'Healthy', 'known');
    await cluster.interceptTls(true);
    await askAgain('inspected');
    const object = await until((one) => rowIn(one, 'APIServer')?.health === 'Intercepted', 'intercepted');
    expect(object.status?.lastRotation).toBeUndefined();
    expect(await reasons()).not.toContain('ClusterCAChanged');
    await cluster.interceptTls(false);
  });

  it('of two replicas that get the new CA one after the other is rotated once', async () => {
    const cluster = await add({ handshakes: { replicas: 2 }, rotation: { ...SHORT, replicaSeconds: 60 } });
    await rig.startController(SETTINGS);
    await request(cluster);
    await untilSaid('Rotated');
    expect([posts(cluster), (await authorities(cluster)).length]).toEqual([1, 2]);
  });
});
