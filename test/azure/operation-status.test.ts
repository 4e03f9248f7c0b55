import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterId } from '../../src/api/resource-id.ts';
import type { ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { readOperationStatus } from '../../src/azure/operation-status.ts';
import { replaceList } from '../../src/azure/replace-list.ts';
import type { ArmTransport } from '../../src/azure/transport.ts';
import { makeElements } from '../simulator/certificates.ts';
import { CALM, clustersOver, idOf, startArmRig, valueOf, type ArmRig } from './arm-rig.ts';

const HOUR = 3_600_000;
const UNKNOWN = { status: 'Unknown', code: '', message: '' };

describe('the body of a status monitor', () => {
  it.each([
    ['Succeeded', 'Succeeded'],
    ['succeeded', 'Succeeded'],
    ['FAILED', 'Failed'],
    ['Canceled', 'Canceled'],
    ['InProgress', 'InProgress'],
    ['Canceling', 'InProgress'],
    ['Running', 'InProgress'],
    ['', 'InProgress'],
  ])('with status %j means %s', (status, expected) => {
    expect(readOperationStatus(JSON.stringify({ status }))).toEqual({ status: expected, code: '', message: '' });
  });

  it('says why it failed', () => {
    const text = '{"status":"Failed","error":{"code":"QuotaExceeded","message":"no cores left","details":[]}}';
    expect(readOperationStatus(text)).toEqual({ status: 'Failed', code: 'QuotaExceeded', message: 'no cores left' });
  });

  it('says why it failed where only the details tell', () => {
    const error = {
      code: 'ResourceOperationFailure',
      message: 'It failed.',
      details: [{ code: 'NodesNotReady', message: '' }],
    };
    expect(readOperationStatus(JSON.stringify({ status: 'Failed', error })).message).toBe('It failed. (NodesNotReady)');
  });

  it.each([
    '{"status":"Failed","error":null}',
    '{"status":"Failed","error":"x"}',
    '{"status":"Failed","error":[7]}',
    '{"status":"Failed","error":false}',
    '{"status":"Failed","error":{"code":{},"message":[]}}',
    '{"status":"Failed","error":{"code":7}}',
  ])('with an error that does not read still failed: %s', (text) => {
    expect(readOperationStatus(text)).toEqual({ status: 'Failed', code: '', message: '' });
  });

  it.each([
    '',
    '<html>',
    'null',
    '[]',
    '{"status":{}}',
    '{"status":["Failed"]}',
    '"Succeeded"',
    '{}',
    '{"status":7}',
    '{"status":"Succ',
  ])('that reads %j says nothing', (text) => {
    expect(readOperationStatus(text)).toEqual(UNKNOWN);
  });
});

describe('the operation of our last write', () => {
  let rig: ArmRig;
  let transport: ArmTransport;
  let arm: ManagedClusters;
  let elements: string[];
  beforeAll(async () => {
    rig = await startArmRig();
    elements = (await makeElements(2)).map(({ base64 }) => base64);
    transport = await rig.transport();
  });
  beforeEach(() => {
    arm = clustersOver(transport).arm;
    rig.simulator.faults.clear();
  });
  afterAll(() => rig.simulator.stop());

  let clusters = 0;
  function addCluster() {
    const cluster = rig.simulator.addCluster({ name: `c${++clusters}` });
    return { cluster, id: idOf(cluster) };
  }
  async function write(id: ClusterId, list: readonly string[] = elements, by = arm, attempt = 'op/1') {
    const { text } = valueOf(await by.get(id, CALM));
    return by.put(
      id,
      replaceList(
        text,
        list.map((add) => ({ add })),
      ),
      undefined,
      attempt,
      CALM,
    );
  }
  const monitored = () => rig.simulator.journal().filter(({ operation }) => operation === 'GetOperationStatus');

  it('is unknown before there was one', async () => {
    const { id } = addCluster();
    rig.simulator.clearJournal();
    expect(await arm.operationStatus(id, 'op/1', CALM)).toEqual(UNKNOWN);
    expect(monitored()).toEqual([]);
  });

  it('is unknown for another attempt than the last one: how that ended says nothing of this one', async () => {
    const { id } = addCluster();
    valueOf(await write(id));
    expect((await arm.operationStatus(id, 'op/1', CALM)).status).toBe('InProgress');
    expect(await arm.operationStatus(id, 'op/2', CALM)).toEqual(UNKNOWN);
    expect(await arm.operationStatus(id, 'other/1', CALM)).toEqual(UNKNOWN);
  });

  it('runs, and then has ended well', async () => {
    const { id } = addCluster();
    valueOf(await write(id));
    expect(await arm.operationStatus(id, 'op/1', CALM)).toEqual({ ...UNKNOWN, status: 'InProgress' });
    await rig.clock.advance(HOUR);
    expect(await arm.operationStatus(id, 'op/1', CALM)).toEqual({ ...UNKNOWN, status: 'Succeeded' });
  });

  it('is asked for at the address that ARM gave, signature and all', async () => {
    const { id } = addCluster();
    let given = '';
    const listening = clustersOver({
      ...transport,
      async send(request) {
        const response = await transport.send(request);
        given = response.header('azure-asyncoperation') ?? given;
        return response;
      },
    }).arm;
    valueOf(await write(id, elements, listening));
    rig.simulator.clearJournal();
    await listening.operationStatus(id, 'op/1', CALM);
    expect(monitored().map(({ path, query }) => `${rig.simulator.url}${path}?${query}`)).toEqual([given]);
    expect(given).toMatch(/api-version=2017-08-31&t=\d+&s=[0-9a-f]+$/);
    await rig.clock.advance(HOUR);
  });

  it('says why it failed', async () => {
    const { id, cluster } = addCluster();
    cluster.failNextOperation({ code: 'UnsatisfiablePDB', message: 'no eviction', afterNodes: 1 });
    valueOf(await write(id));
    await rig.clock.advance(HOUR);
    const status = await arm.operationStatus(id, 'op/1', CALM);
    expect(status).toEqual({ status: 'Failed', code: 'UnsatisfiablePDB', message: 'no eviction' });
    const { model } = valueOf(await arm.get(id, CALM));
    expect(model).toMatchObject({
      provisioningState: 'Failed',
      provisioningError: { code: 'UnsatisfiablePDB', message: 'no eviction' },
    });
  });

  it('may have been canceled', async () => {
    const { id, cluster } = addCluster();
    valueOf(await write(id));
    cluster.abort();
    await rig.clock.advance(HOUR);
    expect((await arm.operationStatus(id, 'op/1', CALM)).status).toBe('Canceled');
  });

  it('is known of the last thousand clusters that were written to, so that memory is bounded', async () => {
    const { id } = addCluster();
    const { text } = valueOf(await arm.get(id, CALM));
    const asked: string[] = [];
    const counting = clustersOver({
      ...transport,
      async send({ method, target }) {
        if (method === 'GET') asked.push(target);
        const header = () => (method === 'PUT' ? `https://arm.test${target}/operation` : undefined);
        return { status: 200, text: method === 'PUT' ? text : '{"status":"Failed"}', header };
      },
    }).arm;
    const ids = Array.from({ length: 1001 }, (_, n) => idOf({ resourceId: `${id.resourceId}x${n}` }));
    for (const one of ids) valueOf(await counting.put(one, text, undefined, 'op/1', CALM));
    const statuses = await Promise.all(ids.map((one) => counting.operationStatus(one, 'op/1', CALM)));
    expect(statuses.map(({ status }) => status)).toEqual(['Unknown', ...Array<string>(1000).fill('Failed')]);
    expect(asked).toHaveLength(1000);
  });

  it('is another one after each write, and unknown where a write brought none', async () => {
    const { id } = addCluster();
    valueOf(await write(id));
    await rig.clock.advance(HOUR);
    valueOf(await write(id, elements.slice(1)));
    expect((await arm.operationStatus(id, 'op/1', CALM)).status).toBe('InProgress');
    await rig.clock.advance(HOUR);
    rig.simulator.faults.add({ operation: 'PutManagedCluster', resetAfter: true });
    expect((await write(id)).ok).toBe(false);
    expect(await arm.operationStatus(id, 'op/1', CALM)).toEqual(UNKNOWN);
    await rig.clock.advance(HOUR);
  });

  it('is unknown to those who may not read operations, and to others than the writer', async () => {
    const { id, cluster } = addCluster();
    const roles = [{ scope: cluster.resourceId, actions: ['Microsoft.ContainerService/managedClusters/*'] }];
    const { arm: limited } = clustersOver(
      await rig.transport({ ...rig.secret, ...rig.simulator.addClient({ roles }) }),
    );
    valueOf(await write(id, elements, limited));
    expect(await limited.operationStatus(id, 'op/1', CALM)).toEqual(UNKNOWN);
    expect(await arm.operationStatus(id, 'op/1', CALM)).toEqual(UNKNOWN);
    await rig.clock.advance(HOUR);
  });

  it.each([{ rawBody: '<html>' }, { status: 404, code: 'NotFound' }, { resetBefore: true }])(
    'is unknown where its monitor answers %j',
    async (fault) => {
      const { id } = addCluster();
      valueOf(await write(id));
      rig.simulator.faults.add({ operation: 'GetOperationStatus', ...fault });
      expect(await arm.operationStatus(id, 'op/1', CALM)).toEqual(UNKNOWN);
      await rig.clock.advance(HOUR);
    },
  );

  it('is never asked for outside of ARM', async () => {
    const { id } = addCluster();
    const elsewhere = await startArmRig();
    const { arm: misled } = clustersOver({
      ...transport,
      async send(request) {
        const response = await transport.send(request);
        return { ...response, header: () => `${elsewhere.simulator.url}/operations/1?api-version=1` };
      },
    });
    valueOf(await write(id, elements, misled));
    expect(await misled.operationStatus(id, 'op/1', CALM)).toEqual(UNKNOWN);
    expect(elsewhere.simulator.journal()).toEqual([]);
    await elsewhere.simulator.stop();
    await rig.clock.advance(HOUR);
  });
});
