import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  condition,
  entry,
  eventually,
  fingerprints,
  isReady,
  listed,
  roots,
  SEES_NODES,
  startRig,
  type Rig,
} from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const TWELVE = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

describe('an object on its own', () => {
  it('counts from nought again when a second change begins', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    await rig.startController();
    const counted: (string | undefined)[] = [];
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], target: SEES_NODES });
    await rig.until('one', isReady, 'Ready');
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(1))], target: SEES_NODES });
    await rig.until(
      'one',
      (object) => {
        if (condition(object, 'Applied')?.reason === 'Updating') counted.push(object.status?.nodes?.summary);
        return isReady(object);
      },
      'Ready again',
    );
    expect(counted[0]).toBe('0/2');
  });

  it('brings its certificates to ARM in one write and is ready when every Linux node is new', async () => {
    const pools = [
      { name: 'system', count: 2 },
      { name: 'win', osType: 'Windows' as const, count: 1 },
    ];
    const cluster = await rig.addCluster({ nodes: true, pools });
    const before = new Map(cluster.nodes().map(({ name, uid }) => [name, uid]));
    await rig.startController();
    await rig.apply('one', cluster, {
      certificates: [entry('a', ...roots(0, 1)), entry('b', ...roots(2))],
      target: SEES_NODES,
    });
    const object = await rig.until('one', isReady, 'Ready');

    expect(rig.puts(cluster)).toHaveLength(1);
    expect(listed(cluster)).toEqual(fingerprints(0, 1, 2));
    expect(object.status?.certificateSlots?.summary).toBe('3/10');
    expect(object.status?.nodes).toMatchObject({ total: 2, reimaged: 2, excluded: 1, summary: '2/2' });
    expect(object.status?.certificates?.map(({ state }) => state)).toEqual(['Trusted', 'Trusted', 'Trusted']);
    expect(condition(object, 'FullyCovered')).toMatchObject({ status: 'False', reason: 'WindowsNodePools' });
    for (const node of cluster.nodes()) {
      const windows = node.osType === 'Windows';
      expect(node.uid === before.get(node.name)).toBe(windows);
      expect(node.fingerprints).toEqual(windows ? [] : fingerprints(0, 1, 2));
    }
  });

  it('sends nothing for other orders, line ends, comments and repetitions of the same certificates', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0, 1, 2))] });
    await rig.until('one', isReady, 'Ready');
    const spellings = [
      [entry('a', ...roots(2, 0, 1))],
      [entry('a', ...roots(0, 1).map((pem) => pem.replaceAll('\n', '\r\n'))), entry('b', '# the third\n', ...roots(2))],
      [entry('a', ...roots(0, 1, 2, 1, 0))],
    ];
    for (const certificates of spellings) {
      const { metadata } = await rig.apply('one', cluster, { certificates });
      await rig.until(
        'one',
        (object) => isReady(object) && object.metadata.generation === metadata.generation,
        'Ready again',
      );
    }
    expect(rig.puts(cluster)).toHaveLength(1);
  });

  it('adds at the end and removes in place, one write each, and clears the list with []', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const wants = async (...indexes: number[]) => {
      const { metadata } = await rig.apply('one', cluster, {
        certificates: indexes.map((index) => entry(`c${index}`, ...roots(index))),
        allowEmpty: indexes.length === 0,
      });
      return rig.until(
        'one',
        (object) => isReady(object) && object.metadata.generation === metadata.generation,
        'Ready',
      );
    };
    await wants(0, 1, 2);
    await wants(0, 3, 1, 2);
    expect(listed(cluster)).toEqual(fingerprints(0, 1, 2, 3));
    await wants(0, 3, 2);
    expect(listed(cluster)).toEqual(fingerprints(0, 2, 3));
    const object = await wants();
    expect(listed(cluster)).toEqual([]);
    expect(rig.puts(cluster)).toHaveLength(4);
    expect(rig.puts(cluster)[3]).toMatch(/"customCATrustCertificates":\s*\[\]/);
    expect(object.status?.certificateSlots).toMatchObject({ used: 0, free: 10 });
  });

  it('with twelve certificates for ten slots sends nothing and says which do not fit', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: TWELVE.map((index) => entry(`c${index}`, ...roots(index))) });
    const object = await rig.until(
      'one',
      (object) => condition(object, 'Ready')?.reason === 'LimitExceeded',
      'LimitExceeded',
    );
    expect(condition(object, 'WithinCertificateLimit')?.message).toContain('12 certificates, limit 10');
    expect(condition(object, 'Stalled')?.status).toBe('True');
    expect(object.status?.certificates?.map(({ state }) => state)).toEqual(TWELVE.map(() => 'OverLimit'));
    expect(rig.puts(cluster)).toEqual([]);
  });

  it('holds everything for one bad certificate under Hold, and only that one under Skip', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const bad = roots(1)[0]!.replace(/\n(.{10})/, '\n*$1');
    const certificates = [entry('good', ...roots(0)), entry('bad', bad)];
    await rig.apply('one', cluster, { certificates });
    const held = await rig.until('one', (object) => condition(object, 'Applied')?.reason === 'Held', 'Held');
    expect(condition(held, 'CertificatesValid')).toMatchObject({ status: 'False', reason: 'Invalid' });
    expect(condition(held, 'CertificatesValid')?.message).toMatch(/Certificate 0 of entry "bad" \(line \d+\)/);
    expect(rig.puts(cluster)).toEqual([]);

    await rig.apply('one', cluster, { certificates, invalidCertificates: 'Skip' });
    const skipped = await rig.until('one', isReady, 'Ready without the bad one');
    expect(condition(skipped, 'CertificatesValid')).toMatchObject({ status: 'False', reason: 'PartiallyInvalid' });
    expect(skipped.status?.certificates?.map(({ state }) => state)).toEqual(['Trusted', 'Invalid']);
    expect(listed(cluster)).toEqual(fingerprints(0));
  });

  it('leaves its share of the list alone while suspended', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('one', isReady, 'Ready');
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(1))], suspend: true });
    await rig.until('one', (object) => condition(object, 'Applied')?.reason === 'Suspended', 'Suspended');
    expect(listed(cluster)).toEqual(fingerprints(0));
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(1))], suspend: false });
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(1));
    expect(rig.puts(cluster)).toHaveLength(2);
  });

  it('keeps certificates that no object names, and removes them only where the object says so', async () => {
    const foreign = roots(7).map((pem) => Buffer.from(pem).toString('base64'));
    const cluster = await rig.addCluster({ customCATrustCertificates: foreign });
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('one', isReady, 'Ready');
    expect(listed(cluster)).toEqual(fingerprints(7, 0));
    expect(cluster.list()[0]).toBe(foreign[0]);
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], unmanagedCertificates: 'Remove' });
    await rig.until('one', (object) => isReady(object) && listed(cluster).length === 1, 'Ready with one certificate');
    expect(listed(cluster)).toEqual(fingerprints(0));
  });

  it('asks for no write when the cluster already has its certificates', async () => {
    const elements = roots(0, 1).map((pem) => Buffer.from(pem).toString('base64'));
    const cluster = await rig.addCluster({ customCATrustCertificates: elements });
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(1, 0))] });
    const object = await rig.until('one', isReady, 'Ready');
    expect(condition(object, 'NodesReimaged')).toMatchObject({ status: 'True', reason: 'NoChangeMade' });
    expect(rig.puts(cluster)).toEqual([]);
  });

  it('deleted with Retain goes at once and its certificates stay', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('one', isReady, 'Ready');
    await rig.remove('one');
    await rig.untilGone('one');
    expect(listed(cluster)).toEqual(fingerprints(0));
    expect(rig.puts(cluster)).toHaveLength(1);
    await eventually(async () => (await rig.record(cluster)) === undefined);
  });

  it('deleted with Remove stays until its certificates are out of every node', async () => {
    const foreign = roots(7).map((pem) => Buffer.from(pem).toString('base64'));
    const cluster = await rig.addCluster({ nodes: true, customCATrustCertificates: foreign });
    await rig.startController();
    await rig.apply('one', cluster, {
      certificates: [entry('a', ...roots(0))],
      deletionPolicy: 'Remove',
      target: SEES_NODES,
    });
    await rig.until('one', isReady, 'Ready');
    await rig.remove('one');
    await rig.until('one', (object) => object.status?.certificates?.[0]?.state === 'Removing', 'Removing');
    await rig.untilGone('one');
    expect(listed(cluster)).toEqual(fingerprints(7));
    expect(rig.puts(cluster)).toHaveLength(2);
    for (const node of cluster.nodes()) expect(node.fingerprints).toEqual(fingerprints(7));
  });

  it('waits for a settle time without edits, however many edits there are, and at most ten of them', async () => {
    const cluster = await rig.addCluster();
    await rig.startController();
    const startedAt = Date.now();
    let edits = 0;
    // An edit every 250 ms against a settle time of one second: only the ten-fold limit lets it through.
    while (rig.puts(cluster).length === 0 && Date.now() - startedAt < 20_000) {
      await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0, 1 + (edits++ % 8)))], settleSeconds: 1 });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const waited = Date.now() - startedAt;
    expect(rig.puts(cluster)).toHaveLength(1);
    expect(waited).toBeGreaterThan(9000);
    expect(waited).toBeLessThan(14_000);
    expect(edits).toBeGreaterThan(10);
  });
});
