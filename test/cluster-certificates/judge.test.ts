import { beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import type { Evidence, Finding } from '../../src/cluster-certificates/evidence.ts';
import { judge, NOTHING_KNOWN } from '../../src/cluster-certificates/judge.ts';
import type { CertificateRow, Judgement } from '../../src/cluster-certificates/judgement.ts';
import { fingerprintOf } from '../../src/cluster-certificates/row.ts';
import { HOUR, second, START } from '../harness/build.ts';
import { DAY, makeAuthority, type Authority } from './authority.ts';

const known = <T>(value: T, source = 'kubeconfig from ARM'): Finding<T> => ({ known: true, value, source });
const unknown = (why: string, fix?: string): Finding<never> => ({ known: false, why, ...(fix ? { fix } : {}) });

/** When a certificate is valid, in ms before and after {@link START}. */
interface Life {
  readonly since?: number;
  readonly until?: number;
}

const authority = ({ since = HOUR, until = 30 * 365 * DAY }: Life) => makeAuthority(START - since, START + until);

const issue = (by: Authority, { since = HOUR, until = 730 * DAY }: Life = {}, subject = 'CN=leaf') =>
  by.sign(subject, { notBefore: START - since, notAfter: START + until });

let ca: Authority;
let other: Authority;
let leaf: X509Certificate;
let client: X509Certificate;

beforeAll(async () => {
  [ca, other] = await Promise.all([authority({}), authority({})]);
  leaf = await issue(ca, {}, 'CN=apiserver');
  client = await issue(ca, {}, 'CN=masterclient');
});

function everything(): Evidence {
  return {
    readAt: START,
    clusterCA: known([ca.certificate]),
    kubeconfigClient: known(client),
    apiServer: known(leaf, 'TLS handshake'),
    frontProxyCA: known([ca.certificate], 'ConfigMap extension-apiserver-authentication'),
    signingKeys: known(['b', 'a'], 'API server'),
  };
}

function rowOf({ certificates }: Judgement, name: CertificateRow['name']): CertificateRow {
  const [row, ...others] = certificates.filter((one) => one.name === name);
  expect(others).toEqual([]);
  return row!;
}

const read = (evidence: Partial<Evidence>, before: Judgement = NOTHING_KNOWN, now = START) =>
  judge({ readAt: now, ...evidence }, before, now);

describe('the rows of a cluster whose certificates were all read', () => {
  it('have the fields of each certificate, its source, and who maintains it', () => {
    const judged = judge(everything(), NOTHING_KNOWN, START);
    expect(rowOf(judged, 'ClusterCA')).toEqual({
      name: 'ClusterCA',
      maintainedBy: 'You',
      health: 'Healthy',
      source: 'kubeconfig from ARM',
      subject: 'CN=ca',
      issuer: 'CN=ca',
      fingerprintSHA256: fingerprintOf(ca.certificate),
      notBefore: second(START - HOUR),
      notAfter: second(START + 30 * 365 * DAY),
      lifeUsedPercent: 0,
    });
    expect(rowOf(judged, 'APIServer')).toMatchObject({
      maintainedBy: 'Microsoft',
      health: 'Healthy',
      source: 'TLS handshake',
    });
    expect(rowOf(judged, 'KubeconfigClient')).toMatchObject({ maintainedBy: 'Microsoft', subject: 'CN=masterclient' });
    expect(rowOf(judged, 'ServiceAccountKeys')).toEqual({
      ...{ name: 'ServiceAccountKeys', maintainedBy: 'Microsoft', health: 'Healthy', source: 'API server' },
      keyIDs: ['a', 'b'],
    });
    expect(judged.earliestNotAfter).toBe(second(START + 730 * DAY));
  });

  it('are the same again as long as nothing changes, with another read and without', () => {
    const judged = judge(everything(), NOTHING_KNOWN, START);
    expect(judge(undefined, judged, START + HOUR)).toEqual(judged);
    expect(judge(everything(), judged, START + HOUR)).toEqual(judged);
  });

  it('say by fingerprint whether the front proxy CA is the cluster CA, and who maintains it then', () => {
    const own = rowOf(
      judge({ ...everything(), frontProxyCA: known([other.certificate]) }, NOTHING_KNOWN, START),
      'FrontProxyCA',
    );
    expect(own).toMatchObject({ sameAsClusterCA: false, maintainedBy: 'Microsoft' });
    const same = rowOf(judge(everything(), NOTHING_KNOWN, START), 'FrontProxyCA');
    expect(same).toMatchObject({ sameAsClusterCA: true, maintainedBy: 'You' });
    const alone = rowOf(read({ frontProxyCA: known([other.certificate]) }), 'FrontProxyCA');
    expect(alone.sameAsClusterCA).toBeUndefined();
  });

  it('show no more than their schema allows, whatever the API server publishes', () => {
    const keys = Array.from({ length: 40 }, (_, index) => `${index}`.padStart(2, '0').repeat(500));
    const row = rowOf(read({ signingKeys: known(keys) }), 'ServiceAccountKeys');
    expect(row.keyIDs).toHaveLength(16);
    expect(row.message).toBe('The API server publishes 24 more keys.');
    expect(Math.max(...row.keyIDs!.map(({ length }) => length))).toBe(128);
  });
});

describe('the dates of a certificate', () => {
  const cases: [string, number, object][] = [
    ['Healthy before its last 30 days', -30 * DAY - 1, { health: 'Healthy' }],
    ['Expiring from 30 days on', -30 * DAY, { health: 'Expiring', expiresWithinDays: 30 }],
    ['Expiring within 7 days', -7 * DAY, { health: 'Expiring', expiresWithinDays: 7 }],
    ['Expiring within a day', -DAY, { health: 'Expiring', expiresWithinDays: 1 }],
    ['Expiring at its last moment', 0, { health: 'Expiring', lifeUsedPercent: 100 }],
    ['Expired after it', 1, { health: 'Expired', lifeUsedPercent: 100 }],
  ];
  it.each(cases)('make it %s', (_, fromEnd, expected) => {
    const now = START + 30 * 365 * DAY + fromEnd;
    for (const before of [NOTHING_KNOWN, read({ clusterCA: known([ca.certificate]) })]) {
      const row = rowOf(read({ clusterCA: known([ca.certificate]) }, before, now), 'ClusterCA');
      expect(row).toMatchObject(expected);
      expect(row.expiresWithinDays).toBe(
        (expected as CertificateRow).expiresWithinDays ?? (fromEnd === 0 ? 1 : undefined),
      );
    }
  });

  it('count while nothing is read: health, share of life and message follow the time, and nothing else', () => {
    const judged = judge(everything(), NOTHING_KNOWN, START);
    const late = judge(undefined, judged, START + 365 * DAY);
    expect(rowOf(late, 'APIServer')).toEqual({ ...rowOf(judged, 'APIServer'), lifeUsedPercent: 50 });
    const expired = rowOf(judge(undefined, judged, START + 731 * DAY), 'APIServer');
    expect(expired).toMatchObject({ health: 'Expired', fingerprintSHA256: fingerprintOf(leaf) });
    expect(expired.message).toMatch(/expired at .*AKS refuses to upgrade.* Rotate the certificates/);
    const expiring = rowOf(judge(undefined, judged, START + 720 * DAY), 'APIServer');
    expect(expiring.message).toMatch(/expires at .*Either upgrade the control plane .*, or rotate/);
  });

  it('are read, never assumed: a CA of before May 2019 lives for 2 years, and its message says to rotate', async () => {
    const old = await authority({ since: 725 * DAY, until: 5 * DAY });
    const row = rowOf(read({ clusterCA: known([old.certificate]) }), 'ClusterCA');
    expect(row).toMatchObject({ health: 'Expiring', expiresWithinDays: 7, lifeUsedPercent: 99, maintainedBy: 'You' });
    expect(row.message).toMatch(
      /AKS does not renew it\. Rotate the certificates of the cluster \(az aks rotate-certs\)/,
    );
  });

  it('that begin in the future are not believed: the row is Unknown until then, and names the clock', async () => {
    const early = await issue(ca, { since: -HOUR });
    const judged = read({ clusterCA: known([ca.certificate]), apiServer: known(early) });
    expect(rowOf(judged, 'APIServer')).toMatchObject({ health: 'Unknown', lifeUsedPercent: 0 });
    expect(rowOf(judged, 'APIServer').message).toMatch(/becomes valid only at .* clock/);
    expect(rowOf(judge(undefined, judged, START + 2 * HOUR), 'APIServer').health).toBe('Healthy');
    expect(rowOf(judge(undefined, judged, START + 2 * HOUR), 'APIServer').message).toBeUndefined();
  });
});

describe('the certificate of the API server', () => {
  it('names the cluster CA that signed it, while it is the same certificate, and no authority that did not', async () => {
    const judged = judge(everything(), NOTHING_KNOWN, START);
    const signer = fingerprintOf(ca.certificate);
    const unreadCA = unknown('ARM answers 403');
    expect(rowOf(judged, 'APIServer').signedBySHA256).toBe(signer);
    expect(rowOf(judge(undefined, judged, START + DAY), 'APIServer').signedBySHA256).toBe(signer);
    const again = read({ clusterCA: unreadCA, apiServer: known(leaf) }, judged);
    expect(rowOf(again, 'APIServer').signedBySHA256).toBe(signer);
    const next = await issue(ca);
    const other = read({ clusterCA: unreadCA, apiServer: known(next) }, judged);
    expect(rowOf(other, 'APIServer').signedBySHA256).toBeUndefined();
  });

  it('names none where a foreign authority did', async () => {
    const judged = judge({ ...everything(), apiServer: known(await issue(other)) }, NOTHING_KNOWN, START);
    expect(rowOf(judged, 'APIServer').signedBySHA256).toBeUndefined();
  });

  it('is Intercepted where the cluster CA did not sign it, although the issuer has the same name, and does not count', async () => {
    const foreign = await issue(other, { until: DAY });
    expect(foreign.checkIssued(ca.certificate)).toBe(true);
    const judged = judge({ ...everything(), apiServer: known(foreign) }, NOTHING_KNOWN, START);
    expect(rowOf(judged, 'APIServer')).toMatchObject({ health: 'Intercepted' });
    expect(rowOf(judged, 'APIServer').message).toMatch(/its issuer is "CN=ca"\. A firewall or a proxy/);
    expect(judged.earliestNotAfter).toBe(second(START + 730 * DAY));
    expect(rowOf(judge(undefined, judged, START + 10 * DAY), 'APIServer').health).toBe('Intercepted');
  });

  it('stays Intercepted while only it can be read again', async () => {
    const foreign = await issue(other);
    const before = judge({ ...everything(), apiServer: known(foreign) }, NOTHING_KNOWN, START);
    const again = read({ clusterCA: unknown('ARM answers 403'), apiServer: known(foreign) }, before);
    expect(rowOf(again, 'APIServer').health).toBe('Intercepted');
  });

  it('counts by its dates where the cluster CA is not known, and says that it was not compared', () => {
    const judged = read({ clusterCA: unknown('ARM answers 403'), apiServer: known(leaf) });
    expect(rowOf(judged, 'APIServer')).toMatchObject({ health: 'Healthy' });
    expect(rowOf(judged, 'APIServer').message).toMatch(/not known whether it signed this one/);
    const compared = read(
      { clusterCA: unknown('ARM answers 403'), apiServer: known(leaf) },
      judge(everything(), NOTHING_KNOWN, START),
    );
    expect(rowOf(compared, 'APIServer').message).toBeUndefined();
  });

  it('says which CA of a bundle is the cluster CA: the one that signed it, else the one of before, else the youngest', async () => {
    const younger = await authority({ since: 1 });
    const bundle = known([other.certificate, younger.certificate, ca.certificate, ca.certificate]);
    const shown = (evidence: Partial<Evidence>, before?: Judgement) =>
      rowOf(read({ clusterCA: bundle, ...evidence }, before), 'ClusterCA');
    expect(shown({ apiServer: known(leaf) }).fingerprintSHA256).toBe(fingerprintOf(ca.certificate));
    expect(shown({ apiServer: known(leaf) }).message).toMatch(/The bundle has 3 certificates/);
    const before = read({ clusterCA: known([other.certificate]) });
    expect(shown({}, before).fingerprintSHA256).toBe(fingerprintOf(other.certificate));
    expect(shown({}).fingerprintSHA256).toBe(fingerprintOf(younger.certificate));
    const judged = read({ clusterCA: bundle, apiServer: known(leaf) });
    expect(rowOf(judged, 'APIServer').health).toBe('Healthy');
  });
});

describe('the client certificate of the kubeconfig', () => {
  it('is missing with Microsoft Entra ID, which is said and is healthy', () => {
    const row = rowOf(read({ kubeconfigClient: known(undefined) }), 'KubeconfigClient');
    expect(row).toMatchObject({ health: 'Healthy', source: 'kubeconfig from ARM' });
    expect(row.message).toMatch(/Microsoft Entra ID\. Nothing can expire/);
    expect(row.notAfter).toBeUndefined();
  });

  it('is maintained by you in a copy', async () => {
    const old = await issue(ca, { since: 729 * DAY, until: DAY });
    const copy = rowOf(read({ kubeconfigClient: known(old), kubeconfigIsCopy: true }), 'KubeconfigClient');
    expect(copy).toMatchObject({ maintainedBy: 'You', health: 'Expiring' });
    expect(copy.message).toMatch(/A copy is not renewed: replace it \(az aks get-credentials --overwrite-existing\)/);
  });

  it('says where no CA of the cluster signed it; the CAs that the API server accepts count too', async () => {
    const foreign = await issue(other);
    const evidence = { clusterCA: known([ca.certificate]), kubeconfigClient: known(foreign) };
    expect(rowOf(read(evidence), 'KubeconfigClient').message).toMatch(/No CA of the cluster signed it/);
    const accepted = read({ ...evidence, clientCAs: known([other.certificate]) });
    expect(rowOf(accepted, 'KubeconfigClient').message).toBeUndefined();
  });
});

it('a note of the source is in the message of its row, with what else is said of it', async () => {
  const note = 'Another source says something else.';
  const row = rowOf(read({ clusterCA: { known: true, value: [ca.certificate], source: 'x', note } }), 'ClusterCA');
  expect(row).toMatchObject({ health: 'Healthy', message: note });
});

describe('a row that cannot be read', () => {
  it('is Unknown, and says why and what would make it known', () => {
    const judged = read({
      frontProxyCA: unknown('The API server answers 403', 'Grant the Role aks-ca-trust-certificates'),
    });
    expect(rowOf(judged, 'FrontProxyCA')).toEqual({
      ...{ name: 'FrontProxyCA', maintainedBy: 'Microsoft', health: 'Unknown' },
      message: 'The API server answers 403. Grant the Role aks-ca-trust-certificates.',
    });
    for (const name of ['ClusterCA', 'APIServer', 'KubeconfigClient', 'ServiceAccountKeys'] as const) {
      expect(rowOf(judged, name)).toMatchObject({ health: 'Unknown' });
      expect(rowOf(judged, name).message).toMatch(/was not read|were not read/);
    }
  });

  it('keeps what was read before, and says why it could not be read again', () => {
    const before = judge(everything(), NOTHING_KNOWN, START);
    const failed = unknown('The connection was refused');
    const names = ['clusterCA', 'kubeconfigClient', 'apiServer', 'frontProxyCA', 'signingKeys'] as const;
    const judged = read(Object.fromEntries(names.map((name) => [name, failed])), before, START + HOUR);
    const note = 'It could not be read again. The connection was refused.';
    const withoutKubelets = ({ certificates }: Judgement) =>
      certificates.filter(({ name }) => !name.startsWith('Kubelet'));
    expect(withoutKubelets(judged)).toEqual(withoutKubelets(before).map((row) => ({ ...row, message: note })));
    expect(judge(undefined, judged, START + 2 * HOUR)).toEqual(judged);
    const later = judge(undefined, judged, START + 725 * DAY);
    expect(rowOf(later, 'APIServer')).toMatchObject({ health: 'Expiring', expiresWithinDays: 7 });
    expect(judge(everything(), judged, START + 2 * HOUR)).toEqual(before);
  });

  it('says no more of an endless or hostile text than fits, with nothing that moves a cursor', () => {
    const row = rowOf(read({ apiServer: unknown(`\u001b[2J${'x'.repeat(100_000)}`) }), 'APIServer');
    expect(row.message!.length).toBeLessThan(600);
    expect(row.message).not.toContain('\u001b');
  });

  it('is Unknown with its fingerprint where its dates cannot be read', () => {
    const der = Buffer.from(ca.certificate.raw);
    der.write('269999', der.indexOf(Buffer.from('170d', 'hex')) + 2);
    const odd = new X509Certificate(der);
    const judged = read({ clusterCA: known([odd]) });
    expect(rowOf(judged, 'ClusterCA')).toMatchObject({
      fingerprintSHA256: fingerprintOf(odd),
      health: 'Unknown',
      message: 'Its dates of validity cannot be read.',
    });
  });
});

it('nothing is judged before anything was read', () => {
  expect(judge(undefined, NOTHING_KNOWN, START)).toEqual(NOTHING_KNOWN);
});
