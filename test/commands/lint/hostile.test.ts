import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lintFile } from '../../../src/commands/lint/lint-file.ts';
import { manifest } from './bad-manifests.ts';
import { NOW, root } from './made-up.ts';

const LINES = manifest().split('\n');

describe('lint of any manifest', () => {
  it('does not throw, and finds things where the file has lines', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...LINES,
        '---',
        '- ',
        '  - a',
        '{{ .Values.a }}',
        '&a *a',
        '? :',
        '<<: *a',
        '!!binary x',
        '\ufeff',
        '\r',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(LINES.length), (pieces, at) => {
        const text = [...LINES.slice(0, at), ...pieces, ...LINES.slice(at)].join('\n');
        const { findings } = lintFile(Buffer.from(text), { now: NOW });
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const { line, column = 1, message } of findings) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(message).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each<[string, string]>([
    ['many documents', `${manifest()}---\n`.repeat(500)],
    ['a document of another program with anything in it', `kind: ConfigMap\n${'}'.repeat(3_000_000)}`],
    ['many brackets', `kind: CustomCATrust\nspec: ${'[{'.repeat(1_000_000)}`],
    ['a long line', `kind: CustomCATrust\nspec: ${'a'.repeat(3_000_000)}`],
    ['many separators', `kind: CustomCATrust\n${'---\n'.repeat(900_000)}`],
    ['a long key', `apiVersion: aks-ca-trust.dev/v1alpha1\nkind: CustomCATrust\nspec:\n  ${'a'.repeat(100_000)}: 1\n`],
    ['a long pattern', manifest({ name: `"${'a'.repeat(200_000)}"` })],
    ['many entries', manifest({ certificates: '    - {}\n'.repeat(9000) })],
    ['many braces of a template', `kind: CustomCATrust\n${'{{- '.repeat(900_000)}`],
    ['PEM without end in JSON', `{"customCATrustCertificates": ["${'-----BEGIN PKCS7-----\\n'.repeat(40_000)}"]}`],
    [
      'many certificates of one object',
      manifest({ certificates: `    - name: a\n      pem: |\n${root('A').replaceAll(/^/gm, '        ').repeat(300)}` }),
    ],
  ])('takes less than two seconds of CPU for %s', (_, text) => {
    const before = process.cpuUsage();
    const { findings } = lintFile(Buffer.from(text), { now: NOW });
    const { user, system } = process.cpuUsage(before);
    // In µs, and of the process: other programs on the machine do not count.
    expect(user + system).toBeLessThan(2_000_000);
    for (const { message } of findings.slice(0, 100)) expect(message.length).toBeLessThan(2000);
  });
});
