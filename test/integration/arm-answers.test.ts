import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Fault } from '../../simulator/index.ts';
import { condition, entry, eventually, fingerprints, isReady, listed, roots, startRig, type Rig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const certificates = [entry('a', ...roots(0))];

describe('what ARM answers to a write', () => {
  it.each<[string, Fault]>([
    [
      '409 for another operation',
      {
        status: 409,
        code: 'OperationNotAllowed',
        message:
          'Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation.',
      },
    ],
    [
      '409 EtagMismatch, un-wrapped',
      {
        status: 409,
        code: 'EtagMismatch',
        message: 'Operation is not allowed: Another operation is in progress',
        unwrapped: true,
      },
    ],
    ['412', { status: 412, code: 'PreconditionFailed', message: 'the eTag is another one' }],
    [
      '429 with Retry-After',
      { status: 429, code: 'Throttled', message: 'please retry again in 1 seconds', retryAfterSeconds: 1 },
    ],
  ])('%s is followed by a fresh read and one more write', async (_name, fault) => {
    const cluster = await rig.addCluster();
    rig.simulator.faults.add({ operation: 'PutManagedCluster', resourceId: cluster.resourceId, ...fault });
    await rig.startController({ wrapArm: shortWaits });
    const startedAt = Date.now();
    await rig.apply('one', cluster, { certificates });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(2);
    expect(listed(cluster)).toEqual(fingerprints(0));
    if (fault.retryAfterSeconds) expect(Date.now() - startedAt).toBeGreaterThan(1000);
    expect((await rig.record(cluster))?.status?.refusal).toBeUndefined();
  });

  it.each<[string, Fault]>([
    [
      'ScopeLocked',
      {
        status: 409,
        code: 'ScopeLocked',
        message:
          "The scope 'x' cannot perform write operation because following scope(s) are locked: '/subscriptions/s'. Please remove the lock and try again.",
      },
    ],
    [
      'DisallowedByPolicy',
      {
        status: 403,
        code: 'RequestDisallowedByPolicy',
        message: "Resource 'c' was disallowed by policy. Policy identifiers: 'p'.",
      },
    ],
    [
      'BlockedByNodeDisruptionPolicy',
      { status: 400, code: 'OperationBlockedByNodeDisruptionPolicy', message: 'blocked' },
    ],
    ['UpdateFailed', { status: 400, code: 'InvalidParameter', message: 'something else is wrong' }],
  ])('%s is said, and sent again only after an edit or a request', async (reason, fault) => {
    const cluster = await rig.addCluster();
    rig.simulator.faults.add({ operation: 'PutManagedCluster', resourceId: cluster.resourceId, ...fault });
    await rig.startController();
    await rig.apply('one', cluster, { certificates });
    const object = await rig.until('one', (object) => condition(object, 'Applied')?.reason === reason, reason);
    expect(condition(object, 'Stalled')?.status).toBe('True');
    expect(condition(object, 'Applied')?.message).toContain(fault.code);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(rig.puts(cluster)).toHaveLength(1);
    await rig.annotate('one', { 'aks-ca-trust.dev/reconcile-requested-at': reason });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(2);
  });

  it('that it is taken in the maintenance window only is said with the opening, for which ARM is asked once', async () => {
    const cluster = await rig.addCluster();
    const { resourceId } = cluster;
    const code = 'OperationOutsideNodeDisruptionWindow';
    rig.simulator.faults.add({ operation: 'PutManagedCluster', resourceId, status: 400, code, message: 'not now' });
    const opening = new Date(Date.now() + 2 * 3_600_000).toISOString().slice(0, 16);
    const maintenanceWindow = {
      schedule: { daily: { intervalDays: 1 } },
      durationHours: 4,
      utcOffset: '+00:00',
      startTime: opening.slice(11),
    };
    rig.simulator.faults.add({
      operation: 'GetMaintenanceConfiguration',
      resourceId,
      status: 200,
      rawBody: JSON.stringify({ properties: { maintenanceWindow } }),
    });
    await rig.startController();
    await rig.apply('one', cluster, { certificates });
    const object = await rig.until(
      'one',
      (object) => condition(object, 'Applied')?.reason === 'WaitingForMaintenanceWindow',
      'WaitingForMaintenanceWindow',
    );
    expect(condition(object, 'Applied')?.message).toContain(
      `Next attempt at ${opening}:00Z, when the maintenance window opens.`,
    );
    expect((await rig.record(cluster))?.status?.refusal?.atOpening).toBe(true);
    await rig.annotate('one', { 'aks-ca-trust.dev/reconcile-requested-at': 'now' });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(2);
    const reads = rig.simulator
      .journal()
      .filter((entry) => entry.operation === 'GetMaintenanceConfiguration' && entry.resourceId?.startsWith(resourceId));
    expect(reads).toHaveLength(1);
  });

  it('a refused certificate holds the object that added it, and no other object', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('good', cluster, { certificates });
    await rig.until('good', isReady, 'Ready');
    rig.simulator.faults.add({
      operation: 'PutManagedCluster',
      resourceId: cluster.resourceId,
      status: 400,
      code: 'InvalidParameter',
      message: 'failed to decode one of SecurityProfile.CustomCATrustCertificates to PEM after base64 decoding',
    });
    await rig.apply('bad', cluster, { certificates: [entry('b', ...roots(1))] });
    const rejected = await rig.until(
      'bad',
      (object) => condition(object, 'Applied')?.reason === 'CertificateRejected',
      'CertificateRejected',
    );
    expect(condition(rejected, 'Applied')?.message).toContain(fingerprints(1)[0]);
    await rig.apply('good', cluster, { certificates: [entry('a', ...roots(2))] });
    await rig.until('good', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(2));
    expect(condition(await rig.get('bad'), 'Applied')?.reason).toBe('CertificateRejected');
    await rig.annotate('bad', { 'aks-ca-trust.dev/reconcile-requested-at': 'mended' });
    await rig.until('bad', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(2, 1));
  });
});

