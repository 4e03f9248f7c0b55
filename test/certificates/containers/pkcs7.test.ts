import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readPkcs7 } from '../../../src/certificates/containers/pkcs7.ts';
import { COMMON_NAME, craft, name, pkcs7, rsaKey } from '../fixtures/craft.ts';
import { element, integer, octets, oid, sequence, set } from '../fixtures/der-writer.ts';

const file = (path: string) => readFileSync(new URL(`../fixtures/containers/${path}.p7b`, import.meta.url));
const rsa = craft({ key: rsaKey(2048), subject: [name(COMMON_NAME, 'RSA')] });
const ec = craft({ subject: [name(COMMON_NAME, 'EC')] });
const SIGNED_DATA = oid('1.2.840.113549.1.7.2');

/** Subjects of the certificates, or the message. */
function summary(bytes: Buffer): string | string[] {
  const reading = readPkcs7(bytes);
  return reading.kind === 'problem'
    ? reading.message
    : reading.certificates.map((certificate) => new X509Certificate(certificate).subject);
}

describe('readPkcs7', () => {
  it.each<[string, Buffer, string[]]>([
    ["openssl's, with ECDSA keys", file('two'), ['CN=Made-up Root', 'CN=server.example']],
    ['a signed message in BER, in pieces', file('ber'), ['CN=Own']],
    ['RSA and ECDSA keys', pkcs7(rsa, ec), ['CN=RSA', 'CN=EC']],
  ])('reads %s', (_, bytes, subjects) => {
    expect(summary(bytes)).toEqual(subjects);
  });

  it('gives the bytes of each certificate as they are', () => {
    expect(readPkcs7(pkcs7(rsa, ec))).toEqual({ kind: 'certificates', certificates: [rsa, ec] });
  });

  it('stops one after the most that a source may hold', () => {
    const reading = readPkcs7(pkcs7(...Array.from({ length: 100 }, () => ec)));
    expect(reading.kind === 'certificates' && reading.certificates.length).toBe(65);
  });

  it('skips attribute certificates', () => {
    expect(summary(pkcs7(element(0xa2, integer(1)), ec))).toEqual(['CN=EC']);
  });

  const nested = (depth: number) => Array.from({ length: depth }).reduce<Buffer>((inner) => sequence(inner), set());
  it.each<[string, Buffer, RegExp]>([
    ['no certificates', file('empty'), /has no certificates/],
    ['encryption', sequence(oid('1.2.840.113549.1.7.3'), element(0xa0, sequence())), /is encrypted/],
    ['other content', sequence(oid('1.2.840.113549.1.7.1'), element(0xa0, octets(ec))), /has no certificates/],
    [
      'an INTEGER of another encoding, which would be written as another one',
      pkcs7(sequence(integer(0, 0, 1))),
      /damaged/,
    ],
    ['bytes behind it', Buffer.concat([pkcs7(ec), Buffer.from([0])]), /damaged/],
    ['3000 levels', pkcs7(nested(3000)), /damaged/],
    ['3000 levels without lengths', Buffer.concat([SIGNED_DATA, Buffer.alloc(6000, '3080', 'hex')]), /damaged/],
    [
      'half a million elements',
      pkcs7(...Array.from({ length: 500 }, () => Buffer.alloc(2000, '0500', 'hex'))),
      /damaged/,
    ],
  ])('refuses %s, at once', (_, bytes, message) => {
    const startedAt = performance.now();
    expect(summary(bytes)).toMatch(message);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it('takes any damage as a problem, or reads certificates that are there byte for byte', () => {
    const whole = file('ber');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, end) => {
        const damaged = Buffer.from(whole);
        damaged[at] = value;
        const reading = readPkcs7(damaged.subarray(0, end));
        const certificates = reading.kind === 'certificates' ? reading.certificates : [];
        expect(certificates.every((certificate) => damaged.includes(certificate))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
