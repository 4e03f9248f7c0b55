/** The exit codes of every command but `controller`. docs/how-to/commands.md has them with their meaning for each. */
export const EXIT = {
  Done: 0,
  /** Wrong arguments, or the command could not do its work. */
  Error: 1,
  /** What was asked for is not finished. */
  InProgress: 2,
  /** A person must act. */
  Stuck: 3,
} as const;

/** After a signal, as shells report it; a closed pipe counts as SIGPIPE. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGPIPE: 141 } as const;
