import { createHash } from 'node:crypto';
import type { ReconcileSummary } from '../cluster/reconcile.ts';

/**
 * What a log line says of a pass. Of the cluster as ARM has it, whose list may hold anything and much of it, only how many
 * elements the list has and a digest of them.
 */
export function describePass({ resting, ...summary }: ReconcileSummary): object {
  if (resting === undefined) return summary;
  const { model, untilMs } = resting;
  const digest = createHash('sha256').update(JSON.stringify(model.elements)).digest('hex').slice(0, 16);
  const rests = { elements: model.elements.length, digest, ...(untilMs === undefined ? {} : { untilMs }) };
  return { ...summary, resting: rests };
}
