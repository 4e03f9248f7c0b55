import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import type { EvidenceSources } from '../../cluster-certificates/read/read-evidence.ts';
import type { Observation } from '../model/observation.ts';
import type { RotationIntent } from '../model/rotation.ts';
import type { Way } from '../model/way.ts';
import { asksOperator } from '../model/ways.ts';
import { namespaceOf } from '../model/way.ts';
import type { TargetAccess } from '../node-access/target-way.ts';

export interface SourceTools {
  readonly arm: Pick<ManagedClusters, 'userKubeconfig'>;
  readonly access: Pick<TargetAccess, 'connectionFor'>;
}

/** Where the certificates of the object's cluster can be read: over ARM, and over the ways that the object may use. */
export async function sourcesFor(
  intent: RotationIntent,
  { id, ways }: Observation,
  { arm, access }: SourceTools,
  signal: AbortSignal,
): Promise<EvidenceSources> {
  const own: readonly Way[] = asksOperator(intent) ? ways.operator : (ways.namespaces.get(namespaceOf(intent)) ?? []);
  let target: EvidenceSources['access'];
  for (const way of own) {
    const opened = await access.connectionFor(id, way, ways, signal);
    target = opened.kind === 'Open' ? { ok: true, connection: opened.connection } : { ok: false, why: opened.message };
    if (target.ok) break;
  }
  const refusal = ways.refused.get(intent.name);
  if (!target && refusal !== undefined) target = { ok: false, why: refusal };
  return { kubeconfig: () => arm.userKubeconfig(id, signal), ...(target ? { access: target } : {}) };
}
