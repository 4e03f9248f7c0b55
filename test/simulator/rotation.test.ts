import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterSeed, SimulatedCluster } from '../../simulator/index.ts';
import { API_VERSION, armClient } from './arm-client.ts';
import { kubeconfigOf, rotate } from './kubeconfigs.ts';
import { HOUR, startStepped, withList, type Stepped } from './stepped.ts';

const ROTATING = 'RotatingClusterCertificates';

let rig: Stepped;
beforeAll(async () => {
  rig = await startStepped();
});
afterAll(async () => {
  await rig.arm.close();
  await rig.simulator.stop();
});
beforeEach(() => {
  rig.simulator.clearJournal();
  rig.simulator.faults.clear();
});

let count = 0;
async function add(seed: Partial<ClusterSeed> = {}): Promise<SimulatedCluster> {
  const pools = [
    { name: 'system', count: 2 },
    { name: 'win', osType: 'Windows' as const, count: 1 },
  ];
  const cluster = rig.simulator.addCluster({ name: `r${count++}`, resourceGroup: 'certs', pools, ...seed });
  await cluster.ready();
  return cluster;
}

function statesOf(cluster: SimulatedCluster) {
  const { properties } = cluster.model() as {
    properties: { provisioningState: string; agentPoolProfiles: { provisioningState: string }[] };
  };
  return [properties, ...properties.agentPoolProfiles].map(({ provisioningState }) => provisioningState);
}

const nameOf = ({ resourceId }: SimulatedCluster) => resourceId.split('/').at(-1);
const generations = (cluster: SimulatedCluster) => cluster.nodes().map(({ caGeneration }) => caGeneration);
const authorities = async (cluster: SimulatedCluster) => (await cluster.certificates()).authorities.length;

