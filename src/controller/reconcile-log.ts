import { createHash } from 'node:crypto';
import type { ReconcileSummary } from '../cluster/reconcile.ts';

/**
 * The fields of the log line about one reconcile. The list of certificates can be long and hold anything, so the line has only
 * its length and a digest.
 */
export function describeReconcile({ resting, ...summary }: ReconcileSummary): object {
  if (resting === undefined) return summary;
  const { model, untilMs } = resting;
  const digest = createHash('sha256').update(JSON.stringify(model.elements)).digest('hex').slice(0, 16);
  const rests = { elements: model.elements.length, digest, ...(untilMs === undefined ? {} : { untilMs }) };
  return { ...summary, resting: rests };
}
