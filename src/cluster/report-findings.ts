import type { Finding } from '../api/conditions.ts';
import { CERTIFICATE_LIMIT } from '../api/names.ts';
import { spelledOut } from '../api/spelled-out.ts';
import type { Hold } from './decision.ts';
import type { Intent } from './intent.ts';
import { objectOf, type NamedCertificate, type Slot } from './record.ts';
import type { StatusInput } from './report.ts';
import type { Merge } from './trust/merge.ts';

/** Problems that a message spells out; the rows have them all. */
const SPELLED_OUT = 3;

/** `CertificatesValid`: which entry, certificate and line, what is wrong, and the mend. */
export function validFinding({ rows, frozen, object }: Intent): Finding {
  const bad = rows.filter((row) => row.problem);
  if (bad.length === 0) {
    const count = rows.length === 1 ? '1 certificate reads' : `all ${rows.length} certificates read`;
    return { status: 'True', reason: 'Valid', message: rows.length === 0 ? 'the object wants no certificate' : count };
  }
  const spelled = bad
    .slice(0, SPELLED_OUT)
    .map((row) => `certificate ${row.index} of entry "${row.entry}" (line ${row.line}): ${row.problem?.message ?? ''}`);
  const more = bad.length > SPELLED_OUT ? `; and ${bad.length - SPELLED_OUT} more` : '';
  const partly = object.spec.invalidCertificates === 'Skip' && frozen === undefined && bad.length < rows.length;
  return { status: 'False', reason: partly ? 'PartiallyInvalid' : 'Invalid', message: spelled.join('; ') + more };
}

/** `WithinCertificateLimit`: how many of how many, who holds the places, which do not fit. */
export function limitFinding({ intent, decision, record }: StatusInput): Finding {
  const { view } = decision.outlook;
  const over = view?.merge.overLimit.get(intent.name);
  if (!view || !over) {
    if (!view) return { status: 'Unknown', reason: 'ClusterNotRead', message: 'the cluster could not be read' };
    return {
      status: 'True',
      reason: 'Fits',
      message: `the certificates of this object fit the cluster's ${CERTIFICATE_LIMIT} places`,
    };
  }
  const { staying, adds, removes } = view.merge;
  const wanted = staying + adds.length + over.length;
  const leaving = new Set(removes.map(({ fingerprintSHA256 }) => fingerprintSHA256));
  const holders = new Map<string, number>();
  for (const place of [...(record.slots ?? []).filter((slot) => !leaves(slot, leaving)), ...adds]) {
    const several = 'contains' in place ? place.contains : undefined;
    const names = new Set((several?.flatMap(({ namedBy }) => namedBy ?? []) ?? place.namedBy ?? []).map(objectOf));
    for (const name of names.size > 0 ? names : ['nobody (unmanaged)']) holders.set(name, (holders.get(name) ?? 0) + 1);
  }
  const most = [...holders].toSorted(([, a], [, b]) => b - a);
  // As many as a list has places: thousands of objects may name one certificate.
  const held = spelledOut(
    most.map(([name, places]) => `${name} ${places}`),
    CERTIFICATE_LIMIT,
  );
  const rows = intent.rows
    .filter(({ certificate }) => certificate && over.includes(certificate.fingerprint))
    .map(({ entry, index }) => `${entry}[${index}]`);
  const unfit = spelledOut([...new Set(rows)], CERTIFICATE_LIMIT);
  const message = `${wanted} certificates for ${CERTIFICATE_LIMIT} places: ${over.length} of this object do not fit, so none of them is added (${unfit}). Places are held by: ${held || 'nobody'}. Take certificates out of this object or another one`;
  return { status: 'False', reason: 'LimitExceeded', message };
}

function leaves(slot: Slot, leaving: ReadonlySet<string>): boolean {
  const held = (slot.contains ?? [slot]).map(({ fingerprintSHA256 = '' }) => fingerprintSHA256);
  return held.every((fingerprint) => leaving.has(fingerprint));
}

