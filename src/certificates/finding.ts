import type { Certificate, CertificateProblemKind, CertificateWarning } from './certificate.ts';

/** One thing found in a text, in the order of the text: a {@link SourceItem} that has not been counted yet. */
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

/** Reads a text that was found encoded inside another one. */
export type InnerReader = (text: string) => Iterable<Finding>;

export const PRIVATE_KEY_MESSAGE =
  'a private key: nothing of this source is used. Remove it and leave only certificates; a key that was pasted here has to be replaced';
