import type { ConditionValue } from '../../../api/conditions.ts';
import { CERTIFICATE_LIMIT } from '../../../api/names.ts';
import { sentences } from '../../../api/sentences.ts';
import { spelledOut } from '../../../api/spelled-out.ts';
import { concernsChange, isChangeMissing, isOutsideChange } from './bystander.ts';
import type { Hold } from '../../model/decision.ts';
import type { TrustView, Merge } from '../../model/trust.ts';
import type { TrustIntent } from '../../model/intent.ts';
import { objectOf, type Slot } from '../../model/record.ts';
import { adoptingRefused } from './certificate-rows.ts';
import { REST_MS } from '../../operation/restless-objects.ts';
import type { StatusInput } from './status-input.ts';
import { asksOperator } from '../../model/ways.ts';
import { namespaceOf } from '../../model/way.ts';
import { appliedCondition as appliedBefore } from '../../reimage/last-applied.ts';

/** The most problems that a message spells out. The rows have all of them. */
const SPELLED_OUT = 3;

/** `CertificatesValid`: entry, certificate and line of each problem, and the fix. */
export function validCondition({ rows, frozen, object }: TrustIntent): ConditionValue {
  const unread = rows.flatMap((row) => (row.problem && row.line === undefined ? [row] : []));
  const [first] = unread;
  // Named before bad certificates, because it holds the object also where those are skipped.
  if (first) {
    const spelled = unread.slice(0, SPELLED_OUT).map(({ entry, problem }) => `Entry "${entry}": ${problem.message}`);
    const others = unread.length - spelled.length;
    const more =
      others > 0
        ? `The sources of ${others} other ${others === 1 ? 'entry' : 'entries'} cannot be read (see the rows).`
        : '';
    return { status: 'False', reason: first.problem.kind, message: sentences(...spelled, more) };
  }
  const bad = rows.filter((row) => row.problem);
  if (bad.length === 0) {
    const count = rows.length === 1 ? 'The certificate can be read.' : `All ${rows.length} certificates can be read.`;
    return { status: 'True', reason: 'Valid', message: rows.length === 0 ? 'The object wants no certificate.' : count };
  }
  const spelled = bad
    .slice(0, SPELLED_OUT)
    .map((row) => `certificate ${row.index} of entry "${row.entry}" (line ${row.line}): ${row.problem?.message ?? ''}`);
  const more = bad.length > SPELLED_OUT ? `; and ${bad.length - SPELLED_OUT} more` : '';
  const partly = object.spec.invalidCertificates === 'Skip' && frozen === undefined && bad.length < rows.length;
  return { status: 'False', reason: partly ? 'PartiallyInvalid' : 'Invalid', message: spelled.join('; ') + more };
}

/** `WithinCertificateLimit`: certificates and limit, the objects that use the slots, and the certificates that do not fit. */
export function limitCondition(input: StatusInput): ConditionValue {
  const { intent, decision, record } = input;
  const { view } = decision.outlook;
  if (!view) return { status: 'Unknown', reason: 'ClusterNotRead', message: 'The cluster could not be read.' };
  const over = view.merge.overLimit.get(intent.name);
  const unchecked = unmergedOf(input, view);
  const free = CERTIFICATE_LIMIT - view.merge.items.length;
  if (!over && unchecked > Math.max(0, free)) {
    const message = `Nothing is added for this object at present (see Applied): ${unchecked} of its certificates are not in the cluster's list, and ${Math.max(0, free)} of its ${CERTIFICATE_LIMIT} slots are free.`;
    return { status: 'Unknown', reason: 'NotChecked', message };
  }
  if (!over) {
    const message = `The certificates of this object fit the ${CERTIFICATE_LIMIT} slots of the cluster.`;
    return { status: 'True', reason: 'Fits', message };
  }
  const { staying, adds, removes } = view.merge;
  const wanted = staying + adds.length + over.length;
  const leaving = new Set(removes.map(({ fingerprintSHA256 }) => fingerprintSHA256));
  const used = usedSlots([...(record.slots ?? []).filter((slot) => !leaves(slot, leaving)), ...adds]);
  const rows = intent.rows
    .filter(({ certificate }) => certificate && over.includes(certificate.fingerprint))
    .map(({ entry, index }) => `${entry}[${index}]`);
  const unfit = spelledOut([...new Set(rows)], CERTIFICATE_LIMIT);
  const own = new Set(intent.rows.flatMap(({ certificate }) => (certificate ? [certificate.fingerprint] : []))).size;
  const alone = own > CERTIFICATE_LIMIT ? ` This object alone has ${own} certificates, which can never fit.` : '';
  const message = `${wanted} certificates, limit ${CERTIFICATE_LIMIT}: ${over.length} of this object do not fit, so none of them was added (${unfit}). Slots in use: ${used}.${alone} Remove certificates from this object or from another one.`;
  return { status: 'False', reason: 'LimitExceeded', message };
}

