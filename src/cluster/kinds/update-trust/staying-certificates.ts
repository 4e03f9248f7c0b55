import type { Certificate } from '../../../certificates/certificate.ts';
import type { RetainedCertificate } from '../../model/decision.ts';
import type { Intent, TrustIntent } from '../../model/intent.ts';
import { objectOf, type RecordStatus } from '../../model/record.ts';
import type { Claims, StayingCertificate } from '../../model/trust.ts';

/**
 * The certificates of an object that are in the list: those that it still names, and those that it named in the last record
 * and that have not left the list yet.
 */
export function stayingInList(
  intent: TrustIntent,
  present: ReadonlyMap<string, Certificate>,
  claims: Claims,
  record: RecordStatus | undefined,
): StayingCertificate[] {
  const named = new Set([
    ...intent.rows.flatMap(({ certificate }) => certificate?.fingerprint ?? []),
    ...listedIn(record).flatMap(({ namedBy = [], fingerprintSHA256 = '' }) =>
      namedBy.some((naming) => objectOf(naming) === intent.name) ? [fingerprintSHA256] : [],
    ),
  ]);
  return [...named].flatMap((fingerprint): StayingCertificate[] => {
    const certificate = present.get(fingerprint);
    if (!certificate) return [];
    const others = claims.get(fingerprint)?.namedBy.some((naming) => objectOf(naming) !== intent.name);
    return [{ subject: certificate.details.subject, because: others ? 'NamedByOthers' : 'NotOurs' }];
  });
}

/** Adopted certificates that each object dropped and that stay. A deleted object reports them in its release event. */
export function retainedOf(
  intents: readonly TrustIntent[],
  retained: ReadonlyMap<string, readonly string[]>,
  present: ReadonlyMap<string, Certificate>,
): RetainedCertificate[] {
  if (retained.size === 0) return [];
  return intents.flatMap((intent): RetainedCertificate[] => {
    if (intent.deletion) return [];
    const certificates = [...retained].flatMap(([fingerprint, objects]): StayingCertificate[] => {
      const certificate = present.get(fingerprint);
      if (!certificate || !objects.includes(intent.name)) return [];
      return [{ subject: certificate.details.subject, because: 'NotOurs' }];
    });
    return certificates.length > 0 ? [{ intent, certificates }] : [];
  });
}

interface Listed {
  readonly fingerprintSHA256?: string;
  readonly subject?: string;
  readonly namedBy?: readonly string[];
}

function listedIn(record: RecordStatus | undefined): Listed[] {
  return record?.slots?.flatMap((slot): Listed[] => slot.contains ?? [slot]) ?? [];
}

/** Like {@link stayingInList}, from the record alone. Undefined when the list was never read. */
export function stayingInRecord({ name }: Intent, record: RecordStatus | undefined): StayingCertificate[] | undefined {
  if (!record?.slots) return undefined;
  return listedIn(record).flatMap(({ namedBy = [], subject, fingerprintSHA256 = '' }): StayingCertificate[] => {
    if (!namedBy.some((naming) => objectOf(naming) === name)) return [];
    const others = namedBy.some((naming) => objectOf(naming) !== name);
    return [{ subject: subject ?? fingerprintSHA256, because: others ? 'NamedByOthers' : 'NotOurs' }];
  });
}
