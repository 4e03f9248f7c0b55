import { readFile } from 'node:fs/promises';

/** A file that another process may replace. */
export interface FreshFile {
  /**
   * The text without surrounding white space, at most a minute old. If the file cannot be read for a moment, the last text stays.
   *
   * @throws Error when the file never could be read
   */
  read(): Promise<string>;
  /** Drops the text that was read: the next call reads the file again. */
  distrust(): void;
}

/** The kubelet replaces files of a pod well before their content expires; client-go reads them again every minute too. */
const TTL_MS = 60_000;

/** @param now milliseconds */
export function reloadingFile(path: string, now: () => number): FreshFile {
  let text: string | undefined;
  let readAt = -Infinity;
  let reading: Promise<string> | undefined;

  async function readAnew(): Promise<string> {
    try {
      const found = (await readFile(path, 'utf8')).trim();
      if (found === '') throw new Error(`${path} is empty`);
      text = found;
    } catch (error) {
      if (text === undefined) throw error;
    } finally {
      reading = undefined;
    }
    readAt = now();
    return text;
  }

  return {
    read() {
      if (text !== undefined && now() - readAt < TTL_MS) return Promise.resolve(text);
      return (reading ??= readAnew());
    },
    distrust() {
      readAt = -Infinity;
    },
  };
}
