import { closeSync, openSync, opendirSync, readSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { isNativeError } from 'node:util/types';

/** Largest file that is read, in bytes. What kustomize prints for a whole fleet is smaller. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Most files of all folders together. */
const MOST_FILES = 10_000;
/** Files of a folder that may have certificates or manifests. */
const ENDINGS: ReadonlySet<string> = new Set(
  '.pem .crt .cer .cert .der .p7b .p7c .p12 .pfx .jks .yaml .yml .json .tf .tfvars'.split(' '),
);
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'vendor']);

/** A file to read. */
export interface InputFile {
  /** `-`: standard input. */
  readonly name: string;
  /** False for one that was found in a folder: it may be about something else. */
  readonly named: boolean;
}

export type Content =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  /** `why` begins with a capital. */
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * The files that arguments stand for, each once and folders in the order of their names. Links in folders are not followed.
 *
 * @throws Error with a message for a person
 */
export function filesOf(args: readonly string[]): InputFile[] {
  const files = new Map<string, InputFile>();
  for (const arg of args) {
    if (arg !== '-' && isFolder(arg)) {
      for (const name of filesBelow(arg)) if (!files.has(name)) files.set(name, { name, named: false });
    } else files.set(arg, { name: arg, named: true });
    if (files.size > MOST_FILES) throw new Error(`There are more than ${MOST_FILES} files. Name a smaller folder.`);
  }
  return [...files.values()];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const open = [folder];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    const directory = opendirSync(current);
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue;
        if (entry.isDirectory()) open.push(join(current, entry.name));
        else if (entry.isFile() && ENDINGS.has(extname(entry.name).toLowerCase()))
          found.push(join(current, entry.name));
        if (found.length > MOST_FILES) return found;
      }
    } finally {
      directory.closeSync();
    }
  }
  return found.sort();
}

/** Reads a file, at most {@link MAX_FILE_BYTES} of it. */
export function readContent(name: string): Content {
  let handle: number | undefined;
  try {
    handle = name === '-' ? 0 : openSync(name, 'r');
    return readAll(handle);
  } catch (error) {
    return { kind: 'unreadable', why: reasonOf(error) };
  } finally {
    if (handle !== undefined && handle !== 0) closeSync(handle);
  }
}

const PIECE = 64 * 1024;

function readAll(handle: number): Content {
  const pieces: Buffer[] = [];
  for (let total = 0; total <= MAX_FILE_BYTES;) {
    const piece = Buffer.allocUnsafe(PIECE);
    const length = readPiece(handle, piece);
    if (length === 0) return { kind: 'bytes', bytes: Buffer.concat(pieces) };
    pieces.push(piece.subarray(0, length));
    total += length;
  }
  return { kind: 'too-large' };
}

/** A terminal or pipe that has nothing yet answers EAGAIN where another program made it non-blocking. */
function readPiece(handle: number, piece: Buffer): number {
  for (;;) {
    try {
      return readSync(handle, piece);
    } catch (error) {
      if (codeOf(error) === 'EOF') return 0;
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file',
  EACCES: 'This user may not read it',
  EISDIR: 'It is a folder',
};

function reasonOf(error: unknown): string {
  return REASONS[codeOf(error)] ?? (isNativeError(error) ? error.message : String(error));
}

function codeOf(error: unknown): string {
  return isNativeError(error) && 'code' in error ? String(error.code) : '';
}
