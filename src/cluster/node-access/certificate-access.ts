import { sentences, withCapital } from '../../api/sentences.ts';
import type { EvidenceSources } from '../../cluster-certificates/read/read-evidence.ts';
import type { Access } from '../../cluster-certificates/read/source.ts';
import type { Observation } from '../model/observation.ts';
import type { RotationIntent } from '../model/rotation.ts';
import { waysFor } from '../model/rotation-access.ts';
import type { TargetAccess } from './target-way.ts';

const NO_ACCESS: Access = {
  ok: false,
  why: 'Only the API server of the cluster shows it, and spec.target.nodeAccess is absent.',
  fix: 'Set spec.target.nodeAccess, with the rights in deploy/target-cluster/certificates-role.yaml.',
};

/** Access to the cluster's API server over the first way that opens. Rejects only when the signal aborts. */
export async function accessFor(
  intent: RotationIntent,
  { id, ways }: Observation,
  access: Pick<TargetAccess, 'connectionFor'>,
  signal: AbortSignal,
): Promise<NonNullable<EvidenceSources['access']>> {
  const refusal = ways.refused.get(intent.name);
  if (refusal !== undefined) return { ok: false, why: sentences(withCapital(refusal)) };
  let failed: Access | undefined;
  for (const way of waysFor(intent, ways)) {
    const opened = await access.connectionFor(id, way, ways, signal);
    if (opened.kind === 'Open') return { ok: true, connection: opened.connection };
    failed ??= { ok: false, why: sentences(withCapital(opened.message)) };
  }
  return failed ?? NO_ACCESS;
}
