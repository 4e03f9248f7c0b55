import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import { parseClusterId } from '../../../src/api/resource-id.ts';
import { readFile } from '../../../src/certificates/formats/read-file.ts';
import { convertFiles } from '../../../src/commands/convert/convert.ts';
import type { ConvertRequest, TargetForm } from '../../../src/commands/convert/request.ts';
import { entryNames } from '../../../src/commands/convert/to-manifest.ts';
import { lintInputs } from '../../../src/commands/lint/lint.ts';
import { armour, pkcs7 } from '../../certificates/fixtures/craft.ts';
import { CLUSTER, entry, manifest, rotation } from '../lint/bad-manifests.ts';
import { NOW, expired, intermediate, privateKey, root, rootDer } from '../lint/made-up.ts';

const [A, B] = [root('Root A'), root('Root B')];
const P12 = readFileSync(new URL('../../certificates/fixtures/containers/aes.p12', import.meta.url));
const FORMS: readonly TargetForm[] = ['pem', 'az-file', 'arm-json', 'terraform', 'manifest'];

function to(form: TargetForm): ConvertRequest['to'] {
  const target = parseClusterId(CLUSTER);
  if (!target) throw new Error(CLUSTER);
  return form === 'manifest' ? { form, names: { name: 'roots', namespace: 'platform', target } } : { form };
}

function convert(files: Readonly<Record<string, string | Buffer>>, form: TargetForm = 'pem', password?: string) {
  const inputs = Object.keys(files).map((name) => ({ name, named: true }));
  const read = (name: string) => ({ kind: 'bytes', bytes: Buffer.from(files[name] ?? '') }) as const;
  const { text, findings } = convertFiles(inputs, read, to(form), { now: NOW, password });
  return { text, said: findings.map(({ file, severity, code }) => `${file} ${severity} ${code}`) };
}

const preview = (value: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: custom-ca-trust-secret, namespace: kube-system}\ndata:\n  a.crt: ${value}\n`;
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('convert reads', () => {
  it.each<[string, string | Buffer]>([
    ['PEM', A + B],
    ['PEM with text around it', `# A\n${A}\n\nthe other\n${B.replaceAll('\n', '\r\n')}`],
    ['PKCS#7', pkcs7(rootDer('Root A'), rootDer('Root B'))],
    ['PKCS#7 in PEM', armour(pkcs7(rootDer('Root A'), rootDer('Root B')), 'PKCS7')],
    ['the list of ARM', JSON.stringify([base64(A), base64(B)])],
    ['two certificates in one element', JSON.stringify([base64(A + B)])],
    ['az aks show', JSON.stringify({ securityProfile: { customCaTrustCertificates: [A, B] } })],
    ['Terraform', `custom_ca_trust_certificates_base64 = ["${base64(A)}", "${base64(B)}"]`],
    ['a manifest', manifest({ certificates: entry('a', A) + entry('b', B) })],
    ['a certificate twice', A + B + A],
    ["the preview's Secret", preview(base64(A + B))],
    ["the preview's Secret, encoded twice", preview(base64(base64(A + B)))],
    [
      "the preview's Secret as text",
      preview('').replace(/\ndata:[^]*/, `\nstringData:\n  a: ${JSON.stringify(A + B)}\n`),
    ],
  ])('%s', (_, content) => {
    expect(convert({ file: content })).toEqual({ text: A + B, said: [] });
  });

  it('several files, each certificate once', () => {
    expect(convert({ 'b.pem': B, 'a.pem': A + B, 'a.der': rootDer('Root A') })).toEqual({ text: B + A, said: [] });
  });

  it('PKCS#12 with a password, and none of its keys', () => {
    const { text, said } = convert({ 'a.p12': P12 }, 'pem', 'correct horse');
    // The file was made later than the time of these tests.
    expect(said).toEqual(['a.p12 Warning NotYetValid']);
    expect(text?.match(/-----BEGIN [A-Z ]+-----/g)).toEqual(Array(2).fill('-----BEGIN CERTIFICATE-----'));
  });

  it('an intermediate certificate, whose root is in another file', () => {
    expect(convert({ 'a.pem': intermediate('Issuing', 'Root A'), 'b.pem': A }).said).toEqual([]);
    expect(convert({ 'a.pem': intermediate('Issuing', 'Root A') }).said).toEqual(['a.pem Warning IssuerMissing']);
  });

  it('an expired certificate, and says so', () => {
    expect(convert({ 'a.pem': expired() })).toEqual({ text: expired(), said: ['a.pem Warning Expired'] });
  });
});