/** Number of an object's certificates that were left out of the merge, and so were never compared with the free slots. */
function unmergedOf({ intent, decision, record }: StatusInput, { present }: TrustView): number {
  const isLeftOut =
    intent.frozen !== undefined ||
    decision.outlook.shares?.has(intent.name) === true ||
    record.rejections?.some(({ object }) => object === intent.name) === true;
  if (!isLeftOut || intent.deletion) return 0;
  const absent = intent.rows.flatMap(({ certificate }) =>
    certificate && !present.has(certificate.fingerprint) ? [certificate.fingerprint] : [],
  );
  return new Set(absent).size;
}

/** The number of slots by object. Slots whose certificates several objects name are counted together. */
function usedSlots(slots: readonly Pick<Slot, 'contains' | 'namedBy'>[]): string {
  const users = new Map<string, number>();
  for (const slot of slots) {
    const names = new Set((slot.contains?.flatMap(({ namedBy }) => namedBy ?? []) ?? slot.namedBy ?? []).map(objectOf));
    const user = names.size > 1 ? 'shared by several objects' : ([...names][0] ?? 'named by no object');
    users.set(user, (users.get(user) ?? 0) + 1);
  }
  const most = [...users].toSorted(([, a], [, b]) => b - a);
  // A bound, because thousands of objects may name one certificate.
  return (
    spelledOut(
      most.map(([user, count]) => `${user} ${count}`),
      CERTIFICATE_LIMIT,
    ) || 'none'
  );
}

function leaves(slot: Slot, leaving: ReadonlySet<string>): boolean {
  const held = (slot.contains ?? [slot]).map(({ fingerprintSHA256 = '' }) => fingerprintSHA256);
  return held.every((fingerprint) => leaving.has(fingerprint));
}

/** `Applied`: the cluster's list has what this object wants, and ARM reports Succeeded. It reports the first obstacle. */
export function appliedCondition(input: StatusInput): ConditionValue {
  const finding = appliedByList(input);
  const refused = finding.status === 'True' ? adoptingRefused(input.intent) : undefined;
  return untilReleased(
    refused === undefined ? finding : { ...finding, message: `${sentences(finding.message)} ${refused}` },
    input.intent,
  );
}

/** Adds the way to release an object that is being deleted to the message of anything that holds it back. */
export function untilReleased(finding: ConditionValue, intent: TrustIntent): ConditionValue {
  return finding.status === 'True' ? finding : { ...finding, message: withRelease(finding.message, intent) };
}

function appliedByList(input: StatusInput): ConditionValue {
  const { intent, decision } = input;
  const { outlook } = decision;
  const isFalse = (reason: Hold['reason'], message: string): ConditionValue => ({ status: 'False', reason, message });
  const hold = outlook.hold && isFalse(outlook.hold.reason, heldMessage(outlook.hold, intent));
  if (!outlook.view) return hold ?? isFalse('Unreachable', 'The cluster could not be read.');
  const share = outlook.shares?.get(intent.name);
  if (intent.deletion && share) return isFalse(share.reason, share.message);
  if (intent.deletion)
    return hold ?? isFalse('Updating', "The certificates of the object are being removed from the cluster's list.");
  const { merge, present } = outlook.view;
  const absent = intent.rows.filter(({ certificate }) => certificate && !present.has(certificate.fingerprint));
  if (intent.frozen === 'Suspended' && absent.length > 0)
    return isFalse(
      'Suspended',
      `The object is suspended, and ${absent.length} of its certificates are not in the cluster's list. Set spec.suspend to false to continue.`,
    );
  if (intent.frozen === 'Emptied') return isFalse('WouldRemoveAll', WOULD_REMOVE_ALL);
  if (intent.frozen === 'LeftOut') return isFalse('Held', leftOutMessage(intent));
  if (intent.frozen === 'Restless') return isFalse('Held', restlessMessage(intent));
  if (intent.frozen === 'SourceUnreadable')
    return isFalse(
      'Held',
      "Not applied: the source of at least one entry cannot be read (see CertificatesValid). Until it can be, the certificates of this object in the cluster's list stay as they are.",
    );
  if (intent.frozen === 'Held')
    return isFalse(
      'Held',
      'Not applied: at least one certificate is invalid (see CertificatesValid). Fix it, or set spec.invalidCertificates to Skip.',
    );

  const rejection = input.record.rejections?.find(({ object }) => object === intent.name);
  if (rejection) return isFalse('CertificateRejected', rejection.message);
  if (merge.overLimit.has(intent.name))
    return isFalse(
      'Held',
      "Not applied: this object's certificates exceed the cluster's limit (see WithinCertificateLimit). Certificates that are in the list stay.",
    );
  const contended = [...merge.contendedFor].filter((fingerprint) =>
    intent.rows.some(({ certificate }) => certificate?.fingerprint === fingerprint),
  );
  if (contended.length > 0 || (merge.contendedFor.size > 0 && intent.object.spec.unmanagedCertificates === 'Remove'))
    return isFalse('Contended', CONTENDED);

  if (share) return isFalse(share.reason, share.message);
  const inPlace = outlook.settled && absent.length === 0;
  if (inPlace && (!outlook.hold || holdsOthersOnly(outlook.hold, merge, intent)))
    return { status: 'True', reason: 'Applied', message: "The cluster's list has every certificate of this object." };
  if (isOutsideChange(input))
    return {
      status: 'True',
      reason: 'Applied',
      message: "The cluster's list has every certificate of this object. A change of another object is in progress.",
    };
  return hold ?? isFalse('Updating', 'The update is in progress.');
}

