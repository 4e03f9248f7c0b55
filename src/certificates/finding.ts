import type { Certificate, CertificateProblemKind, CertificateWarning } from './certificate.ts';

/** A certificate or a problem in a text, in the order of the text: a {@link SourceItem} without its index. */
export type Finding = CertificateFinding | ProblemFinding;

export interface CertificateFinding {
  readonly kind: 'certificate';
  readonly line: number;
  readonly certificate: Certificate;
  readonly warnings: readonly CertificateWarning[];
}

export interface ProblemFinding {
  readonly kind: 'problem';
  readonly line: number;
  readonly column?: number;
  readonly problem: CertificateProblemKind;
  readonly message: string;
}

/** Reads a text that is encoded inside another one. */
export type InnerReader = (text: string) => Iterable<Finding>;

export const PRIVATE_KEY_MESSAGE =
  'a private key: this source is not used. Remove the key, keep only certificates, and replace the key, because it was exposed here';
