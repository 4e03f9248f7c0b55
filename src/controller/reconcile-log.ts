import { createHash } from 'node:crypto';
import type { ReconcileSummary } from '../cluster/reconcile.ts';
import type { Logger } from '../runtime/logging.ts';

/** Writes the log line about one reconcile. */
export function logReconcile(logger: Logger, summary: ReconcileSummary): void {
  const { step, sent, hold, afterMs, completed, offLimits, resting, heldByClusters } = summary;
  const fields = { step, sent, hold, afterMs, completed, offLimits, resting: describeRest(resting) };
  if (sent) logger.info(fields, 'The list was sent.');
  else logger.debug(fields, 'The reconcile sent nothing.');
  if (!heldByClusters) return;
  const held = { troubledClusters: heldByClusters };
  logger.info(held, 'A rotation by a policy waits, because those of other clusters did not end well.');
}

/** The list of certificates can be long and hold anything, so the line has only its length and a digest. */
function describeRest(resting: ReconcileSummary['resting']): object | undefined {
  if (resting === undefined) return undefined;
  const { model, untilMs } = resting;
  const digest = createHash('sha256').update(JSON.stringify(model.elements)).digest('hex').slice(0, 16);
  return { elements: model.elements.length, digest, ...(untilMs === undefined ? {} : { untilMs }) };
}
