import type { CustomCATrustStatus } from '../api/generated/customcatrusts.ts';
import { validityWarnings } from '../certificates/validity.ts';
import type { Decision } from './decision.ts';
import type { Intent, IntentRow } from './intent.ts';
import { objectOf, type RecordStatus } from './record.ts';

type Row = NonNullable<CustomCATrustStatus['certificates']>[number];

/** One row per certificate of an object, in its order, and then those of its certificates that are leaving; undefined where the cluster could not be read. */
export function rowsOf(intent: Intent, decision: Decision, record: RecordStatus, now: number): Row[] | undefined {
  const { view } = decision.outlook;
  if (!view) return undefined;
  const earlier = new Map<string, IntentRow>();
  const rows = intent.rows.map((row): Row => {
    const place = { name: row.entry, index: row.index };
    if (!row.certificate) return { ...place, state: 'Invalid', message: `line ${row.line}: ${row.problem.message}` };
    const { fingerprint, details } = row.certificate;
    const first = earlier.get(fingerprint);
    earlier.set(fingerprint, first ?? row);
    const state = first ? 'Duplicate' : stateOf(fingerprint, intent, decision, record);
    const warnings = [...new Set([...validityWarnings(details, now), ...details.warnings, ...row.warnings])];
    const message = first ? `the same certificate as number ${first.index} of entry "${first.entry}"` : undefined;
    const { subject, issuer, notBefore, notAfter } = details;
    return {
      ...place,
      subject,
      issuer,
      fingerprintSHA256: fingerprint,
      notBefore,
      notAfter,
      state,
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(message === undefined ? {} : { message }),
    };
  });
  return [...rows, ...leavingRows(intent, decision, earlier)];
}

function stateOf(fingerprint: string, intent: Intent, { outlook }: Decision, record: RecordStatus): Row['state'] {
  const { merge, present } = outlook.view!;
  const going = record.operation?.removes?.some((one) => one.fingerprintSHA256 === fingerprint) ?? false;
  // Out of the list it is still on the nodes that have not been replaced.
  const leaves = going || merge.removes.some((one) => one.fingerprintSHA256 === fingerprint);
  if (leaves && intent.deletion) return 'Removing';
  if (merge.overLimit.get(intent.name)?.includes(fingerprint)) return 'OverLimit';
  const applying = record.operation?.adds?.some((one) => one.fingerprintSHA256 === fingerprint) ?? false;
  if (applying) return 'Applying';
  // Named again after a list without it was sent: what can be seen of it is about to go, and comes back after.
  return present.has(fingerprint) && !going ? 'Trusted' : 'Pending';
}

/** Certificates that this object no longer names and that are not out of the cluster yet. */
function leavingRows(intent: Intent, { outlook }: Decision, named: ReadonlyMap<string, unknown>): Row[] {
  const { merge, present } = outlook.view!;
  return merge.removes.flatMap(({ fingerprintSHA256, namedBy }): Row[] => {
    const naming = namedBy?.find((name) => objectOf(name) === intent.name);
    const certificate = present.get(fingerprintSHA256);
    if (naming === undefined || named.has(fingerprintSHA256) || !certificate) return [];
    const { subject, issuer, notBefore, notAfter } = certificate.details;
    const name = naming.slice(naming.lastIndexOf('/') + 1);
    return [{ name, index: 0, subject, issuer, fingerprintSHA256, notBefore, notAfter, state: 'Removing' }];
  });
}
