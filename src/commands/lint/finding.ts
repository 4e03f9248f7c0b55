/** `Error`: it cannot be used. `Warning`: it can, and a person should know. `Note`: it was read, in another form than usual. */
export type Severity = 'Error' | 'Warning' | 'Note';

/** One thing that a check of files found. */
export interface LintFinding {
  /** As it was named, or below a folder that was named; `-` for standard input. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** In UTF-16 units, counted from 1; absent where the whole line is meant. */
  readonly column?: number;
  readonly severity: Severity;
  /** Name of the kind of finding, such as `Expired`; docs/how-to/lint.md has all of them. */
  readonly code: string;
  /** In sentences. Texts of files are escaped in it. */
  readonly message: string;
  /** What to do, where that is not part of the message. */
  readonly fix?: string;
}

/** Where something is in a file. */
export interface Position {
  readonly line: number;
  readonly column?: number;
}

/** A finding without its file. */
export type Found = Omit<LintFinding, 'file'>;

/** Most findings of one file; the rest is counted only. */
export const MOST_FINDINGS = 200;
