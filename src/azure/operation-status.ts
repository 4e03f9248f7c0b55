import { armText } from './arm-text.ts';
import { readObject } from './read-object.ts';

/** The end of an operation, by its own status; `Unknown` when it cannot be asked. */
export interface OperationStatus {
  readonly status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled' | 'Unknown';
  readonly code: string;
  readonly message: string;
}

export const UNKNOWN_OPERATION: OperationStatus = { status: 'Unknown', code: '', message: '' };

const ENDS = ['Succeeded', 'Failed', 'Canceled'] as const;

/**
 * Reads the body of an operation's status monitor.
 * learn.microsoft.com/azure/azure-resource-manager/management/async-operations: every other status means that it runs on.
 */
export function readOperationStatus(text: string): OperationStatus {
  const body = readObject(text);
  const status = body?.['status'];
  if (typeof status !== 'string') return UNKNOWN_OPERATION;
  const { code, message } = (body?.['error'] ?? {}) as { code?: unknown; message?: unknown };
  return {
    status: ENDS.find((end) => end.toLowerCase() === status.toLowerCase()) ?? 'InProgress',
    code: armText(code),
    message: armText(message),
  };
}
