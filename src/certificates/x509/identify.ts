import { X509Certificate, hash } from 'node:crypto';
import type { Certificate, CertificateDetails, CertificateProblemKind } from '../certificate.ts';
import { BIT_STRING, SEQUENCE, childrenOf, readElementAt } from '../der.ts';
import type { DerElement } from '../der.ts';
import { SHAPE_NAMES, derShape } from './der-shape.ts';
import { readDetails } from './details.ts';
import { hasDateWithoutSeconds, printedValidity, readValidity } from './validity-dates.ts';
import type { Validity } from './validity-dates.ts';

/** The result of reading bytes that should be one certificate in DER. */
export type Identification =
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | { readonly kind: 'problem'; readonly problem: CertificateProblemKind; readonly message: string };

/** Identifies the certificate in `der`, which must be all of it; `base64` is the canonical base64 of the same bytes. */
export function identify(der: Buffer, base64: string): Identification {
  const outer = readElementAt(der, 0, Infinity);
  if (outer?.tag !== SEQUENCE) {
    return problem('BadCertificate', 'the data is not a certificate in DER: export the certificate again');
  }
  if (outer.end > der.length) {
    const message = `the data ends after ${der.length} of ${outer.end} bytes: paste the whole certificate`;
    return problem('Truncated', message);
  }
  if (outer.end < der.length) {
    const extra = der.length - outer.end;
    const advice =
      derShape(der.subarray(outer.end)) === 'certificate'
        ? 'give every certificate its own BEGIN and END lines'
        : 'they belong to no certificate, export it again';
    const message = `${extra} ${extra === 1 ? 'byte follows' : 'bytes follow'} the certificate inside the same block: ${advice}`;
    return problem('TrailingBytes', message);
  }
  const parts = certificateParts(der, outer);
  const x509 = parts === undefined ? undefined : parse(der);
  if (parts === undefined || x509 === undefined) return describeForeign(der, parts?.signed);
  const validity = readValidity(der, parts.signed) ?? printedValidity(x509);
  if (validity === undefined) {
    return problem('BadCertificate', 'its dates of validity cannot be read: have it issued again');
  }
  return { kind: 'certificate', certificate: certificateOf(x509, der, base64, validity) };
}

/** The three parts of a certificate (signed part, algorithm, signature) in strict DER: OpenSSL accepts other encodings too. */
function certificateParts(der: Buffer, outer: DerElement): { signed: DerElement } | undefined {
  const [signed, algorithm, signature] = childrenOf(der, outer, 3) ?? [];
  const isCertificate = signed?.tag === SEQUENCE && algorithm?.tag === SEQUENCE && signature?.tag === BIT_STRING;
  return isCertificate ? { signed } : undefined;
}

/**
 * Node searches the bytes for PEM before it tries DER, so it would read a certificate with another one's PEM in a name as that
 * other one.
 */
function parse(der: Buffer): X509Certificate | undefined {
  try {
    const x509 = new X509Certificate(der);
    return der.includes('-----BEGIN') && !x509.raw.equals(der) ? undefined : x509;
  } catch {
    // OpenSSL's reason is that of its last attempt and misleads; describeForeign finds a better one.
    return undefined;
  }
}

function describeForeign(der: Buffer, signed: DerElement | undefined): Identification {
  const shape = derShape(der);
  switch (shape) {
    case 'private-key':
      return problem(
        'PrivateKey',
        'the data is a private key, not a certificate: remove it, and consider the key leaked',
      );
    case 'certificate':
    case 'unknown':
      if (signed !== undefined && hasDateWithoutSeconds(der, signed)) return problem('BadCertificate', NO_SECONDS);
      return problem('BadCertificate', 'the data is damaged, it does not read as a certificate: export it again');
    default:
      return problem(
        'NotACertificate',
        `the data is ${SHAPE_NAMES[shape]}, not a certificate: export the certificate itself`,
      );
  }
}

const NO_SECONDS =
  'its dates have no seconds, which RFC 5280 requires: have the certificate issued again with a current tool';

interface Unread {
  readonly x509: X509Certificate;
  readonly validity: Validity;
}

function certificateOf(x509: X509Certificate, der: Buffer, base64: string, validity: Validity): Certificate {
  const pem = pemOf(base64);
  // One variable, so that reading the details releases everything they were read from.
  let details: Unread | CertificateDetails = { x509, validity };
  return {
    fingerprint: hash('sha256', der, 'hex'),
    pem,
    element: btoa(pem),
    get details() {
      if ('x509' in details) details = readDetails(details.x509, pem, details.validity);
      return details;
    },
  };
}

function pemOf(base64: string): string {
  let pem = '-----BEGIN CERTIFICATE-----\n';
  for (let at = 0; at < base64.length; at += 64) pem += `${base64.slice(at, at + 64)}\n`;
  return `${pem}-----END CERTIFICATE-----\n`;
}

function problem(kind: CertificateProblemKind, message: string): Identification {
  return { kind: 'problem', problem: kind, message };
}