describe('an answer to every write that stays the same', () => {
  const quietly = async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('that refuses to resume an operation is said, and does not make the controller ask again and again', async () => {
    const cluster = await rig.addCluster();
    cluster.failNextOperation({ code: 'PodDrainFailure', message: 'drain failed' });
    await rig.startController();
    await rig.apply('one', cluster, { certificates });
    await eventually(async () => rig.puts(cluster).length === 1);
    rig.simulator.faults.add({
      operation: 'PutManagedCluster',
      resourceId: cluster.resourceId,
      status: 403,
      code: 'RequestDisallowedByPolicy',
      message: "Resource 'c' was disallowed by policy. Policy identifiers: 'p'.",
      times: Infinity,
    });
    const object = await rig.until(
      'one',
      (object) => condition(object, 'Applied')?.reason === 'DisallowedByPolicy',
      'DisallowedByPolicy',
    );
    expect(condition(object, 'Stalled')?.reason).toBe('DisallowedByPolicy');
    const { resourceVersion } = (await rig.record(cluster))?.metadata ?? {};
    await quietly(3000);
    expect(rig.puts(cluster)).toHaveLength(2);
    expect((await rig.record(cluster))?.metadata.resourceVersion).toBe(resourceVersion);
  });

  it('that a proxy gives in the place of ARM is named, and the writes wait twice as long each time', async () => {
    const cluster = await rig.addCluster();
    rig.simulator.faults.add({
      operation: 'PutManagedCluster',
      resourceId: cluster.resourceId,
      status: 403,
      rawBody: '<html>blocked</html>',
      contentType: 'text/html',
      times: Infinity,
    });
    await rig.startController({ timing: { lostWrite: 300, agreeingReads: 100 } });
    await rig.apply('one', cluster, { certificates });
    const object = await rig.until(
      'one',
      (object) => condition(object, 'Applied')?.reason === 'Unreachable',
      'Unreachable',
    );
    expect(condition(object, 'Applied')?.message).toContain('HTML or XML page');
    await quietly(6000);
    // Waits of 0.4, 0.8, 1.6 and then 2 s; without them there would be fifteen.
    expect(rig.puts(cluster).length).toBeLessThanOrEqual(8);
  });
});