describe('a rotation of the certificates', () => {
  it('gives the cluster another CA of the same name, and makes every machine of its pools anew', async () => {
    const { arm, clock, simulator, a } = rig;
    const cluster = await add({ customCATrustCertificates: [a] });
    const [before, nodes] = [await kubeconfigOf(arm, cluster.resourceId), cluster.nodes()];
    const { status, headers, text } = await rotate(arm, cluster.resourceId);
    expect({ status, text }).toEqual({ status: 202, text: '' });
    expect(headers).toMatchObject({ 'retry-after': '10', location: expect.stringContaining('/operationresults/') });
    expect(headers).not.toHaveProperty('azure-asyncoperation');
    const location = String(headers['location']).slice(simulator.url.length);
    expect((await arm.get(location)).status).toBe(202);
    expect(statesOf(cluster)).toEqual([ROTATING, ROTATING, ROTATING]);
    // 5 s, then 120 s without an API server.
    await clock.advance(126_000);
    expect(cluster.nodes().map(({ phase }) => phase)).toEqual(['Reimaging', 'NotReady', 'NotReady']);
    await clock.advance(HOUR);
    await cluster.idle();
    expect((await arm.get(location)).status).toBe(204);
    expect(statesOf(cluster)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
    expect(cluster.nodes().map(({ name, phase }) => [name, phase])).toEqual(nodes.map(({ name }) => [name, 'Ready']));
    expect(cluster.nodes().filter(({ uid }) => nodes.some((node) => node.uid === uid))).toEqual([]);
    expect(generations(cluster)).toEqual([1, 1, 1]);
    expect(cluster.list()).toEqual([a]);
    const after = await kubeconfigOf(arm, cluster.resourceId);
    expect(after.ca.subject).toBe(before.ca.subject);
    expect(after.ca.fingerprint256).not.toBe(before.ca.fingerprint256);
    expect(after.client.verify(before.ca.publicKey)).toBe(false);
    expect(after.token).not.toBe(before.token);
    expect(simulator.journal().filter(({ operation }) => operation === 'RotateClusterCertificates')).toHaveLength(1);
  });

  it('is not seen in kubeconfigs before a minute after its end, unless the seed says otherwise', async () => {
    const { arm, clock } = rig;
    const old = await add({ pools: [{ name: 'system', count: 1 }] });
    const early = await add({ pools: [{ name: 'system', count: 1 }], rotation: { listing: 'new' } });
    const before = await Promise.all([old, early].map(({ resourceId }) => kubeconfigOf(arm, resourceId)));
    const areOthers = async () => {
      const now = await Promise.all([old, early].map(({ resourceId }) => kubeconfigOf(arm, resourceId)));
      return now.map(({ ca }, index) => ca.fingerprint256 !== before[index]!.ca.fingerprint256);
    };
    for (const { resourceId } of [old, early]) await rotate(arm, resourceId);
    await clock.advance(130_000);
    expect([statesOf(old)[0], statesOf(early)[0]]).toEqual([ROTATING, ROTATING]);
    expect(await areOthers()).toEqual([false, true]);
    await clock.advance(105_000);
    expect(statesOf(old)[0]).toBe('Succeeded');
    expect(await areOthers()).toEqual([false, true]);
    await clock.advance(60_000);
    expect(await areOthers()).toEqual([true, true]);
  });

  it('hands out no kubeconfig meanwhile where the seed says so', async () => {
    const { arm, clock } = rig;
    const cluster = await add({ rotation: { listing: 'refused' } });
    await rotate(arm, cluster.resourceId);
    await clock.advance(60_000);
    await expect(kubeconfigOf(arm, cluster.resourceId)).rejects.toThrow('ARM answered 409');
    await clock.advance(HOUR);
    await kubeconfigOf(arm, cluster.resourceId);
  });

  it('can give machines other names, and leaves nodes of node auto-provisioning and virtual ones as they are', async () => {
    const { arm, clock } = rig;
    const seed = { pools: [{ name: 'system', count: 1 }], autoProvisioned: { count: 1 }, virtualNodes: 1 };
    const left = await add({ ...seed, rotation: { nodeNames: 'new' } });
    const replaced = await add({ ...seed, rotation: { autoProvisioned: 'replaced' } });
    const names = left.nodes().map(({ name }) => name);
    for (const { resourceId } of [left, replaced]) await rotate(arm, resourceId);
    await clock.advance(HOUR);
    const pool = left.nodes().find(({ kind }) => kind === 'pool')!;
    expect(names).not.toContain(pool.name);
    const seen = (cluster: SimulatedCluster) =>
      Object.fromEntries(cluster.nodes().map(({ kind, phase, caGeneration }) => [kind, [phase, caGeneration]]));
    expect(seen(left)).toEqual({ pool: ['Ready', 1], autoProvisioned: ['NotReady', 0], virtual: ['Ready', 0] });
    expect(seen(replaced)).toEqual({ pool: ['Ready', 1], autoProvisioned: ['Ready', 1], virtual: ['Ready', 0] });
  });

  it('is refused while another operation runs, and to a stopped cluster', async () => {
    const { arm, clock } = rig;
    const cluster = await add();
    expect((await rotate(arm, cluster.resourceId)).status).toBe(202);
    expect(await rotate(arm, cluster.resourceId)).toMatchObject({ status: 409, body: { code: 'OperationNotAllowed' } });
    expect(await arm.put(cluster.resourceId, withList([rig.a]))).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('in progress rotate cluster certificates managed cluster operation') },
    });
    await clock.advance(HOUR);
    cluster.stop();
    await clock.advance(HOUR);
    const message = expect.stringContaining('Power State(Stopped), rotating certificates cannot be performed');
    expect(await rotate(arm, cluster.resourceId)).toMatchObject({ status: 400, body: { message } });
    expect(await authorities(cluster)).toBe(2);
  });

  it('is refused for good once the cluster is being deleted', async () => {
    const { arm, clock } = rig;
    const cluster = await add();
    const path = `${cluster.resourceId}?api-version=${API_VERSION}`;
    expect((await arm.send('DELETE', path, { authorization: `Bearer ${arm.token}` })).status).toBe(202);
    const message = expect.stringContaining(`'RotateClusterCertificatesOperation' operation on '${nameOf(cluster)}'`);
    expect(await rotate(arm, cluster.resourceId)).toMatchObject({ status: 409, body: { message } });
    await clock.advance(HOUR);
    expect((await rotate(arm, cluster.resourceId)).status).toBe(404);
  });

  it('needs an action of its own', async () => {
    const { simulator } = rig;
    const { resourceId } = await add();
    const action = 'Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action';
    const clients = [['*/read', '*/write'], [action]].map((actions) =>
      simulator.addClient({ roles: [{ scope: '/', actions }] }),
    );
    const answers = [];
    for (const client of clients) {
      const arm = await armClient(simulator, client);
      answers.push(await rotate(arm, resourceId));
      await arm.close();
    }
    expect(answers.map(({ status }) => status)).toEqual([403, 202]);
    expect(answers[0]!.text).toContain(action);
  });
});

