import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSource } from '../../src/certificates/read-source.ts';
import { armour } from './fixtures/craft.ts';
import { ROOTS, base64, bodyOf, derOf, fingerprintOf } from './roots.ts';

const FINGERPRINTS = new Map(ROOTS.map((pem) => [pem, fingerprintOf(pem)]));

const root = fc.constantFrom(...ROOTS);
const blank = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r\n', '\r', '\v', '\f'), maxLength: 6 });
const lineEnd = fc.constantFrom('\n', '\r\n', '\r', ' ', '\n\n', ' \n\t', '\r\n\r\n');

/** The certificate with its data broken anew: any width, any line ends, any indentation. */
const reshaped = fc
  .tuple(root, fc.integer({ min: 1, max: 2000 }), lineEnd, blank, fc.boolean())
  .map(([pem, width, end, indent, old]) => {
    const label = old ? 'X509 CERTIFICATE' : 'CERTIFICATE';
    const lines = bodyOf(pem).match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
    const text = [`-----BEGIN ${label}-----`, ...lines.map((line) => indent + line), `-----END ${label}-----`].join(
      end,
    );
    return { pem, text };
  });

/** Text that people put around certificates: nothing in it could be a certificate. */
const comment = fc
  .string({ unit: 'binary', maxLength: 30 })
  .filter((text) => !/begin|end|private|-----|[^\x20-\x7e]*-[^\x20-\x7e]*-/i.test(text))
  .map((text) => `# ${text}`);
const between = fc.oneof(
  fc.constant(''),
  blank,
  comment.map((text) => `\n${text}\n`),
  fc.constant('subject=CN = a, O = b\n'),
);

const source = fc.array(fc.tuple(reshaped, between), { minLength: 1, maxLength: 8 }).chain((parts) =>
  fc.tuple(between, fc.boolean()).map(([before, mark]) => ({
    pems: parts.map(([{ pem }]) => pem),
    text: (mark ? '\ufeff' : '') + before + parts.map(([{ text }, after]) => text + after).join(''),
  })),
);

