import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { condition, entry, eventually, isReady, roots, SEES_NODES, startRig, type Rig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

describe('a controller at rest', () => {
  it('reads, and parses and writes nothing', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    const controller = await rig.startController({ timing: { drift: 50 } });
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0, 1))], target: SEES_NODES });
    await rig.apply('bad', cluster, { certificates: [{ name: 'x', pem: 'nonsense' }] });
    await rig.until('one', isReady, 'Ready');
    await rig.until('bad', (object) => condition(object, 'Applied')?.reason === 'Held', 'Held');
    const looks = () => rig.simulator.journal().filter(({ operation }) => operation === 'GetManagedCluster').length;
    const versions = async () =>
      [await rig.get('one'), await rig.get('bad'), await rig.record(cluster)].map(
        (object) => object?.metadata.resourceVersion,
      );
    const before = { versions: await versions(), misses: controller.reader.statistics().misses, looks: looks() };
    await eventually(async () => looks() >= before.looks + 20);
    expect(await versions()).toEqual(before.versions);
    expect(controller.reader.statistics().misses).toBe(before.misses);
    expect(rig.puts(cluster)).toHaveLength(1);
  });
});

describe('what must not be said', () => {
  it('is in no log line, status, record or event: secrets, tokens, kubeconfigs, operation addresses', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    cluster.failNextOperation({ code: 'QuotaExceeded', message: 'no cores left', afterNodes: 0 });
    rig.simulator.faults.add({ operation: 'GetManagedCluster', resourceId: cluster.resourceId, resetBefore: true });
    rig.simulator.faults.add({
      operation: 'GetToken',
      status: 401,
      code: 'invalid_client',
      message: 'AADSTS7000215: Invalid client secret provided.',
    });
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], target: SEES_NODES });
    await rig.until('one', isReady, 'Ready');
    await rig.remove('one');
    await rig.untilGone('one');
    const events = (await rig.admin.request({ path: `/api/v1/namespaces/${rig.namespace}/events` })) as {
      items: unknown[];
    };
    const said = [...rig.logs, JSON.stringify(events), JSON.stringify(await rig.record(cluster))].join('\n');
    expect(events.items.length).toBeGreaterThan(0);
    expect(rig.logs.length).toBeGreaterThan(5);
    expect(said).not.toContain(rig.clientSecret);
    expect(said).not.toMatch(/eyJ[\w-]{10,}\.[\w-]{10,}\./);
    expect(said).not.toContain(rig.plane.config.keyData);
    expect(said).not.toContain('PRIVATE KEY');
    expect(said).not.toMatch(/locations\/[^"]*\?/);
  });
});
