import { readFile, stat } from 'node:fs/promises';
import { pause, type Clock } from './clock.ts';

export interface WatchedFileOptions {
  readonly path: string;
  /** A longer file is not read. */
  readonly maxBytes: number;
  /** The text as last read; a different text is reported. */
  readonly text: string;
  readonly clock: Clock;
  /** Called with each new text, or with the error where it cannot be read; the same text or error is reported once. */
  readonly onChange: (news: { readonly text: string } | { readonly error: Error }) => void;
}

/** Time between two reads, in ms. The kubelet itself takes up to a minute to update a mounted ConfigMap. */
const INTERVAL_MS = 5000;
/** A new text counts once a second read after this time confirms it, in ms: a writer may not have finished. */
const AGAIN_MS = 500;

/** @throws Error when the file cannot be read or is too long; the message names the file */
export async function readBoundedFile(path: string, maxBytes: number): Promise<string> {
  const { size } = await stat(path);
  if (size > maxBytes) throw new Error(`${path} has ${size} bytes, and at most ${maxBytes} are read`);
  return readFile(path, 'utf8');
}

/**
 * Reads a file repeatedly until the signal aborts. It is opened by its path each time, so that a replaced file is found, also one
 * replaced by a link, as in a mounted ConfigMap. Never rejects.
 */
export async function watchFile(options: WatchedFileOptions, signal: AbortSignal): Promise<void> {
  const { path, maxBytes, clock, onChange } = options;
  let known = `text:${options.text}`;
  const read = async (): Promise<{ text: string } | { error: Error }> => {
    try {
      return { text: await readBoundedFile(path, maxBytes) };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  };
  const nameOf = (news: { text: string } | { error: Error }) =>
    'text' in news ? `text:${news.text}` : `error:${news.error.message}`;
  for (;;) {
    await pause(clock, INTERVAL_MS, signal);
    if (signal.aborted) return;
    const found = nameOf(await read());
    if (found === known) continue;
    await pause(clock, AGAIN_MS, signal);
    const news = await read();
    if (signal.aborted) return;
    if (nameOf(news) !== found) continue;
    known = found;
    onChange(news);
  }
}
