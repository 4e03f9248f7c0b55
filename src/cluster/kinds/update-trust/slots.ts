import { CERTIFICATE_LIMIT } from '../../../api/names.ts';
import type { Certificate } from '../../../certificates/certificate.ts';
import { shownName } from '../../../certificates/x509/shown-name.ts';
import type { ElementReading } from '../../../certificates/element.ts';
import { isSeen, type NamedCertificate, type RecordStatus, type Slot } from '../../model/record.ts';
import type { Claims } from '../../model/trust.ts';
import { fingerprintsOf } from '../../model/fingerprints.ts';

/** Fingerprints of the listed certificates that every covered node has had since the cluster was last at rest with them. */
export function onNodesOf({ slots = [] }: Pick<RecordStatus, 'slots'>): ReadonlySet<string> {
  const rows = slots.flatMap((slot): OnNodesRow[] => slot.contains ?? [slot]);
  return new Set(
    rows.flatMap(({ fingerprintSHA256, onNodes }) => (fingerprintSHA256 && onNodes ? [fingerprintSHA256] : [])),
  );
}

interface OnNodesRow {
  readonly fingerprintSHA256?: string;
  readonly onNodes?: boolean;
}

/**
 * The slots of the list as read, with their claims, as the record stores them. `before` is the last record. At rest (ARM reports
 * Succeeded, and no operation is recorded), every covered node has the whole list.
 */
export function slotsOf(
  list: readonly ElementReading[],
  claims: Claims,
  before: Pick<RecordStatus, 'slots'>,
  isAtRest: boolean,
): Slot[] {
  const known = onNodesOf(before);
  const claimed = (certificate: Certificate) => ({
    ...claimOn(certificate, claims),
    ...(isAtRest || known.has(certificate.fingerprint) ? { onNodes: true } : {}),
  });
  return list.map((element) => {
    switch (element.kind) {
      case 'single':
        return { ...claimed(element.certificate), ...described(element.certificate) };
      case 'several':
        return {
          opaque: true,
          digest: element.digest,
          ...(element.rest === undefined ? {} : { reason: element.rest.reason }),
          contains: element.certificates.map(claimed),
        };
      case 'unreadable':
        return { opaque: true, digest: element.digest, reason: element.reason };
    }
  });
}

/** A list over the limit, as another client may have left it, has no free slot. */
export function slotsTakenBy(used: number): NonNullable<RecordStatus['certificateSlots']> {
  const limit = CERTIFICATE_LIMIT;
  return { limit, used, free: Math.max(0, limit - used), summary: `${used}/${limit}` };
}

/**
 * Managed and adopted certificates that another client removed: they are named, are not in the list, and no operation of this
 * controller removed them. `wanted` are the fingerprints that some object still names.
 */
export function missingOf(
  record: RecordStatus,
  list: readonly ElementReading[],
  claims: Claims,
  wanted: ReadonlySet<string>,
): NamedCertificate[] {
  const present = new Set(list.flatMap(fingerprintsOf));
  const { operation } = record;
  // An operation's additions are not missing before they arrive. Once the list has shown them, only another client can have removed them.
  const { adds = [], removes = [] } = operation?.updateTrust ?? {};
  const awaited = operation && isSeen(operation) ? [] : adds;
  const expected = new Set(awaited.map((one) => one.fingerprintSHA256));
  const removed = new Set(removes.map((one) => one.fingerprintSHA256));
  const gone = (record.slots ?? []).flatMap((slot) =>
    (slot.contains ?? [slot]).flatMap(({ fingerprintSHA256, managed, adopted }) =>
      fingerprintSHA256 && (managed || adopted) && !expected.has(fingerprintSHA256) ? [fingerprintSHA256] : [],
    ),
  );
  // A missing certificate stays missing until the list has it again, because the operation that puts it back may never arrive.
  return [...new Set([...(record.missing ?? []).map((one) => one.fingerprintSHA256), ...gone])]
    .filter((fingerprint) => !present.has(fingerprint) && wanted.has(fingerprint) && !removed.has(fingerprint))
    .map((fingerprintSHA256) => ({ fingerprintSHA256, namedBy: [...(claims.get(fingerprintSHA256)?.namedBy ?? [])] }));
}

function claimOn({ fingerprint }: Certificate, claims: Claims) {
  const claim = claims.get(fingerprint);
  return {
    fingerprintSHA256: fingerprint,
    managed: claim?.managed ?? false,
    ...(claim?.adopted ? { adopted: true } : {}),
    ...(claim?.foreign ? { foreign: true } : {}),
    ...(claim?.namedBy.length ? { namedBy: [...claim.namedBy] } : {}),
  };
}

function described({ details: { subject, notAfter } }: Certificate) {
  return { subject: shownName(subject), notAfter };
}
