/** Runs of base64 characters shorter than this are words. */
const RUN = /[A-Za-z0-9+/=]{16,}/g;
/** Runs of at least this length are data: no word is as long. */
const LONGEST_WORD = 40;

const MARKER_WORD = /(?:BEGIN|END)(?: |%20|\+)/;
/** Characters before or after a marker that are searched for data: headers may come between. */
const WINDOW = 512;

/** True where this text has base64 data, not only words. */
export function hasData(text: string): boolean {
  for (const [run] of text.matchAll(RUN)) {
    // Words do not have small letters, capitals and digits all together.
    if (run.length >= LONGEST_WORD || (/[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run))) return true;
  }
  return false;
}

/** True where data follows this offset before another marker. */
export function dataFollows(text: string, from: number): boolean {
  const window = text.slice(from, from + WINDOW);
  const marker = window.search(MARKER_WORD);
  return hasData(marker === -1 ? window : window.slice(0, marker));
}

/** True where data precedes this offset after the last marker. */
export function dataPrecedes(text: string, to: number): boolean {
  const window = text.slice(Math.max(0, to - WINDOW), to);
  const last = Math.max(window.lastIndexOf('BEGIN '), window.lastIndexOf('END '));
  return hasData(last === -1 ? window : window.slice(last));
}