describe('convert writes nothing of', () => {
  it.each<[string, string | Buffer, string]>([
    ['a file with one bad certificate', A + B.replace('MI', 'M!'), 'a Error BadBase64'],
    ['a file with a private key', A + privateKey(), 'a Error PrivateKey'],
    ['a bad manifest', manifest({ spec: '  settle: 1\n' }), 'a Error UnknownField'],
    ['a manifest of another kind', 'apiVersion: v1\nkind: ConfigMap\n', 'a Error NothingFound'],
    ['a manifest without certificates', manifest({ certificates: '    []\n' }), 'a Error NothingFound'],
    ['a rotation', rotation(), 'a Error NothingFound'],
    ['a PKCS#12 file without its password', P12, 'a Error NotACertificate'],
  ])('%s', (_, content, said) => {
    expect(convert({ a: content })).toEqual({ text: undefined, said: [said] });
  });

  it('more certificates than a cluster takes, unless it is PEM', () => {
    const eleven = Array.from({ length: 11 }, (_, index) => root(`Root ${index}`)).join('');
    for (const form of FORMS) {
      const { text, said } = convert({ a: eleven }, form);
      if (form === 'pem') expect({ text, said }).toEqual({ text: eleven, said: [] });
      else expect({ text, said }).toEqual({ text: undefined, said: ['a Error LimitExceeded'] });
    }
  });
});

describe('a conversion', () => {
  it.each(FORMS)('to %s is read again as it was, also by lint', (form) => {
    const { text = '' } = convert({ a: A + B }, form);
    expect(convert({ again: text })).toEqual({ text: A + B, said: [] });
    const read = () => ({ kind: 'bytes', bytes: Buffer.from(text) }) as const;
    const { findings } = lintInputs([{ name: 'again', named: true }], read, { now: NOW });
    expect(findings.filter(({ severity }) => severity !== 'Note')).toEqual([]);
    // Twice gives the same bytes.
    expect(convert({ again: text }, form).text).toBe(text);
  });

  it('to a manifest has an object with an entry for each certificate', () => {
    const hostile = root('x\n- name: "#', { authority: true });
    const object = parse(convert({ a: A + B + hostile }, 'manifest').text ?? '') as CustomCATrust;
    expect(object.metadata).toEqual({ name: 'roots', namespace: 'platform' });
    expect(object.spec.target).toEqual({ resourceId: CLUSTER });
    expect(object.spec.certificates?.map(({ name }) => name)).toEqual(['root-a', 'root-b', 'x-0a-name']);
    expect(object.spec.certificates?.map(({ pem }) => pem)).toEqual([A, B, hostile]);
  });
});

it('entries are named after the common name, each name once and not too long', () => {
  const names = ['CN=Root, O=X', 'O=X, CN=Root', 'CN=Größe 1', 'CN=', 'O=Only', 'CN=日本', `CN=${'a'.repeat(99)}`, ''];
  const certificates = names.map((subject) => ({ details: { subject } as never }));
  expect(entryNames(certificates)).toEqual([
    'root',
    'root-2',
    'gro-e-1',
    'certificate',
    'only',
    'certificate-2',
    'a'.repeat(56),
    'certificate-3',
  ]);
});

it('DER of one certificate converts to the same bytes as its PEM', () => {
  expect(readFile(rootDer('Root A')).items).toMatchObject([{ certificate: { pem: A } }]);
});
