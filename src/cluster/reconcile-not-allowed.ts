import { isDeepStrictEqual } from 'node:util';
import type { Tools } from './act/act.ts';
import { kindOf } from './kinds/index.ts';
import type { TrustEvent } from './model/trust-event.ts';
import type { Known } from './model/observation.ts';
import type { Intent } from './model/intent.ts';
import { noteObjects } from './model/noted-objects.ts';
import type { WriteRefusal } from './model/write-refusal.ts';
import type { RecordStatus } from './model/record.ts';
import { retainRelease } from './kinds/update-trust/release.ts';
import { stayingInRecord } from './kinds/update-trust/staying-certificates.ts';
import { dropDepartedOwners } from './kinds/update-trust/departed-owners.ts';

type NotAllowedTools = Pick<Tools, 'objects' | 'records' | 'now' | 'kinds'> & {
  readonly emit: (object: Intent['object'], event: TrustEvent) => void;
};

/** True when the policy allows no object of the cluster, and no recorded operation has to be completed. */
export function isOffLimits({ record, intents, outsiders }: Known): boolean {
  if (record?.status?.operation || intents.length + outsiders.length === 0) return false;
  return intents.every(({ frozen }) => frozen === 'NotAllowed');
}

/**
 * A reconcile of a cluster that is off limits: the cluster is not read. Deleted objects are released as with Retain, which needs only
 * the record. They are dropped from the record afterwards, because their event is made from it and a failed release is repeated.
 *
 * @returns writes that the API server refused
 */
export async function passOffLimits(
  { id, record, intents }: Known,
  tools: NotAllowedTools,
  signal: AbortSignal,
): Promise<readonly WriteRefusal[]> {
  const staying = intents.filter(({ deletion }) => !deletion);
  if (staying.length < intents.length) await tools.records.confirm(id, record, signal);
  const refusals = await refuseObjects(intents, record?.status, tools, signal);
  if (!record || refusals.length > 0) return refusals;
  if (staying.length === 0) await tools.records.remove(record, signal);
  else {
    const remaining = dropDepartedOwners(record.status ?? {}, intents);
    await tools.records.write(id, record, noteObjects(remaining, staying), signal);
  }
  return refusals;
}

/** Reports to objects that the policy does not allow, and releases those that are deleted; `record` is as it was before. */
export async function refuseObjects(
  intents: readonly Intent[],
  record: RecordStatus | undefined,
  tools: NotAllowedTools,
  signal: AbortSignal,
): Promise<readonly WriteRefusal[]> {
  const refusals: WriteRefusal[] = [];
  for (const intent of intents) {
    const { object } = intent;
    const kind = kindOf(object, tools.kinds)?.objects;
    if (!kind) continue;
    const release = retainRelease(intent, stayingInRecord(intent, record ?? { slots: [] }));
    if (release) {
      const refusal = await tools.objects.release(object, signal);
      if (refusal) refusals.push(refusal);
      else tools.emit(object, kind.releaseEvent(release));
      continue;
    }
    const status = kind.notAllowedStatus(intent, tools.now());
    if (isDeepStrictEqual(object.status, status)) continue;
    const outcome = await tools.objects.status(object, status, signal);
    if (outcome === 'Written') for (const event of kind.events(object.status, status)) tools.emit(object, event);
    else if (outcome !== 'Gone') refusals.push(outcome);
  }
  return refusals;
}
