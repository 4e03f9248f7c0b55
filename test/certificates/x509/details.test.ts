import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import type { Certificate } from '../../../src/certificates/certificate.ts';
import { readSource } from '../../../src/certificates/read-source.ts';
import { COMMON_NAME, armour, basicConstraints, craft, generalizedTime, name, utcTime } from '../fixtures/craft.ts';
import { NULL, TRUE, bits, element, octets, oid, sequence } from '../fixtures/der-writer.ts';
import { fixture } from '../fixtures/fixture.ts';
import { derOf } from '../roots.ts';

function certificateIn(text: string): Certificate {
  const [item] = readSource(text).items;
  if (item?.kind !== 'certificate') throw new Error(`not read: ${item?.problem.message}`);
  return item.certificate;
}

describe('warnings', () => {
  it.each([
    ['made-up-root', []],
    ['leaf', ['NotACertificateAuthority']],
    ['no-extensions', ['NotACertificateAuthority']],
    ['no-cert-sign', ['NotACertificateAuthority']],
    ['version-1-root', []],
    ['version-1-issued', ['NotACertificateAuthority']],
    ['md5', ['WeakSignatureAlgorithm']],
    ['sha1-rsa', ['WeakSignatureAlgorithm']],
    ['sha1-ecdsa', ['WeakSignatureAlgorithm']],
    ['pss-without-hash', ['WeakSignatureAlgorithm']],
    ['pss-sha1', ['WeakSignatureAlgorithm']],
    ['pss-sha256', []],
    ['rsa-1024', ['WeakKey']],
    ['rsa-2047', ['WeakKey']],
    ['negative-serial', ['NegativeSerialNumber']],
    ['field/printable-underscore', ['UnusableByGo']],
    ['field/ec-brainpoolP256r1', ['UnusableByGo']],
    ['field/ec-SM2', ['UnusableByGo']],
    ['field/alg-differs', ['UnusableByGo']],
    ['field/dsa', ['UnusableByGo']],
    ['field/ed448', ['UnusableByGo']],
    ['field/rsa-pss-key', ['UnusableByGo']],
    ['field/eku-client-only', ['UnusableByGo']],
    ['field/good', []],
    ['field/good-rsa', []],
    ['field/ed25519', []],
  ])('of %s are %j', (file, warnings) => {
    expect(certificateIn(fixture(file)).details.warnings).toEqual(warnings);
  });

  it("agree with node:crypto on every one of Mozilla's roots", () => {
    for (const pem of rootCertificates) {
      const x509 = new X509Certificate(pem);
      const { warnings } = certificateIn(pem).details;
      expect(warnings.includes('NotACertificateAuthority')).toBe(!x509.ca);
      expect(warnings.includes('WeakSignatureAlgorithm')).toBe(/sha1|md5/i.test(x509.signatureAlgorithm ?? ''));
      expect(warnings.includes('WeakKey')).toBe((x509.publicKey.asymmetricKeyDetails?.modulusLength ?? 4096) < 2048);
    }
  });

  it('say of a certificate with two basic constraints what node:crypto says: no authority', () => {
    const der = craft({ extensions: [basicConstraints(true), basicConstraints(true)] });
    expect(new X509Certificate(der).ca).toBe(false);
    expect(certificateIn(armour(der)).details.warnings).toEqual(['NotACertificateAuthority', 'UnusableByGo']);
  });

  it('say why a Go program does not use it, in a sentence', () => {
    expect(certificateIn(fixture('field/printable-underscore')).details.concerns).toEqual([
      'Go programs (containerd, the kubelet) do not use it: its subject has "_" in a PrintableString, which that form does not allow. Use a certificate without that if nodes need it to pull images.',
    ]);
    expect(certificateIn(fixture('negative-serial')).details.concerns).toEqual([
      expect.stringContaining('its serial number is negative'),
    ]);
    expect(certificateIn(fixture('made-up-root')).details.concerns).toEqual([]);
  });

  it('say of what is no authority what it may be, and what to use', () => {
    expect(certificateIn(fixture('leaf')).details.concerns).toEqual([
      expect.stringMatching(/^It may not sign certificates: .* Use the certificate of the authority that issued it\.$/),
    ]);
  });

  it('are bounded in length for any certificate', () => {
    const long = sequence(oid('2.5.29.99'), TRUE, octets(Buffer.alloc(0)));
    const arcs = element(0x06, Buffer.from([0x2a, ...Array<number>(4000).fill(1)]));
    const der = craft({ extensions: [basicConstraints(true), long, sequence(arcs, TRUE, octets(Buffer.alloc(0)))] });
    for (const concern of certificateIn(armour(der)).details.concerns) expect(concern.length).toBeLessThanOrEqual(512);
  });
});

