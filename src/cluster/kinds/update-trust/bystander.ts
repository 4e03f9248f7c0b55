import type { TrustIntent } from '../../model/intent.ts';
import type { NamedCertificate } from '../../model/record.ts';
import { concerns } from '../../model/record-size.ts';
import { onNodesOf } from './slots.ts';
import type { StatusInput } from './status-input.ts';
import type { Merge } from '../../model/trust.ts';

/**
 * True for an object whose certificates were on every node before the running operation, are in the list, and are not part of the
 * operation or of a pending change: the nodes trust them before, while and after they are replaced.
 */
export function isOutsideChange({ intent, decision, record }: StatusInput): boolean {
  const { view } = decision.outlook;
  const { operation } = record;
  if (!view || !operation || intent.deletion) return false;
  const { adds = [], removes = [] } = operation.updateTrust ?? {};
  const { merge, present } = view;
  if (concernsAny([...adds, ...removes], intent) || concernsChange(merge, intent)) return false;
  const onNodes = onNodesOf(record);
  return intent.rows.every(
    ({ certificate }) => certificate && present.has(certificate.fingerprint) && onNodes.has(certificate.fingerprint),
  );
}

/** True when the pending change adds or removes a certificate for this object. */
export function concernsChange({ adds, removes }: Merge, intent: TrustIntent): boolean {
  return concernsAny([...adds, ...removes], intent);
}

/** True while the cluster's list is not what this object wants: a certificate is missing from it, or has yet to leave it. */
export function isChangeMissing({ intent, decision }: StatusInput): boolean {
  const { view } = decision.outlook;
  if (!view) return false;
  if (intent.frozen === 'SourceUnreadable' || intent.frozen === 'Held' || intent.frozen === 'Restless') return true;
  const absent = intent.rows.some(({ certificate }) => certificate && !view.present.has(certificate.fingerprint));
  const isHeld = decision.outlook.shares?.has(intent.name) === true;
  return (!intent.deletion && absent) || isHeld || concernsChange(view.merge, intent);
}

function concernsAny(changes: readonly NamedCertificate[], intent: TrustIntent): boolean {
  return changes.some((row) =>
    row.namedBy?.length ? concerns(row, intent) : intent.object.spec.unmanagedCertificates === 'Remove',
  );
}
