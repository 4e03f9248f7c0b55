import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FreshFile, reloadingFile } from '../../../src/kubernetes/auth/reloading-file.ts';

describe('a file that may be replaced', () => {
  let directory: string;
  let path: string;
  let now: number;
  let file: FreshFile;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fresh-file-'));
    path = join(directory, 'token');
    now = 1_000_000;
    await writeFile(path, 'one\n');
    file = reloadingFile(path, () => now);
    expect(await file.read()).toBe('one');
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('is read again when a minute has passed, and not before', async () => {
    await writeFile(path, 'two\n');
    now += 59_999;
    expect(await file.read()).toBe('one');
    now += 1;
    expect(await file.read()).toBe('two');
  });

  it('is read again when it is not believed', async () => {
    await writeFile(path, 'two\n');
    file.distrust();
    expect(await file.read()).toBe('two');
  });

  it('stays what it was when it is empty or gone for a moment', async () => {
    await writeFile(path, '');
    now += 60_000;
    expect(await file.read()).toBe('one');
    await rm(path);
    now += 60_000;
    expect(await file.read()).toBe('one');
  });

  it('is an error when it could never be read', async () => {
    await expect(reloadingFile(join(directory, 'none'), () => now).read()).rejects.toThrow('ENOENT');
  });
});