describe('a self-issued certificate', () => {
  const changed = (der: Buffer, at: number): string => {
    const copy = Buffer.from(der);
    copy.writeUInt8((copy[at] ?? 0) ^ 0x04, at);
    return armour(copy);
  };
  const ed25519 = derOf(fixture('field/ed25519'));
  const rsa = derOf(fixture('field/good-rsa'));
  const root = derOf(fixture('made-up-root'));

  it.each<[string, string]>([
    ['its RSA modulus', changed(rsa, rsa.indexOf(Buffer.from('0282010100', 'hex')) + 60)],
    ['its RSA signature', changed(rsa, rsa.length - 20)],
    ['its point of the curve', changed(root, root.indexOf(Buffer.from('034200', 'hex')) + 20)],
    ['its ECDSA signature', changed(root, root.length - 5)],
    ['its Ed25519 signature', changed(ed25519, ed25519.length - 5)],
    ['its subjectKeyIdentifier', changed(rsa, rsa.indexOf(Buffer.from('0603551d0e', 'hex')) + 12)],
  ])('with one bit of %s changed is said to be a damaged copy', (_, text) => {
    const { warnings, concerns } = certificateIn(text).details;
    expect(warnings).toContain('DamagedCopy');
    expect(concerns.join(' ')).toContain('Its own signature does not verify');
  });

  it.each([
    ['names the algorithm of its signature wrongly', fixture('pss-sha256')],
    ['is on a curve whose signatures OpenSSL makes otherwise', fixture('field/ec-SM2')],
    ['has another algorithm inside than outside', fixture('field/alg-differs')],
    [
      'is issued by another one',
      changed(derOf(fixture('version-1-issued')), derOf(fixture('version-1-issued')).length - 5),
    ],
  ])('that %s is no damaged copy', (_, text) => {
    expect(certificateIn(text).details.warnings).not.toContain('DamagedCopy');
  });

  /** With a signature that is damaged, and identifiers of its own key and of the one that signed it. */
  const signedBy = (own: Buffer, signer: Buffer): string => {
    const der = craft({
      extensions: [
        basicConstraints(true),
        sequence(oid('2.5.29.14'), octets(octets(own))),
        sequence(oid('2.5.29.35'), octets(sequence(element(0x80, signer)))),
      ],
    });
    return changed(der, der.length - 5);
  };
  const identifier = (length: number, ...others: number[]) =>
    Buffer.alloc(length, 1).fill(Buffer.from([...others, 1]), 0, others.length);

  it.each([
    ['an identifier of other bytes', identifier(20), Buffer.alloc(20, 2)],
    ['an identifier of another length', identifier(20), identifier(32)],
    ['an identifier with three other bytes', identifier(20), identifier(20, 9, 9, 9)],
  ])('that an older key of the same authority signed is no damaged copy: %s', (_, own, signer) => {
    expect(certificateIn(signedBy(own, signer)).details.warnings).toEqual([]);
  });

  it('whose identifiers differ by no more than a damaged character is a damaged copy', () => {
    expect(certificateIn(signedBy(identifier(20), identifier(20))).details.warnings).toEqual(['DamagedCopy']);
    expect(certificateIn(signedBy(identifier(20), identifier(20, 9, 9))).details.warnings).toEqual(['DamagedCopy']);
  });

  it.each([
    [
      'is on a curve that nobody knows',
      sequence(sequence(oid('1.2.840.10045.2.1'), oid('1.2.3.4')), bits(Buffer.alloc(65, 4))),
    ],
    [
      'is RSA with an exponent that OpenSSL refuses',
      sequence(
        sequence(oid('1.2.840.113549.1.1.1'), NULL),
        bits(sequence(element(0x02, Buffer.from([0]), Buffer.alloc(512, 0xff)), element(0x02, Buffer.alloc(9, 0x7f)))),
      ),
    ],
  ])('whose key %s is no damaged copy, because that cannot be determined', (_, publicKey) => {
    expect(certificateIn(armour(craft({ publicKey }))).details.warnings).not.toContain('DamagedCopy');
  });

  it('with a key that is slow to verify with is not asked', () => {
    for (const bits of [12_288, 16_384]) {
      const modulus = Buffer.concat([Buffer.from([0]), Buffer.alloc(bits / 8, 0xff)]);
      const key = sequence(element(0x02, modulus), element(0x02, Buffer.alloc(bits / 8, 0x7f)));
      const spki = sequence(sequence(oid('1.2.840.113549.1.1.1'), NULL), element(0x03, Buffer.from([0]), key));
      const der = craft({ publicKey: spki });
      const before = process.cpuUsage();
      expect(certificateIn(armour(der)).details.warnings).not.toContain('DamagedCopy');
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000).toBeLessThan(100);
    }
  });
});

