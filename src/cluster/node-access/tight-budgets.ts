import type { Connection } from '../../kubernetes/client/connection.ts';
import { isDnsLabel, isDnsName, listAt, member, textAt } from '../../kubernetes/untrusted/untyped.ts';
import type { NodesObservation } from '../model/observation.ts';
import { isRightMissing } from './access-errors.ts';

/** The most budgets that are read. A cluster with more has its first ones checked. */
const MOST = 500;

/**
 * The PodDisruptionBudgets that have pods and allow no eviction of any, by namespace/name; `Forbidden` where the right to list
 * them is missing, and nothing where they cannot be read otherwise.
 *
 * @throws the signal's reason, and nothing else
 */
export async function readTightBudgets(
  connection: Connection,
  signal: AbortSignal,
): Promise<Pick<Extract<NodesObservation, { kind: 'Read' }>, 'tightBudgets'>> {
  try {
    const path = '/apis/policy/v1/poddisruptionbudgets';
    const body = await connection.request({ path, query: { limit: String(MOST) }, signal });
    return { tightBudgets: listAt(body, 'items').slice(0, MOST).flatMap(tightName).sort() };
  } catch (error) {
    signal.throwIfAborted();
    return isRightMissing(error) ? { tightBudgets: 'Forbidden' } : {};
  }
}

function tightName(budget: unknown): string[] {
  const [metadata, status] = [member(budget, 'metadata'), member(budget, 'status')];
  const [namespace, name] = [textAt(metadata, 'namespace') ?? '', textAt(metadata, 'name') ?? ''];
  const pods = member(status, 'expectedPods');
  // A budget without pods keeps no drain from ending.
  const isTight = member(status, 'disruptionsAllowed') === 0 && typeof pods === 'number' && pods > 0;
  return isTight && isDnsLabel(namespace) && isDnsName(name) ? [`${namespace}/${name}`] : [];
}
