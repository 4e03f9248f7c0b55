import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { perform } from '../../simulator/control/actions.ts';
import { faultOf } from '../../simulator/control/fault-entry.ts';
import type { Fault, SimulatedCluster, Simulator, SteppedClock } from '../../simulator/index.ts';
import { CORPUS } from '../corpus.ts';
import type { ArmClient } from './arm-client.ts';
import { HOUR, IN_PLACE, startStepped, withList } from './stepped.ts';

let clock: SteppedClock;
let simulator: Simulator;
let arm: ArmClient;
let a: string;
let b: string;

beforeAll(async () => {
  ({ clock, simulator, arm, a, b } = await startStepped());
});
afterEach(() => simulator.faults.clear());
afterAll(async () => {
  await arm.close();
  await simulator.stop();
});

const had = (cluster: SimulatedCluster) => cluster.nodes().map(({ bornWith }) => bornWith.length);

async function addCluster(seed: object = {}): Promise<SimulatedCluster> {
  const pools = [{ name: 'system', count: 3, ...IN_PLACE }];
  const cluster = simulator.addCluster({ name: `c-${randomUUID()}`, pools, ...seed });
  await cluster.ready();
  return cluster;
}

describe('a fault that never ends', () => {
  it.each<[string, Fault, { status: number; text: string }]>([
    [
      'a refusal',
      { status: 403, code: 'RequestDisallowedByPolicy' },
      { status: 403, text: 'RequestDisallowedByPolicy' },
    ],
    ['a 5xx', { status: 500, code: 'InternalServerError' }, { status: 500, text: 'InternalServerError' }],
    [
      'a page of a proxy',
      { status: 403, rawBody: '<html>Blocked</html>', contentType: 'text/html' },
      { status: 403, text: '<html>Blocked</html>' },
    ],
    ['real words', { error: 'another-agentpool-operation' }, { status: 409, text: 'Another agentpool operation (' }],
  ])('meets every request (%s) until it is cleared', async (_, fault, { status, text }) => {
    const cluster = await addCluster();
    simulator.faults.add({ ...fault, operation: 'PutManagedCluster', times: 'always' });
    for (let n = 0; n < 5; n++) {
      const answer = await arm.put(cluster.resourceId, withList([a]));
      expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
    }
    expect(cluster.list()).toEqual([]);
    simulator.faults.clear();
    expect((await arm.put(cluster.resourceId, '{}')).status).toBe(200);
  });

  it.each([3_153_600_000, 9_999_999_999_999, 'next year', '-1'])(
    'may ask clients to come back after %s',
    async (after) => {
      const cluster = await addCluster();
      simulator.faults.add({ error: 'throttled-by-aks', retryAfterSeconds: after, times: 'always' });
      const answer = await arm.get(cluster.resourceId);
      expect([answer.status, answer.headers['retry-after']]).toEqual([429, String(after)]);
    },
  );

  it.each(CORPUS.errors.map(({ id }) => [id]))('speaks the words of %s as they came', async (id) => {
    const cluster = await addCluster({ pools: [] });
    simulator.faults.add({ error: id });
    const { status, body, retryAfter } = CORPUS.errors.find((entry) => entry.id === id)! as {
      status: number;
      body: unknown;
      retryAfter?: string;
    };
    const answer = await arm.get(cluster.resourceId);
    expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([status, body, retryAfter]);
  });

  it('may meet several operations, or all reads, and leave the others alone', async () => {
    const cluster = await addCluster();
    const list = `/subscriptions/${simulator.subscriptionId}/providers/Microsoft.ContainerService/managedClusters`;
    const lists = ['ListManagedClusters', 'ListManagedClustersByResourceGroup'] as const;
    simulator.faults.add({ operation: lists, times: 'always', status: 500 });
    const inGroup = cluster.resourceId.slice(0, cluster.resourceId.lastIndexOf('/'));
    for (const path of [list, inGroup, list]) expect((await arm.get(path)).status).toBe(500);
    expect((await arm.get(cluster.resourceId)).status).toBe(200);
    simulator.faults.clear();
    simulator.faults.add({ access: 'read', times: 'always', status: 503 });
    expect((await arm.get(cluster.resourceId)).status).toBe(503);
    expect((await arm.get(list)).status).toBe(503);
    expect((await arm.put(cluster.resourceId, '{}')).status).toBe(200);
    simulator.faults.clear();
    simulator.faults.add({ access: 'write', times: 'always', status: 503 });
    expect((await arm.get(cluster.resourceId)).status).toBe(200);
    expect((await arm.put(cluster.resourceId, '{}')).status).toBe(503);
  });

  it.each([
    ['before', { silentBefore: true } as const, []],
    ['after', { silentAfter: true } as const, [1]],
  ])('may be silence, %s the change took effect', async (_, fault, elements) => {
    const cluster = await addCluster();
    simulator.faults.add({ ...fault, operation: 'PutManagedCluster', times: 'always' });
    const agent = new Agent({ connect: { ca: simulator.caPem }, headersTimeout: 300 });
    const asked = request(`${simulator.url}${cluster.resourceId}?api-version=2026-04-01`, {
      method: 'PUT',
      dispatcher: agent,
      headers: { authorization: `Bearer ${arm.token}` },
      body: withList([a]),
    });
    await expect(asked).rejects.toThrow(/headers timeout/i);
    await agent.close();
    expect(cluster.list()).toHaveLength(elements.length);
    expect(simulator.journal().at(-1)).toMatchObject({ operation: 'PutManagedCluster', lost: true });
    await clock.advance(HOUR);
  });

  it.each([
    ['ignored', 0, 'Succeeded'],
    ['rolled', 3, 'Updating'],
  ] as const)('may take a PUT and drop its list: %s', async (dropList, replaced, state) => {
    const cluster = await addCluster({ customCATrustCertificates: [b] });
    const before = cluster.nodes().map(({ uid }) => uid);
    simulator.faults.add({ operation: 'PutManagedCluster', dropList, times: 'always' });
    const answer = await arm.put(cluster.resourceId, withList([b, a]));
    expect([answer.status, cluster.provisioningState]).toEqual([200, state]);
    await clock.advance(HOUR);
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(cluster.list()).toEqual([b]);
    expect(cluster.nodes().filter(({ uid }) => !before.includes(uid))).toHaveLength(replaced);
    expect(cluster.nodes().map(({ bornWith }) => bornWith)).toEqual([[b], [b], [b]]);
  });

  it.each([
    [{ operatoin: 'PutManagedCluster' }, 'A fault has no operatoin'],
    [{ error: 'no-such-words' }, 'corpus.json has no error no-such-words'],
    [{ times: null }, 'times: "always"'],
    ['PutManagedCluster', 'A fault is an object'],
  ])('is refused when it would silently do nothing: %j', (entry, reason) => {
    expect(() => faultOf(entry)).toThrow(reason);
  });
});