describe('names', () => {
  it('are one line, the most specific first', () => {
    expect(certificateIn(fixture('repeated-names')).details.subject).toBe(
      '1.2.3.4.5=Five, CN=Three + O=Four, O=Two, O=One',
    );
  });

  it('are distinguished as subject and issuer', () => {
    const { subject, issuer } = certificateIn(fixture('version-1-issued')).details;
    expect([subject, issuer]).toEqual(['CN=Made-up Root', 'CN=Somebody Else']);
  });

  it('that are hostile are shown escaped', () => {
    const { subject, issuer } = certificateIn(fixture('hostile-subject')).details;
    expect(subject).toBe(
      'CN=Root\\0A\\1B[31mred\\00\\u{202e}txt.exe\\u{200b}\\, O=Other\\+CN=\\"quoted\\"\\\\\\u{2028}, O=Org',
    );
    expect(issuer).toBe(subject);
  });

  it('that are empty are empty', () => {
    expect(certificateIn(fixture('empty-subject')).details.subject).toBe('');
  });

  it('of tens of thousands of characters are cut', () => {
    const subject = [name(COMMON_NAME, '\u0001'.repeat(20_000)), name(COMMON_NAME, 'x'.repeat(20_000))];
    expect(certificateIn(armour(craft({ subject, issuer: [] }))).details.subject).toBe(`CN=${'x'.repeat(252)}…`);
  });

  it('of thousands of parts are cut', () => {
    const subject = Array.from({ length: 3000 }, (_, index) => name(COMMON_NAME, `n${index}`));
    expect(certificateIn(armour(craft({ subject, issuer: [] }))).details.subject).toMatch(/^CN=n2999, CN=n2998, .*…$/);
  });
});

describe('dates', () => {
  it.each([
    ['UTCTime after 2000', utcTime('491231235959Z'), '2049-12-31T23:59:59Z'],
    ['UTCTime before 2000', utcTime('500101000000Z'), '1950-01-01T00:00:00Z'],
    ['GeneralizedTime', generalizedTime('20501231235959Z'), '2050-12-31T23:59:59Z'],
    ['the date that means never', generalizedTime('99991231235959Z'), '9999-12-31T23:59:59Z'],
    ['a leap day', generalizedTime('20240229000000Z'), '2024-02-29T00:00:00Z'],
    ['another zone, which DER has not', utcTime('2501010000+0100'), '2024-12-31T23:00:00Z'],
    ['a fraction of a second, which DER has not', generalizedTime('20250101000000.5Z'), '2025-01-01T00:00:00Z'],
  ])('%s', (_, notAfter, expected) => {
    expect(certificateIn(armour(craft({ notAfter }))).details.notAfter).toBe(expected);
  });

  it.each([
    ['a month of 13', generalizedTime('20251301000000Z')],
    ['a day of 0', utcTime('250100000000Z')],
    ['the 29th of February 2025', utcTime('250229000000Z')],
    ['an hour of 24', utcTime('250101240000Z')],
    ['a minute of 60', utcTime('250101006000Z')],
  ])('with %s refuse the certificate', (_, notBefore) => {
    expect(readSource(armour(craft({ notBefore }))).items).toMatchObject([{ problem: { kind: 'BadCertificate' } }]);
  });

  it("agree with node:crypto on every one of Mozilla's roots", () => {
    for (const pem of rootCertificates) {
      const { validFromDate, validToDate } = new X509Certificate(pem);
      const { notBefore, notAfter } = certificateIn(pem).details;
      expect([Date.parse(notBefore), Date.parse(notAfter)]).toEqual([validFromDate.getTime(), validToDate.getTime()]);
    }
  });
});

it('details are read once', () => {
  const certificate = certificateIn(fixture('made-up-root'));
  expect(certificate.details).toBe(certificate.details);
});
