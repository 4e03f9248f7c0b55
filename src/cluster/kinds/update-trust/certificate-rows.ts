import type { CustomCATrustStatus } from '../../../api/generated/customcatrusts.ts';
import { withCapital } from '../../../api/sentences.ts';
import { shownName } from '../../../certificates/x509/shown-name.ts';
import { validityWarnings } from '../../../certificates/x509/validity.ts';
import type { Decision } from '../../model/decision.ts';
import type { TrustView } from '../../model/trust.ts';
import type { TrustIntent, IntentRow } from '../../model/intent.ts';
import { objectOf, type RecordStatus } from '../../model/record.ts';
import { LARGE_ELEMENT } from './list-size.ts';
import { onNodesOf } from './slots.ts';

/** The most rows in a status. Further rows are only counted. */
export const ROW_LIMIT = 128;

type Row = NonNullable<CustomCATrustStatus['certificates']>[number];

/**
 * One row per certificate of an object, in the object's order, followed by its certificates that are being removed. While the
 * cluster cannot be read, the rows show their last states; nothing is decided by them.
 */
export function rowsOf(intent: TrustIntent, decision: Decision, record: RecordStatus, now: number): Row[] {
  const { view } = decision.outlook;
  const onNodes = onNodesOf(record);
  const shown = view ? undefined : shownStates(intent);
  const largeList = record.conditions?.find(({ type }) => type === 'LargeList');
  const earlier = new Map<string, IntentRow>();
  const rows = intent.rows.map((row): Row => {
    const position = { name: row.entry, index: row.index };
    if (!row.certificate) {
      const message = row.line === undefined ? row.problem.message : `line ${row.line}: ${row.problem.message}`;
      return { ...position, state: 'Invalid', message: withCapital(message) };
    }
    const { fingerprint, details } = row.certificate;
    const first = earlier.get(fingerprint);
    earlier.set(fingerprint, first ?? row);
    const state = first
      ? 'Duplicate'
      : view
        ? stateOf(fingerprint, { intent, decision, view, record, onNodes })
        : (shown?.get(fingerprint) ?? 'Pending');
    const large = row.certificate.element.length > LARGE_ELEMENT ? largeList : undefined;
    const warnings = [
      ...new Set([
        ...validityWarnings(details, now),
        ...details.warnings,
        ...row.warnings,
        ...(large ? ['LargeList'] : []),
      ]),
    ];
    const message = first
      ? withCapital(`the same certificate as number ${first.index} of entry "${first.entry}"`)
      : [
          ...details.concerns,
          ...(large ? [large.message] : []),
          ...(state === 'Adopted' ? [adoptedMessage(intent)] : []),
        ].join(' ');
    const { subject, issuer, notBefore, notAfter } = details;
    return {
      ...position,
      subject: shownName(subject),
      issuer: shownName(issuer),
      fingerprintSHA256: fingerprint,
      notBefore,
      notAfter,
      state,
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(message === '' ? {} : { message }),
    };
  });
  return [...rows, ...(view ? leavingRows(intent, view, earlier) : leavingBefore(intent, earlier))];
}

/** Says when a certificate that was in the list before any object named it is removed. */
function adoptedMessage(intent: TrustIntent): string {
  const refused = adoptingRefused(intent);
  const before = "This certificate was in the cluster's list before any object named it";
  if (refused !== undefined) return `${before}, and it stays there when no object names it any more. ${refused}`;
  return intent.object.spec.adopt
    ? `${before}. It is removed from the list when no object names it any more and all objects that named it last may remove it (spec.adopt).`
    : `${before}, and it stays there when no object names it any more. To have it removed then, set spec.adopt to true.`;
}

/** Why `spec.adopt` of an object has no effect; undefined where it has one, or is not set. */
export function adoptingRefused({ object: { metadata, spec }, grants }: TrustIntent): string | undefined {
  if (spec.adopt !== true || grants.adopt) return undefined;
  return `The policy of the controller does not allow spec.adopt for this cluster in namespace ${metadata.namespace ?? ''}, so it has no effect. Ask the operator of the controller to allow adopting, or remove spec.adopt.`;
}

/** The states that the object's status shows, by fingerprint. A repeated certificate has the state of its first row. */
function shownStates({ object }: TrustIntent): ReadonlyMap<string, Row['state']> {
  const states = new Map<string, Row['state']>();
  for (const { fingerprintSHA256, state } of object.status?.certificates ?? [])
    if (fingerprintSHA256 !== undefined && state !== 'Duplicate' && !states.has(fingerprintSHA256))
      states.set(fingerprintSHA256, state);
  return states;
}

/** True when every covered node trusts the certificate. */
export function isTrusted(state: string | undefined): boolean {
  return state === 'Trusted' || state === 'Adopted';
}

interface StateInput {
  readonly intent: TrustIntent;
  readonly decision: Decision;
  readonly view: TrustView;
  readonly record: RecordStatus;
  /** Certificates that every covered node had before the running operation. */
  readonly onNodes: ReadonlySet<string>;
}

function stateOf(fingerprint: string, { intent, decision, view, record, onNodes }: StateInput): Row['state'] {
  const { merge, present } = view;
  const going = record.operation?.updateTrust?.removes?.some((one) => one.fingerprintSHA256 === fingerprint) ?? false;
  // A certificate that left the list is still on the nodes that have not been replaced.
  const leaves = going || merge.removes.some((one) => one.fingerprintSHA256 === fingerprint);
  if (leaves && intent.deletion) return 'Removing';
  if (merge.overLimit.get(intent.name)?.includes(fingerprint)) return 'OverLimit';
  const applying = record.operation?.updateTrust?.adds?.some((one) => one.fingerprintSHA256 === fingerprint) ?? false;
  if (applying) return 'Applying';
  // The names of an object that changes without a pause do not count, so other objects may remove the certificate.
  if (
    intent.frozen === 'Restless' &&
    !view.claims.get(fingerprint)?.namedBy.some((one) => objectOf(one) === intent.name)
  )
    return 'Pending';
  // The object named it again after a list without it was sent: it leaves the list first, and is added again later.
  if (!present.has(fingerprint) || going) return 'Pending';
  // A certificate in the list is not yet on the nodes, whichever client wrote it. One that was on all nodes stays there when others are added.
  const trusted = view.claims.get(fingerprint)?.adopted ? 'Adopted' : 'Trusted';
  return decision.outlook.settled || onNodes.has(fingerprint) ? trusted : 'Applying';
}

/** Certificates that this object no longer names and that are still in the cluster. */
function leavingRows(intent: TrustIntent, { merge, present }: TrustView, named: ReadonlyMap<string, unknown>): Row[] {
  return merge.removes.flatMap(({ fingerprintSHA256, namedBy }): Row[] => {
    const naming = namedBy?.find((name) => objectOf(name) === intent.name);
    const certificate = present.get(fingerprintSHA256);
    if (naming === undefined || named.has(fingerprintSHA256) || !certificate) return [];
    const { subject, issuer, notBefore, notAfter } = certificate.details;
    const name = naming.slice(naming.lastIndexOf('/') + 1);
    const names = { subject: shownName(subject), issuer: shownName(issuer) };
    return [{ name, index: 0, ...names, fingerprintSHA256, notBefore, notAfter, state: 'Removing' }];
  });
}

function leavingBefore({ object }: TrustIntent, named: ReadonlyMap<string, unknown>): Row[] {
  return (object.status?.certificates ?? []).filter(
    ({ state, fingerprintSHA256 = '' }) => state === 'Removing' && !named.has(fingerprintSHA256),
  );
}
