import type { PoolModel } from '../../../azure/cluster-model.ts';
import { isStopped } from '../../model/provisioning-state.ts';

/**
 * True for a pool whose nodes a rotation recreates: also those of Windows, which get no custom CAs. A stopped pool has no nodes, and the
 * nodes of a managed system pool are not listed with the pool.
 */
export function isRotatedPool(pool: PoolModel): boolean {
  return !pool.managedSystem && !isStopped(pool);
}
