import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { readSource } from '../../../src/certificates/read-source.ts';
import { relationsOf } from '../../../src/certificates/x509/issuers.ts';
import { COMMON_NAME, armour, craft, name, utcTime, type Recipe } from '../fixtures/craft.ts';

const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const named = (subject: string, issuer = subject, more: Recipe = {}) =>
  craft({ subject: [name(COMMON_NAME, subject)], issuer: [name(COMMON_NAME, issuer)], ...more });

/** What is found, as `2 IssuerMissing` for the certificate at index 2. */
function relations(...ders: Buffer[]): string[] {
  const members = readSource(ders.map((der) => armour(der)).join('')).items.flatMap((item) =>
    item.kind === 'certificate' ? [{ certificate: item.certificate, index: item.index }] : [],
  );
  expect(members).toHaveLength(ders.length);
  return relationsOf(members).map(({ kind, member, by }) => `${member.index} ${kind}${by ? ` by ${by.index}` : ''}`);
}

const later = { notAfter: utcTime('400101000000Z') };

it.each<[string, Buffer[], string[]]>([
  ['a root alone', [named('Root')], []],
  ['an intermediate with its root', [named('Sub', 'Root'), named('Root')], []],
  ['an intermediate alone', [named('Sub', 'Root')], ['0 IssuerMissing']],
  ['an intermediate without its root, beside another', [named('Sub', 'Root'), named('Else')], ['0 IssuerMissing']],
  [
    'a root, and the same with the same key and a later end',
    [named('A'), named('A', 'A', later)],
    ['0 Superseded by 1'],
  ],
  ['the same, the newer one first', [named('A', 'A', later), named('A')], ['1 Superseded by 0']],
  ['a root with a new key', [named('A'), named('A', 'A', { ...later, key: other })], []],
  ['the same certificate twice', [named('A'), named('A')], []],
])('compares %s', (_, ders, expected) => {
  expect(relations(...ders)).toEqual(expected);
});