describe('operations of a cluster', () => {
  it('may fail again at each resume, until they are let end', async () => {
    const cluster = await addCluster();
    await perform(cluster, { action: 'endOperations', end: 'Failed', code: 'QuotaExceeded', message: 'None left.' });
    for (let n = 0; n < 3; n++) {
      expect((await arm.put(cluster.resourceId, withList([a]))).status).toBe(200);
      await clock.advance(HOUR);
      expect(cluster.provisioningState).toBe('Failed');
    }
    expect(had(cluster)).toEqual([0, 0, 0]);
    await perform(cluster, { action: 'letOperationsEnd' });
    await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(HOUR);
    expect([cluster.provisioningState, ...had(cluster)]).toEqual(['Succeeded', 1, 1, 1]);
  });

  it('may be canceled one after the other, each some nodes later', async () => {
    const cluster = await addCluster();
    cluster.endOperations({ end: 'Canceled', afterNodes: 1, times: 2 });
    const seen: unknown[] = [];
    for (let n = 0; n < 3; n++) {
      await arm.put(cluster.resourceId, withList([a]));
      await clock.advance(HOUR);
      seen.push([cluster.provisioningState, ...had(cluster)]);
    }
    expect(seen).toEqual([
      ['Canceled', 1, 0, 0],
      ['Canceled', 1, 1, 0],
      ['Succeeded', 1, 1, 1],
    ]);
  });

  it('may hang for ever: Updating, until they are aborted', async () => {
    const cluster = await addCluster();
    cluster.endOperations({ end: 'Never', afterNodes: 1 });
    await arm.put(cluster.resourceId, withList([a]));
    for (let hours = 0; hours < 48; hours += 24) {
      await clock.advance(24 * HOUR);
      expect([cluster.provisioningState, ...had(cluster)]).toEqual(['Updating', 1, 0, 0]);
    }
    cluster.abort();
    await clock.advance(HOUR);
    expect(cluster.provisioningState).toBe('Canceled');
  });

  it('go on from where they hang when the condition ends, and are canceled by a deletion', async () => {
    const [released, deleted] = [await addCluster(), await addCluster()];
    for (const cluster of [released, deleted]) {
      cluster.endOperations({ end: 'Never' });
      await arm.put(cluster.resourceId, withList([a]));
    }
    await clock.advance(HOUR);
    released.letOperationsEnd();
    await deleted.delete();
    await clock.advance(HOUR);
    expect([released.provisioningState, ...had(released)]).toEqual(['Succeeded', 1, 1, 1]);
    expect(deleted.exists).toBe(false);
  });
});

