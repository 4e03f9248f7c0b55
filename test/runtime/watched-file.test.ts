import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { watchFile } from '../../src/runtime/watched-file.ts';
import { ManualClock } from './manual-clock.ts';

describe('a file that is watched', () => {
  let folder: string;
  let path: string;
  let clock: ManualClock;
  let stop: AbortController;
  let news: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'watched-'));
    path = join(folder, 'file');
    clock = new ManualClock();
    stop = new AbortController();
    news = [];
  });

  afterEach(async () => {
    stop.abort();
    await rm(folder, { recursive: true });
  });

  function watch(): void {
    const onChange = (found: { text: string } | { error: Error }) =>
      void news.push('text' in found ? found.text : found.error.message);
    void watchFile({ path, maxBytes: 10, text: 'old', clock, onChange }, stop.signal);
  }

  /** The time passes for which it waits; resolves when it has read the file and waits for `next`. */
  async function pass(ms: number, next: number): Promise<void> {
    await clock.untilTimer((one) => one === ms);
    await clock.advance(ms);
    await clock.untilTimer((one) => one === next);
  }

  it('is not believed while it is written: a text counts once it was read twice', async () => {
    watch();
    await writeFile(path, 'n');
    await pass(5000, 500);
    await writeFile(path, 'ne');
    await pass(500, 5000);
    await writeFile(path, 'new');
    await pass(5000, 500);
    expect(news).toEqual([]);
    await pass(500, 5000);
    expect(news).toEqual(['new']);
  });

  it('that is too long is not read', async () => {
    await writeFile(path, 'x'.repeat(11));
    watch();
    await pass(5000, 500);
    await pass(500, 5000);
    expect(news).toEqual([`${path} has 11 bytes, and at most 10 are read`]);
  });
});