describe("ARM's answer to a read", () => {
  it.each<[string, Fault]>([
    ['HTML of a proxy', { rawBody: '<html>blocked</html>', contentType: 'text/html' }],
    ['truncated JSON', { truncateAt: 200 }],
    ['a server error', { status: 500, code: 'InternalServerError', message: 'oops' }],
    ['a cut connection', { resetBefore: true }],
  ])('%s is Unreachable after three in a row, and never acted on', async (_name, fault) => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates });
    await rig.until('one', isReady, 'Ready');
    const restore = rig.simulator.faults.add({
      operation: 'GetManagedCluster',
      resourceId: cluster.resourceId,
      times: Infinity,
      ...fault,
    });
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(1))] });
    const object = await rig.until(
      'one',
      (object) => condition(object, 'Applied')?.reason === 'Unreachable',
      'Unreachable',
    );
    expect(object.status?.certificates).toMatchObject([{ fingerprintSHA256: fingerprints(1)[0], state: 'Pending' }]);
    expect(condition(object, 'Applied')?.message).toMatch(/was read at \d{4}-/);
    expect(rig.puts(cluster)).toHaveLength(1);
    restore();
    await rig.annotate('one', { 'aks-ca-trust.dev/reconcile-requested-at': 'now' });
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(1));
  });

  it('without the right to read says which action, which scope and which command fixes it', async () => {
    const cluster = await rig.addCluster();
    rig.simulator.faults.add({
      operation: 'GetManagedCluster',
      times: Infinity,
      status: 403,
      code: 'AuthorizationFailed',
      message: `The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/read' over scope '${cluster.resourceId}' or the scope is invalid.`,
    });
    await rig.startController();
    await rig.apply('one', cluster, { certificates });
    const object = await rig.until(
      'one',
      (object) => condition(object, 'Applied')?.reason === 'AccessDenied',
      'AccessDenied',
    );
    expect(condition(object, 'Applied')?.message).toContain('Microsoft.ContainerService/managedClusters/read');
    expect(condition(object, 'Applied')?.message).toContain(`--scope ${cluster.resourceId}`);
  });

  it('stale answers after a write make it wait, not write again', async () => {
    const cluster = await rig.addCluster();
    rig.simulator.faults.add({
      operation: 'GetManagedCluster',
      resourceId: cluster.resourceId,
      after: 1,
      staleReads: 90,
    });
    await rig.startController();
    await rig.apply('one', cluster, { certificates });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
  });
});

describe('nodes that cannot be seen', () => {
  const secretPath = () => `/api/v1/namespaces/${rig.namespace}/secrets`;
  const makeSecret = (name: string, kubeconfig: string) =>
    rig.admin.request({
      method: 'POST',
      path: secretPath(),
      body: { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { value: kubeconfig } },
    });

  it('hold the change: nothing is sent that could not be followed to its end', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, {
      certificates,
      target: { nodeAccess: { kubeconfigSecretRef: { name: 'absent' } }, resourceId: '' },
    });
    const object = await rig.until(
      'one',
      (object) => condition(object, 'Applied')?.reason === 'NodesUnreadable',
      'NodesUnreadable',
    );
    expect(condition(object, 'Applied')?.message).toContain(`Secret ${rig.namespace}/absent`);
    expect(rig.puts(cluster)).toEqual([]);
    await rig.apply('one', cluster, { certificates });
    await rig.until('one', isReady, 'Ready by what ARM reports');
  });

  it('a kubeconfig that would run a program is refused by name', async () => {
    const cluster = await rig.addCluster();
    const { server, caData } = rig.plane.config;
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': caData } }],
      users: [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/rm' } } }],
    };
    await makeSecret('runs', JSON.stringify(kubeconfig));
    await rig.startController();
    await rig.apply('one', cluster, {
      certificates,
      target: { nodeAccess: { kubeconfigSecretRef: { name: 'runs' } }, resourceId: '' },
    });
    const object = await rig.until(
      'one',
      (object) => condition(object, 'Applied')?.reason === 'NodesUnreadable',
      'NodesUnreadable',
    );
    expect(condition(object, 'Applied')?.message).toContain('exec');
    expect(rig.puts(cluster)).toEqual([]);
  });

  it('from the middle of an operation on leave it unfinished until they are seen again', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    await makeSecret('fleeting', rig.plane.config.kubeconfigYaml);
    await rig.startController();
    await rig.apply('one', cluster, {
      certificates,
      target: { nodeAccess: { kubeconfigSecretRef: { name: 'fleeting' } }, resourceId: '' },
    });
    await eventually(async () => rig.puts(cluster).length === 1);
    await rig.admin.request({ method: 'DELETE', path: `${secretPath()}/fleeting` });
    await cluster.idle();
    const object = await rig.until(
      'one',
      (object) => condition(object, 'NodesReimaged')?.reason === 'NodesUnreadable',
      'NodesUnreadable',
    );
    expect(isReady(object)).toBe(false);
    await makeSecret('fleeting', rig.plane.config.kubeconfigYaml);
    const seen = await rig.until('one', isReady, 'Ready');
    expect(seen.status?.nodes?.summary).toBe('2/2');
  });
});

/** Minutes of backoff shrink, so that a second attempt can be seen; what ARM itself asks for is kept. */
function shortWaits(arm: Parameters<NonNullable<NonNullable<Parameters<Rig['startController']>[0]>['wrapArm']>>[0]) {
  return {
    ...arm,
    async put(...args: Parameters<typeof arm.put>) {
      const outcome = await arm.put(...args);
      return outcome.ok
        ? outcome
        : { ok: false as const, failure: { ...outcome.failure, backoff: { fromMs: 100, toMs: 100 } } };
    },
  };
}