/** `Applied`: the cluster's list has what this object wants, and ARM says Succeeded. The first thing in the way is what it says. */
export function appliedFinding(input: StatusInput): Finding {
  const { intent, decision } = input;
  const { outlook } = decision;
  const no = (reason: Hold['reason'], message: string): Finding => ({ status: 'False', reason, message });
  const hold = outlook.hold && no(outlook.hold.reason, outlook.hold.message);
  if (!outlook.view) return hold ?? no('Unreachable', 'the cluster could not be read');
  if (intent.deletion)
    return hold ?? no('Updating', "the object is being deleted and its certificates leave the cluster's list");
  if (intent.frozen === 'Suspended')
    return no(
      'Suspended',
      "the object is suspended: its share of the cluster's list stays as it is; set spec.suspend to false to go on",
    );
  if (intent.frozen === 'Held')
    return no(
      'Held',
      'a bad certificate holds the change of this object (see CertificatesValid); mend it, or set spec.invalidCertificates to Skip',
    );

  const rejection = input.record.rejections?.find(({ object }) => object === intent.name);
  if (rejection) return no('CertificateRejected', rejection.message);
  const { merge, present } = outlook.view;
  if (merge.overLimit.has(intent.name))
    return no('Held', 'its certificates do not fit (see WithinCertificateLimit); what is in stays in');
  const contended = [...merge.contendedFor].filter((fingerprint) =>
    intent.rows.some(({ certificate }) => certificate?.fingerprint === fingerprint),
  );
  if (contended.length > 0 || (merge.contendedFor.size > 0 && intent.object.spec.unmanagedCertificates === 'Remove'))
    return no('Contended', CONTENDED);

  const absent = intent.rows.filter(({ certificate }) => certificate && !present.has(certificate.fingerprint));
  const inPlace = outlook.settled && absent.length === 0;
  if (inPlace && (!outlook.hold || holdsOthersOnly(outlook.hold, merge, intent)))
    return { status: 'True', reason: 'Applied', message: "the cluster's list has every certificate of this object" };
  return hold ?? no('Updating', 'the change is on its way');
}

/** True when what waits is a change of other objects: it takes nothing from this one. */
function holdsOthersOnly(hold: Hold, { adds, removes }: Merge, { name, object }: Intent): boolean {
  const changes = [...adds, ...removes];
  const concerns = ({ namedBy = [] }: NamedCertificate) =>
    namedBy.length > 0
      ? namedBy.some((naming) => objectOf(naming) === name)
      : object.spec.unmanagedCertificates === 'Remove';
  return changes.length > 0 && !changes.some(concerns) && hold.reason !== 'ClusterBusy';
}

const CONTENDED =
  "somebody else keeps changing the cluster's list: it was put right twice in 24 hours and is left alone now. Find who it is (az monitor activity-log list), then annotate the object with aks-ca-trust.dev/reconcile-requested-at";

const STALLING = new Set([
  'Suspended',
  'Held',
  'Contended',
  'CertificateRejected',
  'LimitExceeded',
  'Invalid',
  'NotTrusted',
  'NotProven',
  'NoNodeAccess',
]);

/** `Ready` is derived: what holds it back most is what it says. */
export function readyFinding(
  findings: Readonly<Record<string, Finding | undefined>>,
  { decision, intent }: StatusInput,
): { ready: Finding; stalled: boolean } {
  const valid = findings['CertificatesValid'];
  const counts = [
    valid?.reason === 'PartiallyInvalid' ? undefined : valid,
    intent.deletion ? undefined : findings['WithinCertificateLimit'],
    findings['Applied'],
    findings['NodesReimaged'],
    findings['NodesTrust'],
  ];
  const first =
    counts.find((finding) => finding?.status === 'False') ?? counts.find((finding) => finding?.status === 'Unknown');
  const reimaged = findings['NodesReimaged'];
  // That it goes on says less than what keeps it from going on.
  const worst = first?.reason === 'Updating' && reimaged?.reason === 'ReimageBlocked' ? reimaged : first;
  if (!worst)
    return {
      ready: {
        status: 'True',
        reason: 'Trusted',
        message: 'every covered node trusts the certificates of this object',
      },
      stalled: false,
    };
  const stalled =
    STALLING.has(worst.reason) ||
    (decision.outlook.hold?.stalled === true && worst.reason === decision.outlook.hold.reason);
  return { ready: { status: worst.status, reason: worst.reason, message: worst.message }, stalled };
}
