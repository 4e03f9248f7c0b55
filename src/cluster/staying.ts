import type { Certificate } from '../certificates/certificate.ts';
import type { RetainedCertificate } from './decision.ts';
import type { Intent } from './intent.ts';
import { objectOf, type RecordStatus } from './record.ts';
import type { Claims } from './trust/claims.ts';

/** A certificate of an object that is in the cluster's list when the object goes, and why it stays. */
export interface StayingCertificate {
  readonly subject: string;
  readonly because: 'NamedByOthers' | 'NotOurs';
}

/** The certificates that the object still names and that are in the list. */
export function stayingInList(
  intent: Intent,
  present: ReadonlyMap<string, Certificate>,
  claims: Claims,
): StayingCertificate[] {
  const named = new Set(intent.rows.flatMap(({ certificate }) => certificate?.fingerprint ?? []));
  return [...named].flatMap((fingerprint): StayingCertificate[] => {
    const certificate = present.get(fingerprint);
    if (!certificate) return [];
    const others = claims.get(fingerprint)?.namedBy.some((naming) => objectOf(naming) !== intent.name);
    return [{ subject: certificate.details.subject, because: others ? 'NamedByOthers' : 'NotOurs' }];
  });
}

/** By object: adopted certificates that it dropped and that stay. For a deleted object, its release event says so. */
export function retainedOf(
  intents: readonly Intent[],
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

/** The same by the record alone; undefined where the list was never read. */
export function stayingInRecord(intent: Intent, record: RecordStatus | undefined): StayingCertificate[] | undefined {
  if (!record?.slots) return undefined;
  const slots = record.slots.flatMap((slot): Listed[] => slot.contains ?? [slot]);
  return slots.flatMap(({ namedBy = [], subject, fingerprintSHA256 = '' }): StayingCertificate[] => {
    if (!namedBy.some((naming) => objectOf(naming) === intent.name)) return [];
    const others = namedBy.some((naming) => objectOf(naming) !== intent.name);
    return [{ subject: subject ?? fingerprintSHA256, because: others ? 'NamedByOthers' : 'NotOurs' }];
  });
}
