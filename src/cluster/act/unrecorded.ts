import { KubernetesError } from '../../kubernetes/client/connection.ts';
import type { Hold } from '../model/decision.ts';
import { isPassing } from './object-writes.ts';

/** True where the API server refuses a record and will probably refuse the next attempt as well. */
export function refusesRecord(error: unknown): error is KubernetesError {
  return error instanceof KubernetesError && error.status >= 400 && error.status !== 401 && !isPassing(error);
}

/**
 * The hold of a cluster whose record the API server refuses, because every write is recorded first. Undefined for
 * errors that concern no record, and for errors that the next attempt will probably avoid.
 */
export function unrecordedHold(error: unknown): Hold | undefined {
  if (!refusesRecord(error)) return undefined;
  const message = `The API server refuses the record of the cluster, and every write to ARM has to be recorded first. Allow the controller to write TargetCluster objects. The API server says: ${error.message}`;
  return { reason: 'Held', message, stalled: true, afterMs: 0 };
}