describe('a rotation that goes wrong', () => {
  it('fails before the CA has changed', async () => {
    const { arm, clock } = rig;
    const cluster = await add();
    cluster.endOperations({ end: 'Failed', beforeCertificates: true, times: 1 });
    await rotate(arm, cluster.resourceId);
    await clock.advance(HOUR);
    expect(statesOf(cluster)).toEqual(['Failed', 'Failed', 'Failed']);
    expect([await authorities(cluster), generations(cluster)]).toEqual([1, [0, 0, 0]]);
  });

  it.each([
    ['a third CA', undefined, 3],
    ['the second one, where the seed says so', 'same' as const, 2],
  ])(
    'fails with some of the nodes old and not ready, and the next run brings %s',
    async (_, afterFailure, expected) => {
      const { arm, clock } = rig;
      const cluster = await add(afterFailure === undefined ? {} : { rotation: { afterFailure } });
      cluster.failNextOperation({ code: 'InternalOperationError', message: 'Agents are not ready.', afterNodes: 1 });
      const { headers } = await rotate(arm, cluster.resourceId);
      await clock.advance(HOUR);
      expect(statesOf(cluster)[0]).toBe('Failed');
      // As clients report it: "Operation failed with status: 200. Details: Resource state Failed" (Azure/AKS#2184).
      const polled = await arm.get(String(headers['location']).slice(rig.simulator.url.length));
      expect(polled).toMatchObject({ status: 200, body: { properties: { provisioningState: 'Failed' } } });
      expect(generations(cluster)).toEqual([1, 0, 0]);
      expect(cluster.nodes().map(({ phase }) => phase)).toEqual(['Ready', 'NotReady', 'NotReady']);
      await rotate(arm, cluster.resourceId);
      await clock.advance(HOUR);
      expect(statesOf(cluster)[0]).toBe('Succeeded');
      expect(await authorities(cluster)).toBe(expected);
      expect(generations(cluster)).toEqual(Array(3).fill(expected - 1));
      expect(cluster.nodes().every(({ phase }) => phase === 'Ready')).toBe(true);
    },
  );

  it('is canceled with some of the nodes', async () => {
    const { arm, clock } = rig;
    const cluster = await add();
    await rotate(arm, cluster.resourceId);
    await clock.advance(130_000);
    const abort = `${cluster.resourceId}/abort?api-version=${API_VERSION}`;
    expect((await arm.send('POST', abort, { authorization: `Bearer ${arm.token}` })).status).toBe(202);
    await clock.advance(HOUR);
    expect(statesOf(cluster)[0]).toBe('Canceled');
    expect(generations(cluster)).toEqual([1, 0, 0]);
  });

  it('hangs for an hour and a half, and goes on', async () => {
    const { arm, clock } = rig;
    const cluster = await add();
    cluster.endOperations({ end: 'Never' });
    await rotate(arm, cluster.resourceId);
    await clock.advance(1.5 * HOUR);
    expect(statesOf(cluster)[0]).toBe(ROTATING);
    cluster.letOperationsEnd();
    await clock.advance(HOUR);
    expect([statesOf(cluster)[0], generations(cluster)]).toEqual(['Succeeded', [1, 1, 1]]);
  });

  it.each([
    ['over while the cluster is still rotating', { operationAhead: true }, 204, ROTATING],
    ['under way when the cluster has ended', { operationStuck: true }, 202, 'Succeeded'],
  ])('says at its Location that it is %s', async (_, fault, polled, state) => {
    const { arm, clock, simulator } = rig;
    const cluster = await add();
    simulator.faults.add({ operation: 'RotateClusterCertificates', ...fault });
    const { headers } = await rotate(arm, cluster.resourceId);
    await clock.advance(state === ROTATING ? 60_000 : HOUR);
    expect((await arm.get(String(headers['location']).slice(simulator.url.length))).status).toBe(polled);
    expect(statesOf(cluster)[0]).toBe(state);
    await clock.advance(HOUR);
  });

  it.each([
    ['lost after it took effect', { resetAfter: true }, 'cut', 2],
    ['lost before it took effect', { resetBefore: true }, 'cut', 1],
    ['204 and it was done', { noContent: true }, 204, 2],
    ['204 and nothing was done', { status: 204 }, 204, 1],
    ['that the cluster is being deleted', { error: 'rotation-while-deleting' }, 409, 1],
  ])('is answered: %s', async (_, fault, answer, cas) => {
    const { arm, clock, simulator } = rig;
    const cluster = await add();
    simulator.faults.add({ operation: 'RotateClusterCertificates', ...fault });
    const status = await rotate(arm, cluster.resourceId).then(
      (answered) => answered.status,
      () => 'cut',
    );
    expect(status).toBe(answer);
    await clock.advance(HOUR);
    expect(await authorities(cluster)).toBe(cas);
    expect(simulator.journal().filter(({ operation }) => operation === 'RotateClusterCertificates')).toHaveLength(1);
  });

  it('ends where the cluster is deleted and made again, with a CA that no rotation brought', async () => {
    const { arm, clock } = rig;
    const cluster = await add();
    const before = (await cluster.certificates()).authorities[0]!.fingerprint;
    await rotate(arm, cluster.resourceId);
    await clock.advance(60_000);
    await cluster.recreate();
    const { authorities: now } = await cluster.certificates();
    expect([now.length, now[0]!.generation, now[0]!.fingerprint === before]).toEqual([1, 0, false]);
  });
});