describe('a node', () => {
  it.each(['Quarantined', 'Deallocated'] as const)(
    'that is %s is left old by every operation, which ends well',
    async (how) => {
      const cluster = await addCluster();
      await perform(cluster, { action: 'leaveNode', pool: 'system', how });
      for (const list of [[a], [a, b]]) {
        await arm.put(cluster.resourceId, withList(list));
        await clock.advance(HOUR);
        expect([cluster.provisioningState, ...had(cluster)]).toEqual(['Succeeded', 0, list.length, list.length]);
      }
      expect(cluster.nodes().map(({ phase }) => phase)).toEqual([how, 'Ready', 'Ready']);
      await perform(cluster, { action: 'takeNodeUp', node: cluster.nodes()[0]!.name });
      await arm.put(cluster.resourceId, withList([b]));
      await clock.advance(HOUR);
      expect(had(cluster)).toEqual([1, 1, 1]);
    },
  );

  it('that a person attached by hand is neither counted nor replaced', async () => {
    const cluster = await addCluster({ customCATrustCertificates: [b] });
    await perform(cluster, { action: 'attachNode', pool: 'system' });
    await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(HOUR);
    expect(had(cluster)).toEqual([1, 1, 1, 0]);
    const { body } = await arm.get(`${cluster.resourceId}/agentPools/system`);
    expect(body).toMatchObject({ properties: { count: 3, provisioningState: 'Succeeded' } });
    expect((await arm.get(`${cluster.resourceId}/agentPools/system/machines`)).body?.['value']).toHaveLength(3);
    cluster.scale('system', 2);
    await clock.advance(HOUR);
    expect(cluster.nodes().map(({ phase }) => phase)).toEqual(['Ready', 'Ready', 'Attached']);
  });
});

describe('a target', () => {
  it('may have lists that never end, until its own is served again', async () => {
    const cluster = await addCluster();
    const target = await cluster.serveEndlessTarget({ pageSize: 10 });
    const agent = new Agent({ connect: { ca: target.access.caPem } });
    const names = new Set<string>();
    let next = '';
    for (let page = 0; page < 50; page++) {
      const { body } = await request(`${target.access.server}/api/v1/nodes?limit=10&continue=${next}`, {
        dispatcher: agent,
      });
      const list = (await body.json()) as { metadata: { continue: string }; items: { metadata: { name: string } }[] };
      next = list.metadata.continue;
      for (const { metadata } of list.items) names.add(metadata.name);
    }
    await agent.close();
    expect([names.size, target.pages(), next]).toEqual([500, 50, 'page-50']);
    const kubeconfig = async () => {
      const answer = await arm.send('POST', `${cluster.resourceId}/listClusterAdminCredential?api-version=2026-04-01`, {
        authorization: `Bearer ${arm.token}`,
      });
      const { kubeconfigs } = answer.body as { kubeconfigs: { value: string }[] };
      return Buffer.from(kubeconfigs[0]!.value, 'base64').toString();
    };
    expect(await kubeconfig()).toContain(`server: ${target.access.server}\n`);
    await perform(cluster, { action: 'serveOwnTarget' });
    expect(await kubeconfig()).not.toContain(target.access.server);
    await cluster.delete();
  });
});
