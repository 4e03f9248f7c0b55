import { hash } from 'node:crypto';
import type { Certificate } from '../certificate.ts';
import { SEQUENCE, childrenOf, readElementAt } from '../der.ts';

/** The names and the key of a certificate, in DER; they are compared, and not shown. */
interface Names {
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256 of the public key with its algorithm. */
  readonly key: string;
}

/** A certificate that others of a list make conspicuous. */
export interface Relation<T> {
  readonly kind: 'Superseded' | 'IssuerMissing';
  readonly member: T;
  /** The newer certificate. */
  readonly by?: T;
}

/**
 * Compares certificates with each other. `Superseded`: a newer one with the same subject and key is there too, and verifies
 * whatever the older one does. `IssuerMissing`: it was issued by another authority, and no certificate of that name is there.
 *
 * @param members in their order; the same certificate may be in them twice
 */
export function relationsOf<T extends { readonly certificate: Certificate }>(members: readonly T[]): Relation<T>[] {
  const named = members.flatMap((member) => {
    const names = namesOf(member.certificate);
    return names === undefined ? [] : [{ member, names }];
  });
  const subjects = new Set(named.map(({ names }) => names.subject));
  const newest = new Map<string, T>();
  for (const { member, names } of named) {
    const known = newest.get(names.subject + names.key);
    if (known === undefined || isNewer(member.certificate, known.certificate))
      newest.set(names.subject + names.key, member);
  }
  return named.flatMap(({ member, names: { subject, issuer, key } }): Relation<T>[] => {
    const by = newest.get(subject + key);
    if (by !== undefined && isNewer(by.certificate, member.certificate)) return [{ kind: 'Superseded', member, by }];
    return subjects.has(issuer) ? [] : [{ kind: 'IssuerMissing', member }];
  });
}

function isNewer(a: Certificate, b: Certificate): boolean {
  return Date.parse(a.details.notAfter) > Date.parse(b.details.notAfter);
}

const VERSION = 0xa0;

function namesOf({ pem }: Certificate): Names | undefined {
  const der = Buffer.from(pem.slice(pem.indexOf('\n'), pem.lastIndexOf('\n-')), 'base64');
  const outer = readElementAt(der, 0);
  const [tbs] = (outer && childrenOf(der, outer, 1)) ?? [];
  const fields = tbs && childrenOf(der, tbs, 7);
  const [, , issuer, , subject, key] = (fields?.[0]?.tag === VERSION ? fields.slice(1) : fields) ?? [];
  if (issuer?.tag !== SEQUENCE || subject?.tag !== SEQUENCE || key?.tag !== SEQUENCE) return undefined;
  return {
    subject: der.toString('latin1', subject.start, subject.end),
    issuer: der.toString('latin1', issuer.start, issuer.end),
    key: hash('sha256', der.subarray(key.start, key.end), 'hex'),
  };
}
