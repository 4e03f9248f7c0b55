import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '../../src/runtime/logging.ts';
import { silentLogger } from '../../src/runtime/logging.ts';
import { makeSelfSigned, type ServingCertificate } from '../../src/runtime/self-signed.ts';
import { certificatesFrom, selfSignedCertificates } from '../../src/runtime/serving-certificate.ts';

const DAY = 24 * 3_600_000;

describe('a self-signed source', () => {
  it('makes one certificate for all who ask, and another before it expires', async () => {
    let now = Date.UTC(2026, 10, 21);
    const source = selfSignedCertificates('host', () => now);
    const [first, again] = await Promise.all([source(), source()]);
    expect(again).toBe(first);
    now += 300 * DAY;
    expect(await source()).toBe(first);
    now += 40 * DAY;
    const next = await source();
    expect(next.certPem).not.toBe(first.certPem);
    expect(await source()).toBe(next);
  });
});

describe('a folder with a certificate', () => {
  let folder: string;
  let said: string[];
  let pairs: readonly [ServingCertificate, ServingCertificate];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-tls-'));
    said = [];
    const now = Date.UTC(2026, 10, 21);
    pairs = [await makeSelfSigned('one', now), await makeSelfSigned('two', now)];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const logger: Logger = {
    ...silentLogger,
    error: (_fields: object, message?: string) => void said.push(message ?? ''),
  };
  const open = () => certificatesFrom(folder, logger);
  function put({ certPem, keyPem }: ServingCertificate, where = folder): void {
    writeFileSync(join(where, 'tls.crt'), certPem);
    writeFileSync(join(where, 'tls.key'), keyPem);
  }

  it('is read again, and the same object comes for as long as nothing has changed', async () => {
    put(pairs[0]);
    const source = open();
    const first = await source();
    expect(first).toEqual(pairs[0]);
    expect(await source()).toBe(first);
    put(pairs[1]);
    expect(await source()).toEqual(pairs[1]);
    expect(await source()).toBe(await source());
    expect(said).toEqual([]);
  });

  it('is followed through the links that Kubernetes swaps', async () => {
    for (const [name, pair] of [
      ['..1', pairs[0]],
      ['..2', pairs[1]],
    ] as const) {
      mkdirSync(join(folder, name));
      put(pair, join(folder, name));
    }
    symlinkSync('..1', join(folder, '..data'));
    for (const file of ['tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(folder, file));
    const source = open();
    expect(await source()).toEqual(pairs[0]);
    symlinkSync('..2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(await source()).toEqual(pairs[1]);
  });

  it.each<[string, () => void]>([
    ['half of it was replaced', () => writeFileSync(join(folder, 'tls.crt'), pairs[1].certPem)],
    ['a file is gone', () => rmSync(join(folder, 'tls.key'))],
    ['a file is empty', () => writeFileSync(join(folder, 'tls.crt'), '')],
    ['the key is none', () => writeFileSync(join(folder, 'tls.key'), pairs[1].certPem)],
  ])('stays what it was when %s, until it is whole again', async (_what, spoil) => {
    put(pairs[0]);
    const source = open();
    const first = await source();
    spoil();
    expect(await source()).toBe(first);
    expect(said).toEqual(['The serving certificate cannot be read. The previous one stays in use.']);
    put(pairs[1]);
    expect(await source()).toEqual(pairs[1]);
  });

  it('is named when there is none to begin with, and its key is never quoted', async () => {
    await expect(open()()).rejects.toThrow(/tls\.(crt|key)/);
    put({ certPem: pairs[0].certPem, keyPem: `${pairs[0].keyPem.slice(0, 60)}\nspoiled\n` });
    const message = await open()().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toContain('tls.key is not PEM of what it should be');
    expect(message).not.toContain(pairs[0].keyPem.slice(30, 50));
  });
});
