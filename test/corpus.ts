import { readFileSync } from 'node:fs';
import type { ArmCall } from '../src/azure/failures.ts';

/** An error body as ARM or AKS sends it. */
export interface CorpusError {
  readonly id: string;
  /** The issue or the document that has the words. */
  readonly source: string;
  readonly status: number;
  /** The call of which this is an answer; absent: the write of a cluster. */
  readonly call?: ArmCall;
  /** Header Retry-After. */
  readonly retryAfter?: string;
  readonly body: unknown;
}

/** The error of an operation that ended Failed, as a cluster or the operation itself shows it. */
export interface CorpusFailure {
  readonly id: string;
  readonly source: string;
  readonly error: { readonly code: string; readonly message: string };
}

export interface CorpusEvent {
  readonly id: string;
  readonly source: string;
  readonly reason: string;
  readonly type: string;
  readonly message: string;
}

export interface CorpusLabel {
  readonly id: string;
  readonly source: string;
  readonly nodeResourceGroup: string;
  readonly label: string;
}

export interface CorpusId {
  readonly id: string;
  readonly source: string;
  readonly resourceId: string;
}

/** The real words of ARM and AKS, each with its source. What follows from them is in the tests, by id. */
export const CORPUS = JSON.parse(readFileSync(new URL('../simulator/corpus.json', import.meta.url), 'utf8')) as {
  readonly errors: readonly CorpusError[];
  readonly failures: readonly CorpusFailure[];
  readonly events: readonly CorpusEvent[];
  readonly labels: readonly CorpusLabel[];
  readonly ids: readonly CorpusId[];
};

/** @throws Error when the corpus has no such error */
export function corpusError(id: string): CorpusError {
  const found = CORPUS.errors.find((error) => error.id === id);
  if (!found) throw new Error(`the corpus has no error ${id}`);
  return found;
}
