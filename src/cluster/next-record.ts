import type { Observation } from './observation.ts';
import { timestamp, type RecordedOperation, type RecordStatus } from './record.ts';
import { completed, type Progress } from './reimage/progress.ts';
import type { Standing } from './see-through.ts';
import { renameRows, type Claims } from './trust/claims.ts';
import { placesOf, slotsOf } from './trust/slots.ts';
import type { TrustBalance } from './trust/weigh.ts';

/** The record after this look: the list as read, and what of the past still counts. The change to come is not in it yet. */
export function nextRecord(
  { id, arm }: Observation,
  before: RecordStatus,
  trust: TrustBalance,
  standing: Standing | undefined,
  progress: Progress | undefined,
  now: number,
): RecordStatus {
  const {
    operation,
    discarded,
    missing: _,
    absence: __,
    refusal,
    rejections: ___,
    corrections: ____,
    objects: _____,
    ...kept
  } = before;
  const resourceUID = arm.ok ? arm.reading.model.resourceUID : undefined;
  const slots = slotsOf(trust.list, trust.claims);
  const seen =
    operation && (standing?.kind === 'Complete' || (standing && 'operation' in standing && standing.operation.seen));
  const discards = [
    ...(standing?.kind === 'Complete' ? [] : (discarded ?? [])),
    ...(standing?.kind === 'Discard' ? (operation?.adds ?? []) : []),
  ];
  const stillOut = renameRows(discards, trust.claims).filter(({ namedBy }) => namedBy?.length);
  const counted = progress && standing?.kind === 'Complete' ? completed(progress) : progress;
  const current =
    standing && 'operation' in standing
      ? standing.operation
      : standing?.kind === 'Discard'
        ? operation?.replaces
        : undefined;
  const heldRefusal =
    refusal && !seen && (trust.merge.adds.length > 0 || trust.merge.removes.length > 0 || operation)
      ? refusal
      : undefined;
  return {
    ...kept,
    clusterName: id.name,
    ...(resourceUID === undefined ? {} : { resourceUID }),
    slots,
    certificateSlots: placesOf(slots.length),
    ...(trust.missing.length > 0 ? { missing: [...trust.missing] } : {}),
    ...(current ? { operation: renamed(current, trust.claims) } : {}),
    ...(stillOut.length > 0 ? { discarded: stillOut } : {}),
    ...(heldRefusal ? { refusal: heldRefusal } : {}),
    ...(trust.rejections.length > 0 ? { rejections: trust.rejections } : {}),
    ...(trust.corrections.length > 0 ? { corrections: trust.corrections } : {}),
    correctionCount: trust.corrections.length,
    ...(counted ? { nodes: counted.nodes, nodePools: [...counted.pools] } : {}),
    ...(standing?.kind === 'Complete' ? { lastAppliedTime: timestamp(now) } : {}),
  };
}

function renamed(operation: RecordedOperation, claims: Claims): RecordedOperation {
  const { adds, removes } = operation;
  return {
    ...operation,
    ...(adds ? { adds: renameRows(adds, claims) } : {}),
    ...(removes ? { removes: renameRows(removes, claims) } : {}),
  };
}