describe('whatever is done to the white space and the text between', () => {
  it('the same certificates come back in the same order, without complaint', () => {
    fc.assert(
      fc.property(source, ({ pems, text }) => {
        const read = readSource(text).items.map((item) =>
          item.kind === 'problem' ? item.problem.message : item.certificate.fingerprint,
        );
        expect(read).toEqual(pems.map((pem) => FINGERPRINTS.get(pem)));
      }),
      { numRuns: 300 },
    );
  });

  it('the same certificates come back from base64 of the text, with the warning', () => {
    fc.assert(
      fc.property(
        source,
        fc.integer({ min: 40, max: 250 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (made, width, end, wrap) => {
          const encoded = base64(made.text);
          const text = wrap ? (encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(end) : encoded;
          const read = readSource(text).items.map((item) =>
            item.kind === 'problem' ? item.problem.message : [item.certificate.fingerprint, ...item.warnings],
          );
          expect(read).toEqual(made.pems.map((pem) => [FINGERPRINTS.get(pem), 'Base64EncodedPem']));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('order and repetition change nothing but the order', () => {
    fc.assert(
      fc.property(fc.array(root, { minLength: 1, maxLength: 64 }), (pems) => {
        const { items } = readSource(pems.join(''));
        expect(items.map((item) => item.kind === 'certificate' && item.certificate.pem)).toEqual(pems);
        expect(items.map((item) => item.kind === 'certificate' && item.index)).toEqual(pems.map((_, index) => index));
      }),
      { numRuns: 50 },
    );
  });
});

describe('one bad character in the data', () => {
  const bad = fc.oneof(
    fc.constantFrom(...'!"#$%&\'()*,-.:;<>?@[\\]^_`{|}~'),
    fc.constantFrom('\u00a0', '\u200b', '\u2013', '\ufeff', '\0', '\u001b', '\u2028', '\u0410', 'é', '中', '😀'),
  );

  it('is found at its line and column', () => {
    fc.assert(
      fc.property(
        root,
        bad,
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        blank,
        (pem, character, row, column, replaces, before) => {
          const lines = pem.split('\n');
          const line = 1 + (row % (lines.length - 3));
          const data = lines[line] ?? '';
          // Not where another fault would come first: replacing padding.
          const at = column % data.replace(/=+$/, '').length;
          lines[line] = data.slice(0, at) + character + data.slice(at + (replaces ? 1 : 0));
          const text = before + lines.join('\n');
          const above = before.replace(/\r\n?/g, '\n').split('\n').length - 1;
          expect(readSource(text).items).toMatchObject([
            { kind: 'problem', problem: { kind: 'BadBase64', index: 0, line: above + line + 1, column: at + 1 } },
          ]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('any text at all', () => {
  const nasty = fc.constantFrom(
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN ',
    '-----END',
    '-----',
    '–––––BEGIN CERTIFICATE–––––',
    'BEGIN CERTIFICATE',
    '-----BEGIN PKCS7-----',
    'LS0tLS1CRUdJTi',
    'MIIB',
    'AAAA',
    '=',
    '\n',
    '\r',
    '\0',
    '\u202e',
    '\u001b[31m',
    '\ud800',
    ...ROOTS.slice(0, 3),
    ...ROOTS.slice(0, 2).map(base64),
    ...ROOTS.slice(0, 2).map((pem) => pem.slice(0, 700)),
    ...ROOTS.slice(0, 2).map(bodyOf),
  );
  const text = fc
    .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 30 })
    .map((parts) => parts.join(''));

  /** What a message may consist of: nothing that moves a cursor, reorders or hides text. */
  const SAFE = /^[^\p{C}\p{Zl}\p{Zp}]{1,500}$/u;

  it('is read without throwing, into items in order with safe messages', () => {
    fc.assert(
      fc.property(text, (made) => {
        const { items } = readSource(made);
        const lineCount = made.split(/\r\n?|\n/).length;
        expect(items.length).toBeGreaterThan(0);
        let line = 1;
        for (const item of items) {
          const place = item.kind === 'problem' ? item.problem : item;
          expect(place.line).toBeGreaterThanOrEqual(
            item.kind === 'problem' && item.problem.kind === 'PrivateKey' ? 1 : line,
          );
          expect(place.line).toBeLessThanOrEqual(lineCount);
          line = place.line;
          if (item.kind === 'problem') expect(item.problem.message).toMatch(SAFE);
          else expect(item.certificate.details.subject).toMatch(SAFE);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is read the same a second time', () => {
    fc.assert(
      fc.property(text, (made) => {
        expect(JSON.stringify(readSource(made))).toBe(JSON.stringify(readSource(made)));
      }),
      { numRuns: 200 },
    );
  });

  it('certificates of which any bytes were changed are read or refused, and their details never throw', () => {
    const change = fc.record({ at: fc.nat(3000), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
    fc.assert(
      fc.property(root, fc.array(change, { minLength: 1, maxLength: 4 }), (pem, changes) => {
        let der = derOf(pem);
        for (const { at, remove, insert } of changes) {
          const from = at % der.length;
          der = Buffer.concat([der.subarray(0, from), insert, der.subarray(from + remove)]);
        }
        const [item] = readSource(armour(der)).items;
        if (item?.kind !== 'certificate') return expect(item?.problem.message).toMatch(SAFE);
        const { subject, issuer, notBefore, notAfter, warnings } = item.certificate.details;
        expect(`${subject}${issuer}.`).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
        expect(`${notBefore} ${notAfter}`).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(new Set(warnings).size).toBe(warnings.length);
        expect(Buffer.from(item.certificate.pem.replace(/-----.*-----/g, ''), 'base64').equals(der)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