describe('without a request', () => {
  it('another person rotates the certificates', async () => {
    const { clock, simulator } = rig;
    const cluster = await add();
    cluster.rotateCertificates();
    expect(statesOf(cluster)).toEqual([ROTATING, ROTATING, ROTATING]);
    expect(() => cluster.rotateCertificates()).toThrow('in progress');
    await clock.advance(HOUR);
    expect([await authorities(cluster), simulator.journal()]).toEqual([2, []]);
  });

  it.each([
    ['ReconcileCertificates', 'ReconcilingClusterCertificates', ['clientPem', 'servingPem']],
    ['RotateTokens', 'RotatingClusterStaticTokens', ['token']],
    ['RotateSigningKeys', 'RotatingServiceAccountSigningKeysInternal', []],
  ] as const)('AKS renews a part of a control plane, and no node: %s', async (kind, state, changed) => {
    const { arm, clock } = rig;
    const cluster = await add();
    const read = async () => {
      const [truth, { token }] = [await cluster.certificates(), await kubeconfigOf(arm, cluster.resourceId)];
      return { ...truth, token };
    };
    const before = await read();
    cluster.startForeignOperation({ kind, seconds: 3 * 3600, end: 'Succeeded' });
    await clock.advance(2 * HOUR);
    expect(statesOf(cluster)).toEqual([state, 'Succeeded', 'Succeeded']);
    expect((await arm.put(cluster.resourceId, withList([rig.a]))).status).toBe(409);
    await clock.advance(2 * HOUR);
    expect(statesOf(cluster)[0]).toBe('Succeeded');
    const after = await read();
    const differs = (key: keyof typeof after) => JSON.stringify(after[key]) !== JSON.stringify(before[key]);
    expect((Object.keys(after) as (keyof typeof after)[]).filter(differs).sort()).toEqual(changed);
    expect(generations(cluster)).toEqual([0, 0, 0]);
  });
});

describe('certificates that have expired', () => {
  const YEARS_AGO = new Date(Date.now() - 3 * 365 * 24 * HOUR).toISOString();

  it.each([
    ['the API server has', {}],
    ['the CA has', { caDays: 730, leafDays: 3650 }],
  ])('keep every change from the cluster but a rotation, when %s', async (_, days) => {
    const { arm, clock } = rig;
    const cluster = await add({ certificates: { createdAt: YEARS_AGO, ...days } });
    const refusal = {
      code: 'BadRequest',
      message: expect.stringContaining('Current Certificates are expired, please rotate certificate'),
    };
    expect(await arm.put(cluster.resourceId, withList([rig.a]))).toMatchObject({ status: 400, body: refusal });
    expect((await rotate(arm, cluster.resourceId)).status).toBe(202);
    await clock.advance(HOUR);
    expect((await arm.put(cluster.resourceId, withList([rig.a]))).status).toBe(200);
    await clock.advance(HOUR);
  });
});
