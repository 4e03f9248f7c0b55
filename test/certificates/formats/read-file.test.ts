import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Certificate } from '../../../src/certificates/certificate.ts';
import { detectForm, type FileForm } from '../../../src/certificates/formats/file-form.ts';
import { readFile } from '../../../src/certificates/formats/read-file.ts';
import { toArmJson, toAzureCliFile, toPem, toTerraform } from '../../../src/certificates/formats/write-list.ts';
import { readSource } from '../../../src/certificates/read-source.ts';
import { armour, pkcs12, pkcs7 } from '../fixtures/craft.ts';
import { ROOTS, ROOT_A, ROOT_B, base64, derOf, fingerprintOf } from '../roots.ts';

const container = (name: string) => readFileSync(new URL(`../fixtures/containers/${name}`, import.meta.url));
const [A, B] = [ROOT_A, ROOT_B].map(fingerprintOf);

/** The form, and for each item a letter and its line, or the kind of its problem with line and column. */
function summary(content: Buffer | string): [FileForm, ...string[]] {
  const { form, items } = readFile(Buffer.from(content));
  const parts = items.map((item) => {
    if (item.kind === 'problem') {
      const { kind, line, column } = item.problem;
      return column === undefined ? `${kind} @${line}` : `${kind} @${line}:${column}`;
    }
    const { fingerprint } = item.certificate;
    return `${fingerprint === A ? 'A' : fingerprint === B ? 'B' : '?'} @${item.line}`;
  });
  return [form, ...parts];
}

const list = JSON.stringify([base64(ROOT_A), base64(ROOT_B)], undefined, 2);
const body = JSON.stringify({
  kind: 'Base',
  properties: { securityProfile: { customCATrustCertificates: [base64(ROOT_A)] } },
});
const shown = JSON.stringify({ securityProfile: { customCaTrustCertificates: [ROOT_A, ROOT_B] } });
const state = JSON.stringify({ values: [{ custom_ca_trust_certificates_base64: [base64(ROOT_B)] }] });
const terraform = `resource "azurerm_kubernetes_cluster" "prod" {
  custom_ca_trust_certificates_base64 = [
    # the first
    "${base64(ROOT_A)}",
    "${base64(ROOT_B)}", // the second
  ]
}
`;

describe('readFile', () => {
  it.each<[string, Buffer | string, [FileForm, ...string[]]]>([
    ['PEM', ROOT_A + ROOT_B, ['Pem', 'A @1', `B @${ROOT_A.split('\n').length}`]],
    ['the file of the Azure CLI', `${ROOT_A}\n${ROOT_B}`, ['Pem', 'A @1', `B @${ROOT_A.split('\n').length + 1}`]],
    ['DER', derOf(ROOT_A), ['Der', 'A @1']],
    ['base64 of DER', derOf(ROOT_A).toString('base64'), ['Der', 'A @1']],
    ['PKCS#7 in DER', pkcs7(derOf(ROOT_A), derOf(ROOT_B)), ['Pkcs7', 'A @1', 'B @1']],
    ['PKCS#7 in PEM', armour(pkcs7(derOf(ROOT_B)), 'PKCS7'), ['Pem', 'B @1']],
    ['base64 of PKCS#7', pkcs7(derOf(ROOT_A)).toString('base64'), ['Pkcs7', 'A @1']],
    ["PKCS#7 in DER of openssl's", container('two.p7b'), ['Pkcs7', '? @1', '? @1']],
    ["PKCS#7 in PEM of openssl's", container('two.p7b.pem'), ['Pem', '? @1', '? @1']],
    ['PKCS#7 in BER', container('ber.p7b'), ['Pkcs7', '? @1']],
    ['PKCS#7 without certificates', container('empty.p7b'), ['Pkcs7', 'NotACertificate @1']],
    ['PKCS#12 without certificates', pkcs12(), ['Pkcs12', 'NotACertificate @1']],
    ['a Java keystore', container('java.jks'), ['JavaKeyStore', 'NotACertificate @1']],
    ["ARM's list", list, ['JsonList', 'A @2', 'B @3']],
    ['the body of a cluster', body, ['JsonList', 'A @1']],
    ['az aks show', shown, ['JsonList', 'A @1', 'B @1']],
    ['a state of Terraform', state, ['JsonList', 'B @1']],
    ['a list with other values', '["x",\n 1]', ['JsonList', 'NotACertificate @1:2', 'NotACertificate @2:2']],
    ['an empty list', '[]', ['JsonList', 'Empty @1']],
    ['JSON that is cut', list.slice(0, -3), ['JsonList', 'Ambiguous @3']],
    ['JSON without end', '['.repeat(200_000).replace('[', '["",'), ['JsonList', 'Ambiguous @1']],
    ['Terraform', terraform, ['TerraformList', 'A @4', 'B @5']],
    [
      'an expression of Terraform',
      'custom_ca_trust_certificates_base64 = [\n  filebase64("a.pem"),\n]',
      ['TerraformList', 'Ambiguous @2:3'],
    ],
    [
      'a variable of Terraform',
      'custom_ca_trust_certificates_base64 = var.roots',
      ['TerraformList', 'Ambiguous @1:39'],
    ],
    ['a manifest', 'apiVersion: v1\nkind: Secret\n', ['Manifest']],
    ['a manifest in JSON', '{"apiVersion": "v1", "kind": "List"}', ['Manifest']],
    ['text', 'see the wiki', ['Text', 'NotACertificate @1']],
    ['nothing', '', ['Text', 'Empty @1']],
    ['DER with something behind it', Buffer.concat([derOf(ROOT_A), Buffer.from('\n')]), ['Der', 'TrailingBytes @1']],
    ['more than 1 MiB', Buffer.alloc(1024 * 1024 + 1, 'x'), ['Text', 'TooLarge @1']],
    ['more than 64 in a list', JSON.stringify(Array(65).fill(base64(ROOT_A))), ['JsonList', 'TooManyCertificates @1']],
  ])('reads %s', (_, content, expected) => {
    expect(summary(content)).toEqual(expected);
  });

  it('reads any bytes without throwing', () => {
    const piece = fc.constantFrom<Uint8Array>(
      ...[derOf(ROOT_A), pkcs7(derOf(ROOT_A)), pkcs12(), container('aes.p12')],
      ...['[', '{"customCATrustCertificates":[', list, terraform, ROOT_A, '"', '\\', ']', 'kind: x\n'].map((text) =>
        Buffer.from(text),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.uint8Array({ maxLength: 20 })), { maxLength: 8 }), (parts) => {
        const { form, items } = readFile(Buffer.concat(parts));
        expect(items.length > 0 || form === 'Manifest').toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a form that is written', () => {
  it.each<[string, (certificates: readonly Certificate[]) => string, FileForm]>([
    ['PEM', toPem, 'Pem'],
    ['the file of the Azure CLI', toAzureCliFile, 'Pem'],
    ["ARM's list", toArmJson, 'JsonList'],
    ['Terraform', toTerraform, 'TerraformList'],
  ])('is read as it was: %s', (_, write, form) => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...ROOTS), { minLength: 1, maxLength: 10 }), (roots) => {
        const certificates = readSource(roots.join('')).items.flatMap((item) =>
          item.kind === 'certificate' ? [item.certificate] : [],
        );
        const text = write(certificates);
        expect(detectForm(Buffer.from(text))).toBe(form);
        const { items } = readFile(Buffer.from(text));
        expect(items.map((item) => item.kind === 'certificate' && item.certificate.fingerprint)).toEqual(
          roots.map(fingerprintOf),
        );
      }),
      { numRuns: 30 },
    );
  });
});
