import { performance } from 'node:perf_hooks';
import { describe, expect, it } from '@jest/globals';
import { readElement } from '../../src/certificates/element.ts';
import { readSource } from '../../src/certificates/read-source.ts';

const MIB = 1024 * 1024;
const BEGIN = '-----BEGIN CERTIFICATE-----';

/** A quadratic reader would take minutes on these; seconds leave room for a busy machine. */
const PATIENCE = 5000;

describe('a source of a megabyte is refused in linear time, when it consists of', () => {
  it.each([
    ['dashes', '-'],
    ['BEGIN lines', `${BEGIN}\n`],
    ['BEGIN without label', '-----BEGIN '],
    ['END lines', '-----END CERTIFICATE-----'],
    ['misspelt BEGIN lines', '-- BEGIN CERTIFICATE --\n'],
    ['almost BEGIN lines', 'BEGIN CERTIFICAT\n'],
    ['almost private keys', 'BEGIN PRIVATE KE'],
    ['blanks', ' '],
    ['empty lines', '\n'],
    ['carriage returns', '\r'],
    ['letters', 'A'],
    ['base64 of DER', 'MIIA'],
    ['base64 of BEGIN', 'LS0tLS1CRUdJTi'],
    ['lines of base64', `${'A'.repeat(64)}\n`],
    ['lines of base64 before an END line', `${'MIIA'.repeat(16)}\n\n`],
    ['words', 'ab '],
    ['no-break spaces', '\u00a0'],
    ['emoji', '😀'],
    ['JSON', '","'],
  ])('%s', (_, unit) => {
    const text = unit.repeat(Math.floor((MIB - 100) / Buffer.byteLength(unit)));
    const start = performance.now();
    for (const made of [
      text,
      BEGIN + text,
      `${text}\n-----END CERTIFICATE-----`,
      `${BEGIN}${text}-----END CERTIFICATE-----`,
    ]) {
      expect(readSource(made).items.every((item) => item.kind === 'problem')).toBe(true);
      expect(readElement(made).kind).toBe('unreadable');
    }
    expect(performance.now() - start).toBeLessThan(PATIENCE);
  });
});

it('a source of a hundred megabytes is refused at once', () => {
  const text = 'x'.repeat(100 * MIB);
  const start = performance.now();
  expect(readSource(text).items).toMatchObject([{ problem: { kind: 'TooLarge' } }]);
  expect(performance.now() - start).toBeLessThan(100);
});
