/** One X.509 certificate; `element` and `fingerprint` are computed at once, the fields of a status row on first use. */
export interface Certificate {
  /** SHA-256 of the DER bytes, 64 lower-case hexadecimal digits. Two certificates are the same exactly when these are. */
  readonly fingerprint: string;
  /** Canonical PEM: 64 columns, LF, final newline, nothing else. */
  readonly pem: string;
  /** Base64 of {@link pem}: one element of `securityProfile.customCATrustCertificates`. */
  readonly element: string;
  /** The fields of a status row, read on first use. Every text in it is escaped for terminals, logs and status. */
  readonly details: CertificateDetails;
}

export interface CertificateDetails {
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339, UTC, seconds. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Warnings that do not depend on the time; `Expired` and `NotYetValid` come from {@link validityWarnings}. Found on first use. */
  readonly warnings: readonly CertificateWarning[];
  /** Reasons for warnings whose names do not explain them: whole sentences for people. */
  readonly concerns: readonly string[];
}

/** A reason for caution about a certificate that can be used nevertheless. */
export type CertificateWarning =
  | 'Expired'
  | 'NotYetValid'
  | 'NotACertificateAuthority'
  | 'WeakSignatureAlgorithm'
  | 'WeakKey'
  | 'NegativeSerialNumber'
  | 'UnusableByGo'
  | 'DamagedCopy'
  | 'Base64EncodedPem';

/** A fault that makes a piece of a source unusable. */
export interface CertificateProblem {
  /** Position among the certificates of the source, counted from 0; the bad ones count too. */
  readonly index: number;
  /** Line of its beginning in the source, or of the wrong character; counted from 1. */
  readonly line: number;
  /** Present where one character is wrong: its column in UTF-16 units, counted from 1. */
  readonly column?: number;
  readonly kind: CertificateProblemKind;
  /** The fault and its fix, for people. Never quotes key material. */
  readonly message: string;
}

/**
 * `Empty`: nothing but blanks. `PrivateKey`: the whole source is refused. `NotACertificate`: something else, named in the
 * message. `Truncated`: a BEGIN or END line, or the end of the data, is missing. `BadArmour`: a BEGIN or END line is
 * misspelt. `BadBase64`, `BadCertificate`, `TrailingBytes`: what stands between the lines. `Ambiguous`: a certificate may
 * be meant, but not as PEM. `TooManyCertificates`: the
 * whole source is refused. `TooLarge`: the source, or one block of it, is not read.
 */
export type CertificateProblemKind =
  | 'Empty'
  | 'PrivateKey'
  | 'NotACertificate'
  | 'Truncated'
  | 'BadArmour'
  | 'BadBase64'
  | 'BadCertificate'
  | 'TrailingBytes'
  | 'TooLarge'
  | 'TooManyCertificates'
  | 'Ambiguous';

/** One certificate of a source, or the problem that stands in its place; in the order of the source. */
export type SourceItem =
  | {
      readonly kind: 'certificate';
      readonly index: number;
      readonly line: number;
      readonly certificate: Certificate;
      /** About its encoding (`Base64EncodedPem`); for its content see {@link CertificateDetails.warnings}. */
      readonly warnings: readonly CertificateWarning[];
    }
  | { readonly kind: 'problem'; readonly problem: CertificateProblem };
