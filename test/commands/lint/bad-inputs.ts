/** Files that a person should not use as they are, each with one thing wrong. test/commands/lint/golden has what `lint` says of each. */
import {
  armour,
  basicConstraints,
  craft,
  keyUsage,
  name,
  pkcs12,
  pkcs7,
  publicKeyOf,
  utcTime,
} from '../../certificates/fixtures/craft.ts';
import { COMMON_NAME } from '../../certificates/fixtures/craft.ts';
import { fixture } from '../../certificates/fixtures/fixture.ts';
import { readFileSync } from 'node:fs';
import { MANIFESTS } from './bad-manifests.ts';
import { expired, intermediate, keyOf, privateKey, root, rootDer } from './made-up.ts';

const A = root('Root A');
const BAD = A.replace('MI', 'M!');
const B = root('Root B');
const element = (pem: string) => Buffer.from(pem).toString('base64');
const lines = A.split('\n');
const container = (file: string) =>
  readFileSync(new URL(`../../certificates/fixtures/containers/${file}`, import.meta.url));
const many = (count: number) => Array.from({ length: count }, (_, index) => root(`Root ${index + 1}`));

/** Content by the name of the file. */
export const BAD_INPUTS: Readonly<Record<string, string | Buffer>> = {
  'empty.pem': '',
  'blanks.pem': ' \n\t\n',
  'prose.pem': 'The root is in the wiki.\n',
  'file-name.pem': '/etc/ssl/certs/ca.pem\n',
  'placeholder.pem': '${CA_PEM}\n',
  'hexadecimal.pem': `${rootDer('Root A').toString('hex')}\n`,
  'private-key.pem': privateKey(),
  'private-key-beside.pem': A + privateKey(),
  'private-key-encoded.pem': `${element(privateKey())}\n`,
  'request.pem': fixture('request'),
  'public-key.pem': armour(publicKeyOf(keyOf('Root A')), 'PUBLIC KEY'),
  'revocation-list.pem': fixture('revocation-list'),
  'trusted.pem': A.replaceAll(' CERTIFICATE', ' TRUSTED CERTIFICATE'),
  'other-label.pem': A.replaceAll(' CERTIFICATE', ' ROOT'),
  'without-begin.pem': lines.slice(1).join('\n'),
  'without-end.pem': lines.slice(0, -2).join('\n'),
  'begin-twice.pem': `${lines.slice(0, 4).join('\n')}\n${B}`,
  'four-dashes.pem': A.replace('-----BEGIN', '----BEGIN'),
  'en-dashes.pem': A.replaceAll('-----', '–––––'),
  'no-break-space.pem': A.replace('BEGIN ', 'BEGIN\u00a0'),
  'lower-case.pem': A.replace('BEGIN', 'begin').replace('END', 'end'),
  'bad-character.pem': BAD,
  'look-alike.pem': A.replace('MI', 'M\u0406'),
  'padding.pem': A.replace(/=*\n-----END/, '===\n-----END'),
  'cut.pem': armour(rootDer('Root A').subarray(0, 120)),
  'trailing-bytes.pem': armour(Buffer.concat([rootDer('Root A'), Buffer.from('\n')])),
  'two-in-one.pem': armour(Buffer.concat([rootDer('Root A'), rootDer('Root B')])),
  'not-der.pem': armour(Buffer.from('not a certificate, and long enough to be one')),
  'nothing-between.pem': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
  'numbered-lines.pem': lines.map((line, index) => (line === '' ? '' : `${index + 1}\t${line}`)).join('\n'),
  'quoted-lines.pem': lines.map((line) => (line === '' ? '' : `> ${line}`)).join('\n'),
  'literal-line-breaks.pem': A.replaceAll('\n', '\\n'),
  'html.pem': A.replaceAll('\n', '<br>\n'),
  'backslashes.pem': A.replace(/([^-])\n/g, '$1\\\n'),
  'pem-header.pem': A.replace('-----\n', '-----\nProc-Type: 4,CLEAR\n'),
  'encoded-for-a-url.pem': `${encodeURIComponent(A)}\n`,
  'utf-16.pem': Buffer.from(`\ufeff${A}`, 'utf16le'),
  'der-behind-pem.pem': Buffer.concat([Buffer.from(A), rootDer('Root B')]),
  'bare-base64.pem': `a comment\n${rootDer('Root A').toString('base64')}\n`,
  'encoded-twice.pem': element(element(A)),
  'windows.pem': A.replaceAll('\n', '\r\n'),
  'too-large.pem': 'x'.repeat(1024 * 1024 + 1),
  'too-many.pem': A.repeat(65),
  'eleven.pem': many(11).join(''),
  'twice.pem': A + B + A,
  'expired.pem': expired(),
  'not-yet-valid.pem': root('Root of Tomorrow', { notBefore: utcTime('300101000000Z') }),
  'leaf.pem': root('server.example', { authority: false }),
  'no-key-usage.pem': root('Root A', { extensions: [basicConstraints(true), keyUsage(7, 0x80)] }),
  'weak-signature.pem': fixture('sha1-rsa'),
  'md5.pem': fixture('md5'),
  'weak-key.pem': fixture('rsa-1024'),
  'negative-serial.pem': fixture('negative-serial'),
  'damaged-copy.pem': armour(flipped(rootDer('Root A'))),
  'unusable-by-go.pem': fixture('field/ec-secp256k1'),
  'hostile-subject.pem': root('Root\n\u001b[31m\u202etxt.exe', { authority: false }),
  'empty-subject.pem': root('', { subject: [], issuer: [name(COMMON_NAME, 'Elsewhere')] }),
  'intermediate.pem': intermediate('Issuing CA', 'Root Elsewhere'),
  'superseded.pem': root('Root A') + root('Root A', { notAfter: utcTime('450101000000Z') }),
  'trailing-bytes.der': Buffer.concat([rootDer('Root A'), Buffer.from('\n')]),
  'cut.der': rootDer('Root A').subarray(0, 100),
  'key.der': keyOf('leaked').export({ format: 'der', type: 'pkcs8' }),
  'ber.p7b': container('ber.p7b'),
  'empty.p7b': container('empty.p7b'),
  'leaf.p7b': pkcs7(rootDer('Root A'), rootDer('server.example', { authority: false })),
  'cut.p7b': pkcs7(rootDer('Root A')).subarray(0, 200),
  'password.p12': container('aes.p12'),
  'old-encryption.p12': container('rc4.p12'),
  'empty.p12': pkcs12(),
  'java.jks': container('java.jks'),
  'no-list.json': '{"properties": {}}',
  'empty-list.json': '{"properties": {"securityProfile": {"customCATrustCertificates": []}}}',
  'list-of-numbers.json': '{"customCATrustCertificates": [1]}',
  'list-of-der.json': JSON.stringify([rootDer('Root A').toString('base64')]),
  'list-with-a-key.json': JSON.stringify([element(A), element(privateKey())], undefined, 2),
  'cut.json': '["LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t',
  'deep.json': `["",${'['.repeat(1000)}`,
  'expression.tf':
    'resource "azurerm_kubernetes_cluster" "a" {\n  custom_ca_trust_certificates_base64 = [\n    filebase64("a.pem")\n  ]\n}\n',
  'variable.tf': 'custom_ca_trust_certificates_base64 = var.roots\n',
  'bad-element.tf': `custom_ca_trust_certificates_base64 = ["${element(A).replace('L', '?')}"]\n`,
  ...MANIFESTS,
};

function flipped(der: Buffer): Buffer {
  const copy = Buffer.from(der);
  // In the signature.
  copy[der.length - 5] = (copy[der.length - 5] ?? 0) ^ 1;
  return copy;
}

/** Kept for the test that each certificate here is the same in each run. */
export const SAMPLE = craft({ key: keyOf('sample') });
