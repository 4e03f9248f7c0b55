import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readElement } from '../../src/certificates/element.ts';
import { fixture } from './fixtures/fixture.ts';
import { ROOTS, ROOT_A, ROOT_B, base64, bodyOf, fingerprintOf } from './roots.ts';

const digestOf = (element: string): string => createHash('sha256').update(element).digest('hex');

describe("an element of ARM's list", () => {
  it.each([
    ['base64 of one certificate in PEM', base64(ROOT_A)],
    ['the same with CRLF in the PEM', base64(ROOT_A.replaceAll('\n', '\r\n'))],
    ['the same with comments in the PEM', base64(`# Example\n${ROOT_A}# end\n`)],
    ['the same without final newline', base64(ROOT_A.trimEnd())],
    ['the same with the base64 wrapped', base64(ROOT_A).replace(/.{76}/g, '$&\n')],
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
    ['65 certificates', base64(ROOT_A.repeat(65))],
    ['more than 1 MiB', base64(ROOT_A.padEnd(1024 * 1024))],
  ])('that is %s is unreadable, with its digest and a reason', (_, element) => {
    const reading = readElement(element);
    expect(reading).toMatchObject({ kind: 'unreadable', digest: digestOf(element) });
    expect(reading.kind === 'unreadable' && reading.reason).toMatch(/\w/);
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
