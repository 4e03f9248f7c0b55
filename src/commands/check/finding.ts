import { isNativeError } from 'node:util/types';
import { capital } from '../../api/wording.ts';
import { KubernetesError } from '../../kubernetes/error.ts';

export type FindingOutcome = 'Passed' | 'Warning' | 'Failed' | 'Skipped';

/** What one check found. */
export interface Finding {
  /** What was checked: `CRD customcatrusts`. */
  readonly check: string;
  readonly outcome: FindingOutcome;
  /** In sentences; it may have text of other servers. */
  readonly message: string;
  /** What to do, where there is something. */
  readonly fix?: string;
}

export const passed = (check: string, message: string): Finding => ({ check, outcome: 'Passed', message });
/** It works, and something in it has no effect, or is not shown. */
export const warning = (check: string, message: string, fix?: string): Finding => ({
  check,
  outcome: 'Warning',
  message,
  ...(fix === undefined ? {} : { fix }),
});
export const skipped = (check: string, message: string): Finding => ({ check, outcome: 'Skipped', message });
export const failed = (check: string, message: string, fix?: string): Finding => ({
  check,
  outcome: 'Failed',
  message,
  ...(fix === undefined || fix === '' ? {} : { fix }),
});

/** Its message, as the beginning of a sentence. */
export function messageOf(error: unknown): string {
  return capital(isNativeError(error) ? error.message : String(error));
}

export function isForbidden(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 403;
}

export function isMissing(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 404;
}
