import type { NamedCertificate } from './record.ts';
import type { ListItem } from '../../azure/replace-list.ts';
import type { Certificate } from '../../certificates/certificate.ts';

/** The owners of a certificate that is, was or may come into the cluster's list. */
export interface Claim {
  /** True when an object added it. Only a managed certificate is removed when no object names it any more. */
  readonly managed: boolean;
  /** True when it was in the list before any object named it. It stays when the last object drops it, unless that object may remove it. */
  readonly adopted?: boolean;
  /** True when another client added it after the record was created. */
  readonly foreign: boolean;
  /** namespace/name/entry. */
  readonly namedBy: readonly string[];
}

/** Claims by fingerprint. */
export type Claims = ReadonlyMap<string, Claim>;

/** The desired list, and how it differs from the current one. */
export interface Merge {
  readonly items: readonly ListItem[];
  readonly listDigest: string;
  readonly adds: readonly NamedCertificate[];
  readonly removes: readonly NamedCertificate[];
  /** True when part of the change reverts a change of another client. */
  readonly correction: boolean;
  /** Fingerprints of another client's changes that are not reverted. */
  readonly contendedFor: ReadonlySet<string>;
  /** By object: the certificates that do not fit. */
  readonly overLimit: ReadonlyMap<string, readonly string[]>;
  /** Slots used by elements that stay. */
  readonly staying: number;
}

/** A certificate of an object that is in the cluster's list when the object goes, and why it stays. */
export interface StayingCertificate {
  readonly subject: string;
  readonly because: 'NamedByOthers' | 'NotOurs';
}

/** The current list and the desired list. */
export interface TrustView {
  readonly merge: Merge;
  readonly claims: Claims;
  /** In the cluster's list now. */
  readonly present: ReadonlyMap<string, Certificate>;
}

/** True when the desired list differs from the current list. */
export function isChange({ adds, removes }: Merge): boolean {
  return adds.length > 0 || removes.length > 0;
}
