import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCertificateFields } from '../../../src/certificates/x509/certificate-fields.ts';
import { derShape } from '../../../src/certificates/x509/der-shape.ts';
import { childrenOf, readElementAt } from '../../../src/certificates/der.ts';
import { craft, pkcs12, pkcs7, publicKeyOf, request, revocationList } from '../fixtures/craft.ts';
import { derOf, ROOT_A } from '../roots.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const encryption = { cipher: 'aes-256-cbc', passphrase: 'secret' } as const;

describe('derShape', () => {
  it.each([
    ['a certificate', craft(), 'certificate'],
    ['a certificate of version 1', craft({ version: 1 }), 'certificate'],
    ['a request', request(), 'request'],
    ['a revocation list', revocationList(), 'crl'],
    ['a PKCS#7 bundle', pkcs7(craft()), 'pkcs7'],
    ['a PKCS#12 file', pkcs12(), 'pkcs12'],
    ['a public key', publicKeyOf(ec), 'public-key'],
    ['a PKCS#1 key', rsa.export({ type: 'pkcs1', format: 'der' }), 'private-key'],
    ['a PKCS#8 key', rsa.export({ type: 'pkcs8', format: 'der' }), 'private-key'],
    ['an Ed25519 key', ed25519.export({ type: 'pkcs8', format: 'der' }), 'private-key'],
    ['a SEC 1 key', ec.export({ type: 'sec1', format: 'der' }), 'private-key'],
    ['an encrypted key', ec.export({ type: 'pkcs8', format: 'der', ...encryption }), 'private-key'],
    ['nothing', Buffer.alloc(0), 'unknown'],
    ['text', Buffer.from('hello, world'), 'unknown'],
  ])('recognises %s', (_, der, shape) => {
    expect(derShape(der)).toBe(shape);
  });

  it('and everything else that walks DER takes any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(600), fc.integer({ min: 0, max: 255 })).map(([at, value]) => {
        const der = Uint8Array.from(derOf(ROOT_A));
        der[at] = value;
        return der;
      }),
    );
    fc.assert(
      fc.property(bytes, (made) => {
        const der = Buffer.from(made);
        expect(derShape(der)).toMatch(/\w/);
        const fields = readCertificateFields(der);
        if (fields !== undefined) expect(fields.signature.oid).toMatch(/^[0-9a-f]*$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readElementAt', () => {
  it.each([
    ['3000', { tag: 0x30, start: 0, content: 2, end: 2 }],
    ['0401ff', { tag: 4, start: 0, content: 2, end: 3 }],
    [`048180${'00'.repeat(128)}`, { tag: 4, start: 0, content: 3, end: 131 }],
  ])('reads %s', (hex, expected) => {
    expect(readElementAt(Buffer.from(hex, 'hex'), 0)).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a long tag', '1f8100'],
    ['a length beyond the bytes', '300100'.slice(0, 4)],
    ['an indefinite length', '30800000'],
    ['a length that could be shorter', `0481017f`],
    ['a length with a leading zero', `04820080${'00'.repeat(128)}`],
    ['a length of nine bytes', '0489010000000000000000'],
  ])('refuses %s', (_, hex) => {
    expect(readElementAt(Buffer.from(hex, 'hex'), 0)).toBeUndefined();
  });

  it('children do not reach beyond their parent', () => {
    const bytes = Buffer.from('30030402aabb', 'hex');
    const parent = { tag: 0x30, start: 0, content: 2, end: 5 };
    expect(childrenOf(bytes, parent, 9)).toBeUndefined();
  });
});
