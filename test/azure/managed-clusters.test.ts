import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterSeed, Fault } from '../../simulator/index.ts';
import type { ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { replaceList } from '../../src/azure/replace-list.ts';
import { createManagedClusters } from '../../src/azure/managed-clusters.ts';
import { makeElements } from '../simulator/certificates.ts';
import { CALM, clustersOver, failureOf, idOf, startArmRig, valueOf, type ArmRig } from './arm-rig.ts';

let rig: ArmRig;
let arm: ManagedClusters;
let element: string;
beforeAll(async () => {
  rig = await startArmRig();
  element = (await makeElements(1))[0]!.base64;
});
beforeEach(async () => {
  // Pauses that ARM asks for in one test shall not reach the next.
  arm = clustersOver(await rig.transport()).arm;
});
afterEach(() => rig.simulator.faults.clear());
afterAll(() => rig.simulator.stop());

let clusters = 0;
function addCluster(seed: Partial<ClusterSeed> = {}) {
  const cluster = rig.simulator.addCluster({ name: `c${++clusters}`, ...seed });
  rig.simulator.clearJournal();
  return { cluster, id: idOf(cluster) };
}
const sent = (operation: string) => rig.simulator.journal().filter((entry) => entry.operation === operation);
const PUT = 'PutManagedCluster';
const GET = 'GetManagedCluster';

describe('reading a cluster', () => {
  it('gives its text, character by character, with what it says and when it was asked', async () => {
    const { id } = addCluster({
      extraBody:
        '{"properties":{"unknown":{"n":12345678901234567890,"f":1.0,"e":1e3,"__proto__":{"a":null}},"é😀":"\\u0041"}}',
    });
    const { arm: timed } = clustersOver(await rig.transport(), 4711);
    const { text, model, readAt } = valueOf(await timed.get(id, CALM));
    const [entry] = sent(GET);
    expect(text).toBe(entry?.responseText);
    expect(text).toContain('"n":12345678901234567890,"f":1.0,"e":1e3,"__proto__":{"a":null}');
    expect(model).toMatchObject({ name: id.name, provisioningState: 'Succeeded', powerState: 'Running' });
    expect(readAt).toBe(4711);
    expect(entry?.apiVersion).toBe('2026-06-01');
  });

  it('that is not there, or not to be seen, fails with what ARM reports', async () => {
    const { id } = addCluster();
    const gone = { ...id, resourceId: `${id.resourceId}-gone`, key: `${id.key}-gone` };
    expect(failureOf(await arm.get(gone, CALM))).toMatchObject({ reason: 'ClusterNotFound', status: 404 });
    const nobody = rig.simulator.addClient({ roles: [] });
    const { arm: theirs } = clustersOver(await rig.transport({ ...rig.secret, ...nobody }));
    const failure = failureOf(await theirs.get(id, CALM));
    expect(failure).toMatchObject({ reason: 'AccessDenied', code: 'AuthorizationFailed' });
    expect(failure.fix).toContain('Microsoft.ContainerService/managedClusters/read');
  });
});

describe('writing a cluster', () => {
  it('sends the body as it is, with the eTag that was read, once', async () => {
    const { id, cluster } = addCluster();
    const { text, model } = valueOf(await arm.get(id, CALM));
    const body = replaceList(text, [{ add: element }]);
    expect(await arm.put(id, body, model.eTag, 'op/1', CALM)).toEqual({ ok: true, value: undefined });
    expect(sent(PUT)).toEqual([
      expect.objectContaining({ requestText: body, ifMatch: model.eTag, apiVersion: '2026-06-01' }),
    ]);
    expect(cluster.list()).toEqual([element]);
  });

  it('asks for any eTag where none was read', async () => {
    const { id } = addCluster();
    expect((await arm.put(id, '{}', undefined, 'op/1', CALM)).ok).toBe(true);
    expect(sent(PUT)[0]).toMatchObject({ ifMatch: '*' });
  });

  it('never makes a cluster again that was deleted since it was read', async () => {
    const { id } = addCluster();
    const { text } = valueOf(await arm.get(id, CALM));
    const gone = idOf({ resourceId: `${id.resourceId}-gone` });
    expect(failureOf(await arm.put(gone, text, undefined, 'op/1', CALM))).toMatchObject({
      reason: 'Conflict',
      status: 412,
      refused: true,
    });
    expect(failureOf(await arm.get(gone, CALM))).toMatchObject({ reason: 'ClusterNotFound' });
  });

  it('over a cluster that moved on is a conflict, and changes nothing', async () => {
    const { id, cluster } = addCluster();
    const { text, model } = valueOf(await arm.get(id, CALM));
    cluster.setState({ provisioningState: 'Succeeded', poolStates: { system: 'Succeeded' } });
    const outcome = await arm.put(id, replaceList(text, [{ add: element }]), `${model.eTag}-old`, 'op/1', CALM);
    expect(failureOf(outcome)).toMatchObject({ reason: 'Conflict', refused: true, status: 412 });
    expect(cluster.list()).toEqual([]);
  });

  it('while another client does is refused as busy', async () => {
    const { id, cluster } = addCluster();
    cluster.changeList([element]);
    expect(failureOf(await arm.put(id, '{}', undefined, 'op/1', CALM))).toMatchObject({
      reason: 'ClusterBusy',
      refused: true,
    });
    await rig.clock.advance(3_600_000);
  });

  it('with what is no certificate is refused by name', async () => {
    const { id } = addCluster();
    const { text } = valueOf(await arm.get(id, CALM));
    const outcome = await arm.put(id, replaceList(text, [{ add: 'bm90IGEgUEVN' }]), undefined, 'op/1', CALM);
    expect(failureOf(outcome)).toMatchObject({ reason: 'CertificateRejected', stalled: true, refused: true });
  });

  it.each<[string, Fault, boolean]>([
    ['429', { status: 429, code: 'Throttled' }, true],
    ['429 with Retry-After', { status: 429, code: 'Throttled', retryAfterSeconds: 1 }, true],
    ['503', { status: 503, code: 'ServiceUnavailable' }, false],
    ['503 with Retry-After', { status: 503, code: 'ServiceUnavailable', retryAfterSeconds: 1 }, false],
    ['500', { status: 500 }, false],
    ['502 with a page', { status: 502, rawBody: '<html>', contentType: 'text/html' }, false],
    ['408', { status: 408, code: 'RequestTimeout' }, false],
    ['409', { status: 409, code: 'OperationNotAllowed', message: 'quota' }, true],
    ['a page of a proxy, 403', { status: 403, rawBody: '<html>', contentType: 'text/html' }, false],
    ['a page of a proxy, 200', { status: 200, rawBody: '<html>', contentType: 'text/html' }, false],
    ['nothing, 200', { status: 200, rawBody: '' }, false],
    ['an error, 200', { status: 200, rawBody: '{"error":{"code":"EtagMismatch","message":"No."}}' }, false],
    ['a cut off answer', { truncateAt: 40 }, false],
    ['a list where a cluster should be', { status: 200, rawBody: '[]' }, false],
    ['a connection cut before', { resetBefore: true }, false],
    ['a connection cut after', { resetAfter: true }, false],
  ])('is never sent again by itself: after %s', async (_what, fault, refused) => {
    const { id } = addCluster();
    rig.simulator.faults.add({ operation: PUT, ...fault });
    expect(failureOf(await arm.put(id, '{}', undefined, 'op/1', CALM)).refused).toBe(refused);
    expect(sent(PUT)).toHaveLength(1);
    await rig.clock.advance(60_000);
  });

  it.each([
    ['resetBefore', []],
    ['resetAfter', ['the element']],
  ])('may have happened where the connection was cut: %s leaves %j', async (fault, left) => {
    const { id, cluster } = addCluster();
    const { text } = valueOf(await arm.get(id, CALM));
    rig.simulator.faults.add({ operation: PUT, [fault]: true });
    const failure = failureOf(await arm.put(id, replaceList(text, [{ add: element }]), undefined, 'op/1', CALM));
    expect(failure).toMatchObject({ reason: 'Unreachable', code: 'NoAnswer', refused: false, stalled: false });
    expect(cluster.list()).toEqual(left.map(() => element));
    await rig.clock.advance(3_600_000);
  });

  it('may have happened where no answer came in time', async () => {
    const { id } = addCluster();
    const { arm: hasty } = clustersOver(await rig.transport(rig.secret, { timeoutMs: 1000 }));
    valueOf(await hasty.get(id, CALM));
    rig.simulator.faults.add({ operation: PUT, latencyMs: 3_600_000 });
    expect(failureOf(await hasty.put(id, '{}', undefined, 'op/1', CALM))).toMatchObject({
      reason: 'Unreachable',
      refused: false,
      message: 'no answer within 1 s',
    });
    expect(sent(PUT)).toHaveLength(1);
  });
});

describe('an answer that is not what it should be', () => {
  it('may be an error with the status of a success: a write that got it may have happened', async () => {
    const { id } = addCluster();
    rig.simulator.faults.add({ operation: PUT, status: 200, rawBody: '{"code":"EtagMismatch","message":"No."}' });
    expect(failureOf(await arm.put(id, '{}', undefined, 'op/1', CALM))).toMatchObject({
      reason: 'Unreachable',
      refused: false,
      message:
        'HTTP 200 came with an error in place of an answer (EtagMismatch: No.); the next reading of the cluster shows whether ARM accepted the list',
    });
    await rig.clock.advance(60_000);
  });

  it.each<[string, Fault, string]>([
    ['a page of a proxy', { rawBody: '<html>Sign in</html>', contentType: 'text/html' }, 'but is HTML or XML'],
    ['nothing', { rawBody: '' }, 'but is empty'],
    ['half of it', { truncateAt: 100 }, 'text that is not JSON, or was cut off'],
    ['a list', { rawBody: '{"value":[]}' }, 'an object at properties, but has nothing'],
    [
      'an error with the status of a success',
      { status: 200, rawBody: '{"error":{"code":"EtagMismatch","message":"No."}}' },
      'HTTP 200 came with an error in place of an answer (EtagMismatch: No.)',
    ],
    [
      'a state that is no text',
      { rawBody: '{"name":"x","properties":{"provisioningState":1}}' },
      'a text at properties.provisioningState',
    ],
    [
      'a page of a proxy as 404',
      { status: 404, rawBody: '<html>', contentType: 'text/html' },
      'HTTP 404 with an HTML or XML page',
    ],
    [
      'a page of a proxy as 403',
      { status: 403, rawBody: '<html>', contentType: 'text/html' },
      'HTTP 403 with an HTML or XML page',
    ],
    [
      'a gateway that gives up',
      { status: 504, rawBody: 'upstream timed out', contentType: 'text/plain' },
      'a body without an error code',
    ],
    ['a broken connection', { resetBefore: true }, ''],
  ])('is no cluster: %s', async (_what, fault, words) => {
    const { id } = addCluster();
    rig.simulator.faults.add({ operation: GET, ...fault });
    const failure = failureOf(await arm.get(id, CALM));
    expect(failure).toMatchObject({ reason: 'Unreachable', stalled: false });
    expect(failure.message).toContain(words);
  });
});

describe('a controller that stops', () => {
  it.each(['get', 'put', 'operationStatus', 'groupIsReadable'] as const)('ends %s with their reason', async (call) => {
    const { id } = addCluster();
    const { text } = valueOf(await arm.get(id, CALM));
    valueOf(await arm.put(id, replaceList(text, [{ add: element }]), undefined, 'op/1', CALM));
    rig.simulator.faults.add({ latencyMs: 3_600_000, times: Infinity });
    const stop = new AbortController();
    const running = {
      get: () => arm.get(id, stop.signal),
      put: () => arm.put(id, '{}', undefined, 'op/1', stop.signal),
      operationStatus: () => arm.operationStatus(id, 'op/1', stop.signal),
      groupIsReadable: () => arm.groupIsReadable(id, stop.signal),
    }[call]();
    stop.abort(new Error('told to stop'));
    await expect(running).rejects.toThrow('told to stop');
  });
});

describe('every call', () => {
  it('is reported, with how it ended and how long it took', async () => {
    const { id } = addCluster();
    const seen: unknown[] = [];
    let now = 0;
    const observed = createManagedClusters({
      transport: await rig.transport(),
      now: () => (now += 5),
      observe: (...call) => seen.push(call),
    });
    await observed.get(id, CALM);
    rig.simulator.faults.add({ status: 404, code: 'ResourceNotFound' });
    await observed.put(id, '{}', undefined, 'op/1', CALM);
    rig.simulator.faults.add({ resetBefore: true });
    await observed.groupIsReadable(id, CALM);
    expect(seen).toEqual([
      [GET, '200', 5],
      [PUT, '404', 5],
      ['GetResourceGroup', 'none', 5],
    ]);
  });
});

describe('the resource group', () => {
  it('can be read by those who may', async () => {
    const { id } = addCluster();
    expect(await arm.groupIsReadable(id, CALM)).toBe(true);
    expect(await arm.groupIsReadable({ ...id, resourceGroup: id.resourceGroup.toUpperCase() }, CALM)).toBe(true);
    expect(sent('GetResourceGroup')[0]?.apiVersion).toBe('2021-04-01');
  });

  it.each<[string, Fault]>([
    ['is gone', { status: 404, code: 'ResourceGroupNotFound' }],
    ['may not be seen', { status: 403, code: 'AuthorizationFailed' }],
    ['does not answer', { resetBefore: true }],
    ['is a page of a proxy', { rawBody: '<html>', contentType: 'text/html' }],
    ['is another one', { rawBody: '{"name":"other"}' }],
    ['is anything else', { rawBody: '{"value":[]}' }],
  ])('cannot be read where it %s', async (_what, fault) => {
    const { id } = addCluster();
    rig.simulator.faults.add({ operation: 'GetResourceGroup', ...fault });
    expect(await arm.groupIsReadable(id, CALM)).toBe(false);
  });
});
