import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startSimulator, steppedClock } from '../../simulator/index.ts';
import type { Simulator, SteppedClock } from '../../simulator/index.ts';
import { armClient } from './arm-client.ts';
import type { ArmAnswer, ArmClient } from './arm-client.ts';
import { makeElements } from './certificates.ts';

let clock: SteppedClock;
let simulator: Simulator;
let arm: ArmClient;
let element: string;

beforeAll(async () => {
  clock = steppedClock(Date.parse('2026-01-01T00:00:00Z'));
  simulator = await startSimulator({ clock, nodeSeconds: 100 });
  arm = await armClient(simulator);
  element = (await makeElements(1))[0]!.base64;
});
afterEach(() => simulator.faults.clear());
afterAll(async () => {
  await arm.close();
  await simulator.stop();
});

const addCluster = () => simulator.addCluster({ name: `c-${randomUUID()}` });
const withList = (list: readonly string[]) =>
  JSON.stringify({ properties: { securityProfile: { customCATrustCertificates: list } } });
const HOUR = 3_600_000;

function monitor(answer: ArmAnswer): Promise<ArmAnswer> {
  return arm.get(String(answer.headers['azure-asyncoperation']).slice(simulator.url.length));
}

describe('a connection', () => {
  it('that is cut before anything was done leaves the cluster as it was', async () => {
    const cluster = addCluster();
    simulator.faults.add({ operation: 'PutManagedCluster', resourceId: cluster.resourceId, resetBefore: true });
    await expect(arm.put(cluster.resourceId, withList([element]))).rejects.toThrow();
    expect(cluster.list()).toEqual([]);
    expect(simulator.journal().at(-1)).toMatchObject({ operation: 'PutManagedCluster', status: 0, lost: true });
  });

  it('that is cut after the change took effect loses the answer only', async () => {
    const cluster = addCluster();
    simulator.faults.add({ operation: 'PutManagedCluster', resourceId: cluster.resourceId, resetAfter: true });
    await expect(arm.put(cluster.resourceId, withList([element]))).rejects.toThrow();
    expect(cluster.list()).toEqual([element]);
    expect(simulator.journal().at(-1)).toMatchObject({ status: 200, lost: true });
    await clock.advance(HOUR);
    expect(cluster.provisioningState).toBe('Succeeded');
  });

  it('may end at a server whose clock is days ahead', async () => {
    const { resourceId } = addCluster();
    const DAYS = 2 * 24 * 3600;
    const dateOf = async () => Date.parse(String((await arm.get(resourceId)).headers['date'])) - Date.now();
    simulator.faults.add({ operation: 'GetManagedCluster', dateOffsetSeconds: DAYS });
    expect(Math.abs((await dateOf()) - DAYS * 1000)).toBeLessThan(10_000);
    expect(Math.abs(await dateOf())).toBeLessThan(10_000);
  });

  it('may be slow', async () => {
    const cluster = addCluster();
    simulator.faults.add({ operation: 'GetManagedCluster', latencyMs: 60_000 });
    let answered = false;
    const answer = arm.get(cluster.resourceId).then((got) => {
      answered = true;
      return got;
    });
    while (clock.sleepers() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    await clock.advance(60_000);
    expect((await answer).status).toBe(200);
  });
});

describe('a fault', () => {
  it('answers instead of ARM, so often, for the cluster and operation it is for', async () => {
    const [meant, other] = [addCluster(), addCluster()];
    simulator.faults.add({
      operation: 'GetManagedCluster',
      resourceId: meant.resourceId.toUpperCase(),
      times: 2,
      status: 503,
      code: 'ServiceUnavailable',
      message: 'Later.',
      retryAfterSeconds: 7,
    });
    expect((await arm.get(other.resourceId)).status).toBe(200);
    const answer = await arm.get(meant.resourceId);
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'ServiceUnavailable', message: 'Later.' } } });
    expect(answer.headers['retry-after']).toBe('7');
    expect((await arm.get(`${meant.resourceId}/agentPools`)).status).toBe(200);
    expect((await arm.get(meant.resourceId)).status).toBe(503);
    expect((await arm.get(meant.resourceId)).status).toBe(200);
    expect(simulator.faults.pending()).toEqual([]);
  });

  it('can wait for a later request, be taken back, and send a bare error body', async () => {
    const cluster = addCluster();
    const fault = {
      resourceId: cluster.resourceId,
      status: 409,
      code: 'EtagMismatch',
      message: 'Lost.',
      unwrapped: true,
    };
    simulator.faults.add({ ...fault, after: 1 });
    expect((await arm.put(cluster.resourceId, '{}')).status).toBe(200);
    expect(await arm.put(cluster.resourceId, '{}')).toMatchObject({
      status: 409,
      body: { code: 'EtagMismatch', message: 'Lost.' },
    });
    simulator.faults.add(fault)();
    expect((await arm.put(cluster.resourceId, '{}')).status).toBe(200);
  });

  it('sends what is no answer of ARM at all', async () => {
    const cluster = addCluster();
    simulator.faults.add({ rawBody: '<html>Proxy</html>', contentType: 'text/html', status: 502 });
    const html = await arm.get(cluster.resourceId);
    expect([html.status, html.text, html.headers['content-type']]).toEqual([502, '<html>Proxy</html>', 'text/html']);
    simulator.faults.add({ truncateAt: 100 });
    const half = await arm.get(cluster.resourceId);
    expect(half.text).toHaveLength(100);
    expect(half.body).toBeUndefined();
  });

  it('serves reads of the past for a while', async () => {
    const cluster = addCluster();
    const before = await arm.get(cluster.resourceId);
    simulator.faults.add({ resourceId: cluster.resourceId, staleReads: 30 });
    await arm.put(cluster.resourceId, withList([element]));
    expect((await arm.get(cluster.resourceId)).text).toBe(before.text);
    expect((await arm.get(`${cluster.resourceId}/agentPools`)).text).toContain('"provisioningState":"Succeeded"');
    await clock.advance(31_000);
    expect((await arm.get(cluster.resourceId)).body).toMatchObject({ properties: { provisioningState: 'Updating' } });
    await clock.advance(HOUR);
  });

  it('makes the monitor of an operation say what is not so', async () => {
    const [stuck, ahead] = [addCluster(), addCluster()];
    simulator.faults.add({ operation: 'PutManagedCluster', operationStuck: true });
    const first = await arm.put(stuck.resourceId, withList([element]));
    await clock.advance(HOUR);
    expect(stuck.provisioningState).toBe('Succeeded');
    expect((await monitor(first)).body).toMatchObject({ status: 'InProgress' });

    simulator.faults.add({ operation: 'PutManagedCluster', operationAhead: true });
    const second = await arm.put(ahead.resourceId, withList([element]));
    expect((await monitor(second)).body).toMatchObject({ status: 'Succeeded' });
    expect(ahead.provisioningState).toBe('Updating');
    await clock.advance(HOUR);
  });

  it('disturbs sign-in when it is asked to', async () => {
    simulator.faults.add({ operation: 'GetToken', status: 500, code: 'server_error' });
    const { clientId, clientSecret } = simulator.addClient();
    const refused = await armClient(simulator, { clientId, clientSecret });
    expect(refused.token).toBe('undefined');
    await refused.close();
  });
});

describe('throttling', () => {
  it('lets twenty PUTs of a cluster through, then one a minute', async () => {
    const [cluster, other] = [addCluster(), addCluster()];
    for (let n = 0; n < 20; n++) expect((await arm.put(cluster.resourceId, '{}')).status).toBe(200);
    const refused = await arm.put(cluster.resourceId, '{}');
    expect(refused).toMatchObject({
      status: 429,
      body: {
        code: 'Throttled',
        message: expect.stringContaining(`SubID='${simulator.subscriptionId}', please retry again in 60 seconds.`),
      },
    });
    expect(refused.headers['retry-after']).toBe('60');
    expect((await arm.put(other.resourceId, '{}')).status).toBe(200);
    await clock.advance(60_000);
    expect((await arm.put(cluster.resourceId, '{}')).status).toBe(200);
    expect((await arm.put(cluster.resourceId, '{}')).status).toBe(429);
  });

  it('says how many reads are left to a client', async () => {
    const cluster = addCluster();
    const left = async () =>
      Number((await arm.get(cluster.resourceId)).headers['x-ms-ratelimit-remaining-subscription-reads']);
    const first = await left();
    expect(await left()).toBe(first - 1);
  });
});