/** All objects of a change settle together. The object with the longest time may be in another namespace, so it is not named. */
function heldMessage({ message, settleMs = 0 }: Hold, intent: TrustIntent): string {
  if (settleMs <= intent.settleMs) return message;
  return `${message} Another object is part of the same change and asks for ${settleMs / 1000} s (spec.settleSeconds), because every change replaces every node.`;
}

function leftOutMessage({ leftOut }: TrustIntent): string {
  return `The API server refuses the finalizer of this object. Without it the object could be deleted unnoticed, so its certificates in the cluster's list stay as they are. Other objects are not affected. Allow the controller to update the object. The API server says: ${leftOut?.message ?? ''}`;
}

function restlessMessage({ rest }: TrustIntent): string {
  const subject = rest?.wholeNamespace ? 'The objects of this namespace change' : 'This object changes';
  const it = rest?.wholeNamespace ? 'them' : 'it';
  return `${subject} faster than a change can be sent to the cluster, and the other objects of the cluster go on without ${it}. The certificates of this object in the cluster's list stay as they were last applied. To continue, stop changing ${it} for ${REST_MS / 60_000} minutes.`;
}

/** True when only a change of other objects is held: it takes nothing from this object. */
function holdsOthersOnly(hold: Hold, merge: Merge, intent: TrustIntent): boolean {
  const changes = merge.adds.length + merge.removes.length;
  return changes > 0 && !concernsChange(merge, intent) && hold.reason !== 'ClusterBusy';
}

/** Says what an object that is being deleted waits for, and the command that releases it. */
function withRelease(message: string, { object, deletion, frozen }: TrustIntent): string {
  const waits = frozen === 'Restless' && object.metadata.deletionTimestamp !== undefined;
  if (deletion !== 'Remove' && !waits) return message;
  const { name, namespace = '' } = object.metadata;
  const command = `kubectl patch customcatrust ${name} -n ${namespace} --type=merge -p '{"spec":{"deletionPolicy":"Retain"}}'`;
  // A message that was kept from the last reconcile already ends with the command.
  if (message.endsWith(command)) return message;
  return `${sentences(message)} The object is being deleted and waits until its certificates have left the cluster's list and ARM reports Succeeded. To release it and leave them there: ${command}`;
}

/**
 * `NodesReimaged` of one object. Nodes keep the certificates of an object outside the change while they are replaced. Nodes that
 * were replaced earlier prove nothing about certificates that are not in the list yet. `own` is the finding of the namespace's
 * own way.
 */
export function reimagedConditionFor(input: StatusInput, own: ConditionValue | undefined): ConditionValue {
  const nodesReimaged = own ?? input.decision.outlook.nodesReimaged;
  const reason = isOutsideChange(input) && !isChangeMissing(input) ? reasonBefore(input) : undefined;
  if (reason !== undefined)
    return {
      status: 'True',
      reason,
      message: 'Nodes are being replaced for a change of another object; they keep the certificates of this one.',
    };
  if (nodesReimaged.status === 'True' && isChangeMissing(input))
    return {
      status: 'Unknown',
      reason: 'ChangeNotSent',
      message: "The cluster's list is not yet what this object wants (see Applied), so no node can have it.",
    };
  return nodesReimaged;
}

/**
 * The reason of `NodesReimaged` before the running operation; undefined where it was not True: by the count of the namespace's own way
 * where that had counted the change before, else by what the record remembers.
 */
function reasonBefore({ intent, record }: StatusInput): string | undefined {
  const own = record.namespaceCounts?.find(
    ({ namespace }) => !asksOperator(intent) && namespace === namespaceOf(intent),
  );
  if (own?.earlier === 'Unfinished') return undefined;
  return own?.earlier === 'Done' ? 'Reimaged' : appliedBefore(record)?.reason;
}

const WOULD_REMOVE_ALL =
  "No certificate is left in this object, and it has certificates in the cluster's list: they stay. Fix the entries, or set spec.allowEmpty to true to remove them, which replaces every node.";

const CONTENDED =
  "Another client keeps changing the cluster's list. It was corrected twice in 24 hours and will not be corrected again. Identify the client with `az monitor activity-log list` (often Terraform, Bicep or another operator whose configuration names the list), then annotate the object with aks-ca-trust.dev/reconcile-requested-at.";
