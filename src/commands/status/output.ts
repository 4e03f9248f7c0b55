/** Where a view goes. */
export interface Output {
  write(text: string): void;
  /** For what is no part of the view. */
  warn(text: string): void;
  /** Whether the cursor can be moved. */
  readonly redraws: boolean;
  readonly colour: boolean;
  /** Bars of block characters, not of ASCII. */
  readonly blocks: boolean;
  /** Infinity where lines need not be broken. */
  columns(): number;
  rows(): number;
  /** Calls back when columns or rows change; the returned function ends that. */
  onResize(listener: () => void): () => void;
}

/** The part of a stream of the process that matters. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/**
 * Colour as no-color.org says; nothing but text to what is not a terminal, or to one that can nothing else.
 *
 * @param env of the process: NO_COLOR, TERM, LC_ALL, LC_CTYPE, LANG, CI
 */
export function outputTo(
  stream: Terminal,
  errors: { write(text: string): unknown },
  env: Readonly<Record<string, string | undefined>>,
): Output {
  const capable = stream.isTTY === true && env['TERM'] !== 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    write: (text) => void stream.write(text),
    warn: (text) => void errors.write(text),
    // A log that somebody reads later is no place for redrawing, terminal or not.
    redraws: capable && (!env['CI'] || env['CI'] === 'false'),
    colour: capable && !env['NO_COLOR'],
    blocks: capable && /utf-?8/i.test(locale),
    // The last column is left free: some terminals break the line once it is taken.
    // Terminals that nobody has given a size say 0.
    columns: () => (stream.isTTY === true ? (stream.columns || 80) - 1 : Infinity),
    rows: () => stream.rows || 24,
    onResize(listener) {
      stream.on('resize', listener);
      return () => void stream.off('resize', listener);
    },
  };
}
