/** The terminal, pipe or file that a view is written to. */
export interface Output {
  write(text: string): void;
  /** Writes messages that are no part of the view, to standard error. */
  warn(text: string): void;
  /** Whether the cursor can be moved. */
  readonly redraws: boolean;
  readonly colour: boolean;
  /** True: bars have block characters; false: ASCII. */
  readonly blocks: boolean;
  /** Infinity where lines need not be broken. */
  columns(): number;
  rows(): number;
  /** Calls back when columns or rows change; the returned function ends that. */
  onResize(listener: () => void): () => void;
}

/** The members of a process stream that are used here. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/**
 * Reads from the environment what the output can do. Colour follows no-color.org; pipes and dumb terminals get plain text.
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
    // The output of CI is read later as a log, so it is not redrawn, even on a terminal.
    redraws: capable && (!env['CI'] || env['CI'] === 'false'),
    colour: capable && !env['NO_COLOR'],
    blocks: capable && /utf-?8/i.test(locale),
    // The last column stays free: some terminals break the line once it is used. Terminals without a size report 0.
    columns: () => (stream.isTTY === true ? (stream.columns || 80) - 1 : Infinity),
    rows: () => stream.rows || 24,
    onResize(listener) {
      stream.on('resize', listener);
      return () => void stream.off('resize', listener);
    },
  };
}
