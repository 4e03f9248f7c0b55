import { describe, expect, it } from '@jest/globals';
import { createCertificateReader } from '../../src/certificates/reader.ts';
import { ROOT_A, ROOT_B, ROOT_C, base64 } from './roots.ts';

describe('a certificate reader', () => {
  it('reads no content twice', () => {
    const reader = createCertificateReader();
    const first = reader.readSource(ROOT_A + ROOT_B);
    const element = reader.readElement(base64(ROOT_A));
    expect(reader.statistics()).toEqual({ hits: 0, misses: 2 });
    expect(reader.readSource(`${ROOT_A}${ROOT_B}`)).toBe(first);
    expect(reader.readElement(base64(ROOT_A))).toBe(element);
    expect(reader.statistics()).toEqual({ hits: 2, misses: 2 });
  });

  it('tells a source and an element of the same text apart', () => {
    const reader = createCertificateReader();
    expect(reader.readSource(base64(ROOT_A)).items).toMatchObject([{ warnings: ['Base64EncodedPem'] }]);
    expect(reader.readElement(base64(ROOT_A))).toMatchObject({ kind: 'single' });
    expect(reader.readElement(ROOT_A)).toMatchObject({ kind: 'unreadable' });
  });

  it('remembers what is bad as well', () => {
    const reader = createCertificateReader();
    expect(reader.readSource('')).toBe(reader.readSource(''));
    expect(reader.readElement('!')).toBe(reader.readElement('!'));
    expect(reader.statistics()).toEqual({ hits: 2, misses: 2 });
  });

  it('forgets what was unused for longest when it has too many entries', () => {
    const reader = createCertificateReader({ maxEntries: 2 });
    reader.readSource(ROOT_A);
    reader.readSource(ROOT_B);
    reader.readSource(ROOT_A);
    reader.readSource(ROOT_C);
    expect(reader.statistics()).toEqual({ hits: 1, misses: 3 });
    reader.readSource(ROOT_A);
    reader.readSource(ROOT_C);
    expect(reader.statistics()).toEqual({ hits: 3, misses: 3 });
    reader.readSource(ROOT_B);
    expect(reader.statistics()).toEqual({ hits: 3, misses: 4 });
  });

  it('forgets when it holds too many bytes', () => {
    const reader = createCertificateReader({ maxBytes: 20_000 });
    reader.readSource(ROOT_A);
    reader.readSource(ROOT_B);
    reader.readSource(ROOT_A);
    expect(reader.statistics()).toEqual({ hits: 0, misses: 3 });
    reader.readSource(ROOT_A);
    expect(reader.statistics()).toEqual({ hits: 1, misses: 3 });
  });

  it('keeps nothing that is larger than all its room, and forgets nothing for it', () => {
    const reader = createCertificateReader({ maxBytes: 20_000 });
    reader.readSource(ROOT_A);
    reader.readSource(ROOT_A + ROOT_B);
    reader.readSource(ROOT_A + ROOT_B);
    reader.readSource(ROOT_A);
    expect(reader.statistics()).toEqual({ hits: 1, misses: 3 });
  });

  it('counts what an element holds beside its certificates', () => {
    const reader = createCertificateReader({ maxBytes: 50_000 });
    const rest = `# ${'x'.repeat(100_000)}\n${ROOT_B.replaceAll('CERT', 'X509 CERT')}`;
    const element = base64(ROOT_A + rest);
    expect(reader.readElement(element)).toMatchObject({ kind: 'several', rest: {} });
    reader.readElement(element);
    expect(reader.statistics()).toEqual({ hits: 0, misses: 2 });
  });

  it('refuses what is too large without remembering it', () => {
    const reader = createCertificateReader();
    const huge = 'x'.repeat(50_000_000);
    expect(reader.readSource(huge).items).toMatchObject([{ problem: { kind: 'TooLarge' } }]);
    expect(reader.statistics()).toEqual({ hits: 0, misses: 0 });
  });
});
