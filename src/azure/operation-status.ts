import { readError } from './error-body.ts';
import { readObject } from './read-object.ts';

/** State of an operation from its status monitor; `Unknown` when that cannot be read. */
export interface OperationStatus {
  readonly status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled' | 'Unknown';
  readonly code: string;
  readonly message: string;
}

export const UNKNOWN_OPERATION: OperationStatus = { status: 'Unknown', code: '', message: '' };

const ENDS = ['Succeeded', 'Failed', 'Canceled'] as const;

/**
 * Reads the answer of an operation's status monitor. One that ARM names in `Location` has no status in its body: HTTP 202 means that
 * the operation runs.
 * learn.microsoft.com/azure/azure-resource-manager/management/async-operations: every other status means that it runs on.
 */
export function readOperationStatus(text: string, httpStatus = 200): OperationStatus {
  const body = readObject(text);
  const status = body?.['status'];
  if (typeof status !== 'string')
    return httpStatus === 202 ? { ...UNKNOWN_OPERATION, status: 'InProgress' } : UNKNOWN_OPERATION;
  const error = body?.['error'];
  const isError = typeof error === 'object' && error !== null;
  const { code, message } = readError(isError ? (error as Readonly<Record<string, unknown>>) : {});
  return {
    status: ENDS.find((end) => end.toLowerCase() === status.toLowerCase()) ?? 'InProgress',
    code,
    message,
  };
}
