import type { NamedCertificate } from './record.ts';
import type { ListItem } from '../../azure/replace-list.ts';
import type { Certificate } from '../../certificates/certificate.ts';

/** Who has a claim on a certificate that is, was or may come into the cluster's list. */
export interface Claim {
  /** True when it came from an object. Only such a certificate leaves when no object names it any more. */
  readonly managed: boolean;
  /** True when it was in the list before any object named it. It stays when the last of them drops it, unless that one may remove it. */
  readonly adopted?: boolean;
  /** True when somebody else added it after the record was made. */
  readonly foreign: boolean;
  /** namespace/name/entry. */
  readonly namedBy: readonly string[];
}

/** Claims by fingerprint. */
export type Claims = ReadonlyMap<string, Claim>;

/** What the list shall be, and what that changes. */
export interface Merge {
  readonly items: readonly ListItem[];
  readonly listDigest: string;
  readonly adds: readonly NamedCertificate[];
  readonly removes: readonly NamedCertificate[];
  /** True when part of the change puts right what somebody else did. */
  readonly correction: boolean;
  /** What somebody else did and is left as it is. */
  readonly contendedFor: ReadonlySet<string>;
  /** By object: the certificates that do not fit. */
  readonly overLimit: ReadonlyMap<string, readonly string[]>;
  /** Places taken by what stays. */
  readonly staying: number;
}

/** A certificate of an object that is in the cluster's list when the object goes, and why it stays. */
export interface StayingCertificate {
  readonly subject: string;
  readonly because: 'NamedByOthers' | 'NotOurs';
}

/** The list as it is and as it shall be. */
export interface TrustView {
  readonly merge: Merge;
  readonly claims: Claims;
  /** In the cluster's list now. */
  readonly present: ReadonlyMap<string, Certificate>;
}

/** True when the list that shall be differs from the list that is. */
export function isChange({ adds, removes }: Merge): boolean {
  return adds.length > 0 || removes.length > 0;
}
