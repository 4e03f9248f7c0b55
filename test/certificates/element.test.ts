import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readElement } from '../../src/certificates/element.ts';
import { fixture } from './fixtures/fixture.ts';
import { NODE_TEXTS } from './node-texts.ts';
import { ROOTS, ROOT_A, ROOT_B, ROOT_C, base64, bodyOf, fingerprintOf } from './roots.ts';

const digestOf = (element: string): string => createHash('sha256').update(element).digest('hex');

describe("an element of ARM's list", () => {
  it.each([
    ['base64 of one certificate in PEM', base64(ROOT_A)],
    ['the same with CRLF in the PEM', base64(ROOT_A.replaceAll('\n', '\r\n'))],
    ['the same with comments in the PEM', base64(`# Example\n${ROOT_A}# end\n`)],
    ['the same without final newline', base64(ROOT_A.trimEnd())],
    ['the same with the base64 wrapped', base64(ROOT_A).replace(/.{76}/g, '$&\n')],
    ['the same beside another one that is encoded once more', base64(`${ROOT_A}${base64(ROOT_B)}\n`)],
    ['the same with blanks around the base64', ` ${base64(ROOT_A)}\r\n`],
  ])('that is %s is a single certificate', (_, element) => {
    const reading = readElement(element);
    expect(reading).toMatchObject({ kind: 'single', certificate: { fingerprint: fingerprintOf(ROOT_A), pem: ROOT_A } });
  });

  it('that holds two certificates is several, with its digest', () => {
    const element = base64(`${ROOT_A}\n${ROOT_B}`);
    expect(readElement(element)).toMatchObject({
      kind: 'several',
      digest: digestOf(element),
      certificates: [{ fingerprint: fingerprintOf(ROOT_A) }, { fingerprint: fingerprintOf(ROOT_B) }],
    });
  });

  it.each([
    ['nothing', ''],
    ['not base64', '-----BEGIN CERTIFICATE-----'],
    ['base64 with padding missing', base64(`${ROOT_A} `.padEnd(1000)).replace(/=+$/, '').slice(0, -1)],
    ['base64url', base64(`${ROOT_A}???>>>`).replaceAll('/', '_').replaceAll('+', '-')],
    ['text without a certificate', base64('dummyExampleTestValueForCertificateToBeAdded')],
    ['base64 of base64 of a certificate', base64(base64(ROOT_A))],
    ['base64 of DER', bodyOf(ROOT_A)],
    ['a damaged certificate', base64(ROOT_A.replace('MII', 'M!I'))],
    ['a certificate and a damaged one', base64(ROOT_A + ROOT_B.replace('MII', 'M!I'))],
    ['a certificate and a request', base64(ROOT_A + fixture('request'))],
    ['a certificate and an END line', base64(`${ROOT_A}-----END CERTIFICATE-----\n`)],
    ['a certificate labelled X509 CERTIFICATE', base64(ROOT_A.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'))],
    ["OpenSSL's trusted certificate", base64(ROOT_A.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'))],
    ['a certificate with CR alone at the ends of lines', base64(ROOT_A.replaceAll('\n', '\r'))],
    ['a certificate in one line', base64(ROOT_A.replaceAll('\n', ' '))],
    ['a certificate with a byte order mark', base64(`\ufeff${ROOT_A}`)],
    ['a certificate with a no-break space after END', base64(`${ROOT_A.trimEnd()}\u00a0`)],
    ['a certificate with text before BEGIN', base64(`root: ${ROOT_A}`)],
    ['a certificate in UTF-16', Buffer.from(`\ufeff${ROOT_A}`, 'utf16le').toString('base64')],
    ['a certificate between NUL characters', base64(`\0${ROOT_A}`)],
    ['files joined without a line end', base64(ROOT_A.trimEnd() + ROOT_B)],
    ['65 certificates', base64(ROOT_A.repeat(65))],
    ['more than 1 MiB', base64(ROOT_A.padEnd(1024 * 1024))],
  ])('that is %s is unreadable, with its digest and a reason', (_, element) => {
    const reading = readElement(element);
    expect(reading).toMatchObject({ kind: 'unreadable', digest: digestOf(element) });
    expect(reading.kind === 'unreadable' && reading.reason).toMatch(/\w/);
  });

  const byOne: readonly [string, string, string, string][] = [
    [
      'one whole file and two joined without a line end',
      ROOT_A,
      ROOT_B.trimEnd() + ROOT_C,
      ROOT_A + ROOT_B.trimEnd() + ROOT_C,
    ],
    ['a byte order mark before the first of two', ROOT_B, `\ufeff${ROOT_A}`, `\ufeff${ROOT_A}${ROOT_B}`],
    [
      'a certificate and one labelled X509',
      ROOT_A,
      ROOT_B.replaceAll('CERT', 'X509 CERT'),
      ROOT_A + ROOT_B.replaceAll('CERT', 'X509 CERT'),
    ],
  ];
  it.each(byOne)('that is %s holds what every program finds, and the rest beside it', (_, found, rest, text) => {
    const reading = readElement(base64(text));
    expect(reading).toMatchObject({
      kind: 'several',
      certificates: [{ fingerprint: fingerprintOf(found) }],
      rest: { element: base64(rest), digest: digestOf(base64(rest)) },
    });
    expect(reading.kind === 'several' && reading.rest?.reason).toMatch(/^Not every program on a node finds/);
    expect(readElement(base64(rest)).kind).toBe('unreadable');
  });

  it.each(Object.entries(NODE_TEXTS))(
    'with %s holds no certificate that a program on a node misses',
    (_, [text, go, openssl, p11Kit]) => {
      const reading = readElement(Buffer.from(text, 'latin1').toString('base64'));
      const counts = {
        single: 1,
        several: reading.kind === 'several' ? reading.certificates.length : 0,
        unreadable: 0,
      };
      expect(counts[reading.kind]).toBeLessThanOrEqual(Math.min(go, openssl, p11Kit));
    },
  );

  it('says that every node has the private key in it', () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    expect(readElement(base64(ROOT_A + key))).toMatchObject({
      kind: 'unreadable',
      privateKey: true,
      reason:
        'It contains a private key, and every node has it. Remove this element from the list, and replace the key.',
    });
    expect(readElement(base64(ROOT_A.replace('MII', 'M!I') + key))).toMatchObject({ privateKey: true });
    expect(readElement(base64(ROOT_A.replace('MII', 'M!I')))).toMatchObject({ privateKey: false });
  });

  it('that was encoded here comes back as it was', () => {
    for (const pem of ROOTS) {
      const first = readElement(base64(pem));
      if (first.kind !== 'single') throw new Error('a root was refused');
      const second = readElement(first.certificate.element);
      expect(second).toMatchObject({
        kind: 'single',
        certificate: { fingerprint: first.certificate.fingerprint, pem },
      });
    }
  });
});
