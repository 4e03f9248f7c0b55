import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPkcs12 } from '../../../src/certificates/containers/pkcs12/read-pkcs12.ts';
import { element, integer, octets, oid, sequence, set } from '../fixtures/der-writer.ts';

const PASSWORD = 'correct horse';
const file = (name: string) => readFileSync(new URL(`../fixtures/containers/${name}.p12`, import.meta.url));

/** Subjects of the certificates, or the message. */
function summary(der: Buffer, password?: string): string | string[] {
  const reading = readPkcs12(der, password);
  return reading.kind === 'problem'
    ? reading.message
    : reading.certificates.map((certificate) => new X509Certificate(certificate).subject);
}

const BOTH = ['CN=Own', 'CN=Made-up Root'];
const WRONG = /does not open/;
const NEEDED = /needs a password/;

describe('readPkcs12, of files that openssl and keytool wrote', () => {
  it.each<[name: string, right: string[], without: string[] | RegExp]>([
    ['aes', BOTH, NEEDED],
    ['triple-des', BOTH, NEEDED],
    ['two-key-des', BOTH, NEEDED],
    ['rc2', BOTH, NEEDED],
    ['rc2-128', BOTH, NEEDED],
    ['sha512', BOTH, NEEDED],
    ['unencrypted', BOTH, BOTH],
    ['java', ['CN=Made-up Root'], NEEDED],
  ])('%s: the password opens it, another one does not', (name, right, without) => {
    expect(summary(file(name), PASSWORD)).toEqual(right);
    expect(summary(file(name), 'wrong')).toMatch(WRONG);
    const reading = summary(file(name));
    if (without instanceof RegExp) expect(reading).toMatch(without);
    else expect(reading).toEqual(without);
  });

  it('reads one with an empty password without a password', () => {
    expect(summary(file('empty-password'))).toEqual(BOTH);
    expect(summary(file('empty-password'), '')).toEqual(BOTH);
  });

  it('takes a password of any characters', () => {
    expect(summary(file('umlaut'), 'grün ☂')).toEqual(BOTH);
    expect(summary(file('umlaut'), 'grun ☂')).toMatch(WRONG);
  });

  it('gives the bytes of a certificate as they are, whatever its key', () => {
    const root = readFileSync(new URL('../fixtures/made-up-root.pem', import.meta.url), 'utf8');
    const reading = readPkcs12(file('rc2'), PASSWORD);
    const certificates = reading.kind === 'certificates' ? reading.certificates : [];
    expect(certificates.map((der) => new X509Certificate(der).publicKey.asymmetricKeyType)).toEqual(['ec', 'ec']);
    expect(certificates[1]?.equals(new X509Certificate(root).raw)).toBe(true);
  });

  it('names an algorithm that is not read, and a command that reads it', () => {
    expect(summary(file('rc4'), PASSWORD)).toMatch(/RC4, .* "openssl pkcs12 -legacy -nokeys/);
  });

  it('takes any damage as a problem', () => {
    const der = file('aes');
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, value, end) => {
        const damaged = Buffer.from(der);
        damaged[at] = value;
        expect(readPkcs12(damaged.subarray(0, end), PASSWORD).kind).toMatch(/^(problem|certificates)$/);
      }),
      { numRuns: 200 },
    );
  });
});

describe('readPkcs12 does not begin', () => {
  const DATA = oid('1.2.840.113549.1.7.1');
  const encrypted = (iterations: number[]) =>
    sequence(
      oid('1.2.840.113549.1.7.6'),
      element(
        0xa0,
        sequence(
          integer(0),
          sequence(
            DATA,
            sequence(oid('1.2.840.113549.1.12.1.3'), sequence(octets(Buffer.alloc(8)), integer(...iterations))),
            element(0x80, Buffer.alloc(8)),
          ),
        ),
      ),
    );
  const pfx = (...parts: Buffer[]) => sequence(integer(3), sequence(DATA, element(0xa0, octets(sequence(...parts)))));
  const withMac = (digest: string, ...iterations: number[]) => {
    const digestInfo = sequence(sequence(oid(digest)), octets(Buffer.alloc(64)));
    const mac = sequence(digestInfo, octets(Buffer.alloc(8)), integer(...iterations));
    return sequence(integer(3), sequence(DATA, element(0xa0, octets(sequence()))), mac);
  };
  const pbes2 = (...iterations: number[]) => {
    const kdf = sequence(oid('1.2.840.113549.1.5.12'), sequence(octets(Buffer.alloc(8)), integer(...iterations)));
    const scheme = sequence(oid('2.16.840.1.101.3.4.1.42'), octets(Buffer.alloc(16)));
    const algorithm = sequence(oid('1.2.840.113549.1.5.13'), sequence(kdf, scheme));
    const content = sequence(DATA, algorithm, element(0x80, Buffer.alloc(16)));
    return sequence(oid('1.2.840.113549.1.7.6'), element(0xa0, sequence(integer(0), content)));
  };
  /** An encrypted key, which asks for 2^31-1 iterations; the empty bag of certificates beside it is what is asked for. */
  const key = sequence(
    oid('1.2.840.113549.1.12.10.1.2'),
    element(
      0xa0,
      sequence(
        sequence(oid('1.2.840.113549.1.12.1.3'), sequence(octets(Buffer.alloc(8)), integer(0x7f, 0xff, 0xff, 0xff))),
        octets(Buffer.alloc(8)),
      ),
    ),
  );
  const plain = (...bags: Buffer[]) => sequence(DATA, element(0xa0, octets(sequence(...bags))));
  const nested = (depth: number) => Array.from({ length: depth }).reduce<Buffer>((inner) => sequence(inner), set());

  it.each([
    ['what takes a minute in one part', pfx(encrypted([0x7f, 0xff, 0xff, 0xff])), /1500000 iterations/],
    ['what takes a minute in PBES2', pfx(pbes2(0x7f, 0xff, 0xff, 0xff)), /1500000 iterations/],
    ['a MAC that takes a minute', withMac('1.3.14.3.2.26', 0x7f, 0xff, 0xff, 0xff), /1500000 iterations/],
    ['a MAC of SHA-512 that takes 5 s', withMac('2.16.840.1.101.3.4.2.3', 0x0c, 0x35, 0x00), /1500000 iterations/],
    ['a key, however many iterations it asks for', pfx(plain(key)), /has no certificates/],
    ['what is nested 3000 levels deep', nested(3000), /damaged/],
    ['a part that is nested 100 levels deep', pfx(plain(nested(100))), /damaged/],
    ['what takes long in all parts', pfx(...Array.from({ length: 16 }, () => encrypted([0x01, 0x86, 0xa0]))), /itera/],
    ['a negative count', pfx(encrypted([0xff])), /damaged/],
    ['a count of five bytes', pfx(encrypted([1, 0, 0, 0, 0])), /damaged/],
    ['17 parts', pfx(...Array.from({ length: 17 }, () => encrypted([1]))), /damaged/],
    ['a file of more than 1 MiB', Buffer.concat([pfx(), Buffer.alloc(1024 * 1024)]), /larger than 1024 KiB/],
    ['a file without entries', pfx(), /has no certificates/],
  ])('%s', (_, der, message) => {
    const startedAt = performance.now();
    expect(summary(der, PASSWORD)).toMatch(message);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
