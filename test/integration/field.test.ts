/** Certificates and lists as people's tools leave them, tried on the whole controller. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { condition, entry, eventually, isReady, startRig, type ObjectEvent, type Rig } from './rig.ts';

jest.setTimeout(60_000);

const read = (name: string): string =>
  readFileSync(new URL(`../certificates/fixtures/field/${name}.pem`, import.meta.url), 'utf8');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const good = read('good');
const [second, third] = [read('ed25519'), read('good-rsa')];

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

async function clusterWith(...elements: string[]) {
  const cluster = await rig.addCluster();
  cluster.changeList(elements);
  await cluster.idle();
  await rig.startController();
  return cluster;
}

describe('a list that another tool made', () => {
  it.each([
    ['joined without line ends behind a whole one', good + second.trimEnd() + third, [second, third]],
    ['with the label X509 CERTIFICATE', good.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'), [good]],
    ['behind a byte order mark', `\ufeff${good}${second}`, [good]],
  ])('does not have what a Go program does not find in it, %s: it is added', async (_, text, wanted) => {
    const cluster = await clusterWith(base64(text));
    await rig.apply('one', cluster, { certificates: wanted.map((pem, index) => entry(`c${index}`, pem)) });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(1);
    expect(cluster.list()).toEqual([base64(text), ...wanted.map(base64)]);
  });

  it('has what every program finds in it: naming that sends nothing', async () => {
    const cluster = await clusterWith(base64(good + second.trimEnd() + third));
    await rig.apply('one', cluster, { certificates: [entry('a', good)] });
    await rig.until('one', isReady, 'Ready');
    expect(rig.puts(cluster)).toHaveLength(0);
  });

  it('says of an element with a private key that every node has it, and not what it is', async () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    const cluster = await clusterWith(base64(second + key));
    await rig.apply('one', cluster, { certificates: [entry('a', good)] });
    await rig.until('one', isReady, 'Ready');
    const record = await rig.record(cluster);
    const said = record?.status?.conditions?.find(({ type }) => type === 'PrivateKeyInList');
    expect(said?.message).toMatch(/contains a private key, and every node has it/);
    expect(record?.status?.slots?.[0]).toMatchObject({ opaque: true, reason: expect.stringContaining('private key') });
    const event = await eventually(async () => {
      const path = '/apis/events.k8s.io/v1/namespaces/default/events';
      const { items } = (await rig.admin.request({ path })) as { items: ObjectEvent[] };
      return items.find(
        ({ reason, regarding }) => reason === 'PrivateKeyInList' && regarding.name === record?.metadata.name,
      );
    });
    expect(event).toMatchObject({ type: 'Warning', note: said?.message });
    expect(JSON.stringify(record)).not.toContain(key.split('\n')[1]);
  });
});

describe('a certificate', () => {
  it.each(['printable-underscore', 'bool-01', 'ec-brainpoolP256r1', 'nc-dirname-critical', 'ed448', 'eku-client-only'])(
    'such as %s is read, and warned of: containerd and the kubelet do not use it',
    async (name) => {
      const cluster = await clusterWith();
      await rig.apply('one', cluster, { certificates: [entry('a', read(name))] });
      const object = await rig.until('one', (one) => (one.status?.certificates ?? []).length > 0, 'a row');
      const [row] = object.status?.certificates ?? [];
      expect(row?.warnings).toContain('UnusableByGo');
      expect(row?.message).toMatch(/^Go programs \(containerd, the kubelet\) do not use it: /);
      expect(condition(object, 'CertificatesValid')?.status).toBe('True');
    },
  );
});
