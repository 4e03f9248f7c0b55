import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readElement } from '../../../src/certificates/element.ts';
import { readSource } from '../../../src/certificates/read-source.ts';
import { armour } from '../fixtures/craft.ts';
import { ROOT_A, ROOT_B, base64 } from '../roots.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
const encryption = { cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
const pkcs8 = rsa.export({ type: 'pkcs8', format: 'der' });

const pem = (
  key: KeyObject,
  options: { type: 'pkcs8' | 'pkcs1' | 'sec1'; cipher?: string; passphrase?: string },
): string => key.export({ ...options, format: 'pem' }).toString();

const KEYS: Readonly<Record<string, string>> = {
  'PKCS#8': pem(ec, { type: 'pkcs8' }),
  'encrypted PKCS#8': pem(ec, { type: 'pkcs8', ...encryption }),
  'EC (SEC 1)': pem(ec, { type: 'sec1' }),
  'RSA (PKCS#1)': pem(rsa, { type: 'pkcs1' }),
  'RSA, encrypted in PEM': pem(rsa, { type: 'pkcs1', ...encryption }),
  OpenSSH: armour(pkcs8, 'OPENSSH PRIVATE KEY'),
  DSA: armour(pkcs8, 'DSA PRIVATE KEY'),
  PGP: armour(pkcs8, 'PGP PRIVATE KEY BLOCK'),
};

/** Any eight characters of the key's data that stand together. */
function quotes(text: string, key: string): boolean {
  const data = key.replace(/-----.*-----/g, '').replace(/\s/g, '');
  for (let at = 0; at + 8 <= data.length; at++) if (text.includes(data.slice(at, at + 8))) return true;
  return false;
}

const WAYS: Readonly<Record<string, (key: string) => string>> = {
  alone: (key) => key,
  'after a certificate': (key) => ROOT_A + key,
  'before a certificate': (key) => key + ROOT_A,
  'with CRLF': (key) => (ROOT_A + key).replaceAll('\n', '\r\n'),
  'in base64': (key) => base64(key),
  'in base64 with a certificate': (key) => base64(ROOT_A + key),
  'in base64 of base64': (key) => base64(base64(key)),
  'in one line of base64 beside certificates': (key) => `${base64(ROOT_A)}\n${base64(key)}\n${ROOT_B}`,
  'without its END': (key) => ROOT_A + key.slice(0, key.lastIndexOf('-----END')),
  'without its BEGIN': (key) => key.slice(key.indexOf('\n') + 1) + ROOT_A,
  'without its BEGIN, encoded for a URL': (key) => encodeURIComponent(key.slice(key.indexOf('\n') + 1)),
  'without its BEGIN, in UTF-16': (key) =>
    key
      .slice(key.indexOf('\n') + 1)
      .split('')
      .join('\0'),
  'with en dashes': (key) => key.replaceAll('-----', '–––––') + ROOT_A,
  'with no-break spaces': (key) => key.replaceAll(' ', '\u00a0') + ROOT_A,
  'with four dashes': (key) => key.replaceAll('-----', '----') + ROOT_A,
  'on one line': (key) => key.replaceAll('\n', ' ') + ROOT_A,
  'commented out': (key) => ROOT_A + key.replace(/^(?=.)/gm, '# '),
  'after a comment on the same line': (key) => `key: ${key}${ROOT_A}`,
  'behind other signs of comments': (key) => ROOT_A + key.replace(/^(?=.)/gm, '// '),
  'encoded for a URL': (key) => encodeURIComponent(key),
  'encoded for a URL beside a certificate': (key) => encodeURIComponent(key) + ROOT_A,
  'in UTF-16': (key) => key.split('').join('\0'),
  'with numbered lines': (key) =>
    ROOT_A +
    key
      .split('\n')
      .map((line, index) => `${index + 1}\t${line}`)
      .join('\n'),
  'inside BEGIN and END of a certificate': (key) => armour(Buffer.from(key)) + ROOT_A,
};

describe('a private key', () => {
  const cases = Object.keys(KEYS).flatMap((key) => Object.keys(WAYS).map((way): [string, string] => [key, way]));
  it.each(cases)('of the kind %s, %s, is refused, with everything beside it, and not quoted', (key, way) => {
    const text = WAYS[way]?.(KEYS[key] ?? '') ?? '';
    const { items } = readSource(text);
    expect(items.length).toBeGreaterThan(0);
    expect(items.map((item) => (item.kind === 'problem' ? item.problem.kind : item.kind))).toEqual(
      items.map(() => 'PrivateKey'),
    );
    expect(quotes(JSON.stringify(items), KEYS[key] ?? '')).toBe(false);
  });

  it.each([
    ['PKCS#8', pkcs8],
    ['PKCS#1', rsa.export({ type: 'pkcs1', format: 'der' })],
    ['SEC 1', ec.export({ type: 'sec1', format: 'der' })],
    ['encrypted PKCS#8', rsa.export({ type: 'pkcs8', format: 'der', ...encryption })],
  ])('in DER (%s) is seen without its label', (_, der) => {
    for (const text of [armour(der) + ROOT_A, `${ROOT_A}${der.toString('base64')}\n`]) {
      const { items } = readSource(text);
      expect(items.map((item) => item.kind === 'problem' && item.problem.kind)).toEqual(['PrivateKey']);
    }
  });

  it('of PuTTY is seen', () => {
    const { items } = readSource(`# key\nPuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nAAAA\n${ROOT_A}`);
    expect(items).toMatchObject([{ kind: 'problem', problem: { kind: 'PrivateKey', line: 2 } }]);
  });

  it('is seen among too many certificates', () => {
    const { items } = readSource((KEYS['PKCS#8'] ?? '') + ROOT_A.repeat(65));
    expect(items).toMatchObject([{ kind: 'problem', problem: { kind: 'PrivateKey', index: 0 } }]);
  });

  it('is seen with a label in small letters', () => {
    const { items } = readSource((KEYS['EC (SEC 1)'] ?? '').replaceAll('EC PRIVATE KEY', 'ec private key') + ROOT_A);
    expect(items).toMatchObject([{ kind: 'problem', problem: { kind: 'PrivateKey', index: 0 } }]);
  });

  it('says which of the items it is', () => {
    const { items } = readSource(ROOT_A + ROOT_B + (KEYS['PKCS#8'] ?? ''));
    expect(items).toMatchObject([{ kind: 'problem', problem: { kind: 'PrivateKey', index: 2 } }]);
  });

  it('makes an element unreadable and is not quoted in the reason', () => {
    for (const key of Object.values(KEYS)) {
      const reading = readElement(base64(ROOT_A + key));
      expect(reading.kind).toBe('unreadable');
      expect(quotes(JSON.stringify(reading), key)).toBe(false);
    }
  });

  it('is never quoted, however it is mangled', () => {
    const key = KEYS['RSA (PKCS#1)'] ?? '';
    const mangled = fc
      .tuple(
        fc.nat(key.length),
        fc.nat(key.length),
        fc.string({ unit: 'grapheme', maxLength: 4 }),
        fc.constantFrom(...Object.values(WAYS)),
        fc.boolean(),
      )
      .map(([from, to, inserted, way, relabel]) => {
        const text = key.slice(0, from) + inserted + key.slice(to);
        return way(relabel ? text.replaceAll('RSA PRIVATE KEY', 'CERTIFICATE') : text);
      });
    fc.assert(
      fc.property(mangled, (text) => {
        expect(quotes(JSON.stringify([readSource(text), readElement(text)]), key)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
