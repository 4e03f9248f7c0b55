import type { Certificate, CertificateWarning, SourceItem } from '../../certificates/certificate.ts';
import { CERTIFICATE_LIMIT } from '../../api/names.ts';
import { capital } from '../../api/wording.ts';
import { relationsOf } from '../../certificates/x509/issuers.ts';
import { shownName } from '../../certificates/x509/shown-name.ts';
import { validityWarnings } from '../../certificates/x509/validity.ts';
import type { Found, Position, Severity } from './finding.ts';

/** A certificate, with where it is. */
export interface Placed {
  readonly certificate: Certificate;
  readonly position: Position;
}

/** The certificates of a source, and what was found in it. */
export interface Judged {
  readonly placed: readonly Placed[];
  readonly findings: readonly Found[];
}

/**
 * Judges what was read, each certificate by itself and as the controller does.
 *
 * @param position of an item, from its line and column in the source
 * @param context begins each message, such as `Entry "root"`; empty for a file of certificates alone
 * @param now in ms since 1970
 */
export function judgeItems(
  items: readonly SourceItem[],
  position: (line: number, column?: number) => Position,
  context: string,
  now: number,
): Judged {
  const placed: Placed[] = [];
  const findings: Found[] = [];
  const several = items.length > 1;
  for (const item of items) {
    const begin = prefixOf(context, several ? (item.kind === 'problem' ? item.problem.index : item.index) : undefined);
    if (item.kind === 'problem') {
      const { line, column, kind, message } = item.problem;
      const { text, fix } = splitFix(message);
      findings.push(finding('Error', kind, position(line, column), `${begin}${begin ? text : capital(text)}.`, fix));
      continue;
    }
    const { certificate, line } = item;
    const at = position(line);
    placed.push({ certificate, position: at });
    const warnings = [...item.warnings, ...certificate.details.warnings, ...validityWarnings(certificate.details, now)];
    for (const warning of warnings) findings.push(warningFinding(warning, certificate, at, begin));
  }
  return { placed, findings };
}

function prefixOf(context: string, index: number | undefined): string {
  const parts = [context, ...(index === undefined ? [] : [`certificate ${index + 1}`])].filter((part) => part !== '');
  return parts.length === 0 ? '' : `${capital(parts.join(', '))}: `;
}

const NOUN = /^(?:an? |OpenSSL's )(?!\S+ (?:has|was|is) )/;

/** The end of a message says what to do, after a colon. */
function splitFix(message: string): { readonly text: string; readonly fix: string | undefined } {
  const colon = message.lastIndexOf(': ');
  const text = colon === -1 ? message : message.slice(0, colon);
  // "a public key" is no sentence.
  const sentence = NOUN.test(text) ? `it is ${text}` : text;
  return { text: sentence, fix: colon === -1 ? undefined : `${capital(message.slice(colon + 2))}.` };
}

/** What each warning says, and what to do; docs/reference/certificates.md has the same. */
const WARNINGS: Readonly<
  Record<
    CertificateWarning,
    { readonly says: (of: Certificate) => string; readonly fix: string; readonly severity?: Severity }
  >
> = {
  Expired: {
    says: ({ details }) => `its validity ended at ${details.notAfter}`,
    fix: 'Use its successor.',
  },
  NotYetValid: {
    says: ({ details }) => `its validity begins at ${details.notBefore}`,
    fix: 'Check that it is the certificate that servers use now.',
  },
  NotACertificateAuthority: {
    says: () => 'it may not sign certificates; perhaps it is the certificate of a server',
    fix: 'Use the certificate of the authority that issued it.',
  },
  WeakSignatureAlgorithm: {
    says: () => 'it is signed with SHA-1, MD5 or older',
    fix: 'Ask the authority for a newer root.',
  },
  WeakKey: { says: () => 'its RSA key has less than 2048 bits', fix: 'Ask the authority for a newer root.' },
  NegativeSerialNumber: {
    says: () => 'its serial number is negative, and Go programs (containerd, the kubelet) ignore it',
    fix: 'Have it issued again.',
  },
  UnusableByGo: {
    says: ({ details }) => objectionOf(details.concerns) ?? 'Go programs (containerd, the kubelet) do not use it',
    fix: 'Use a certificate without that if nodes need it to pull images.',
  },
  DamagedCopy: {
    says: () => 'its own signature does not verify: this copy is damaged, or it is not the certificate that it names',
    fix: 'Export it again from its source.',
  },
  Base64EncodedPem: {
    says: () => 'it is base64 of PEM, which is read as well',
    fix: 'Paste the PEM itself.',
    severity: 'Note',
  },
};

function objectionOf(concerns: readonly string[]): string | undefined {
  return concerns.find((concern) => concern.startsWith('Go programs'))?.replace(/\. Use a certificate .*$/, '');
}

function warningFinding(warning: CertificateWarning, certificate: Certificate, at: Position, begin: string): Found {
  const { says, fix, severity = 'Warning' } = WARNINGS[warning];
  return finding(severity, warning, at, `${begin}${nameOf(certificate)}: ${says(certificate)}.`, fix);
}

/**
 * Judges certificates that come into one list: of one file, or of all objects of one cluster.
 *
 * @param severity of more certificates than a cluster takes
 */
export function judgeList<T extends Placed>(
  placed: readonly T[],
  severity: Severity,
): { readonly member: T; readonly found: Found }[] {
  const findings: { member: T; found: Found }[] = [];
  const unique = new Map<string, T>();
  for (const member of placed) {
    const { certificate, position } = member;
    if (unique.has(certificate.fingerprint)) continue;
    unique.set(certificate.fingerprint, member);
    if (unique.size !== CERTIFICATE_LIMIT + 1) continue;
    const message = `${nameOf(certificate)} is the ${CERTIFICATE_LIMIT + 1}th certificate, and a cluster takes ${CERTIFICATE_LIMIT}.`;
    findings.push({
      member,
      found: finding(severity, 'LimitExceeded', position, message, 'Keep only those that nodes need.'),
    });
  }
  for (const { kind, member, by } of relationsOf([...unique.values()])) {
    const { certificate, position } = member;
    // The certificate of a server has a finding of its own.
    if (kind === 'IssuerMissing' && certificate.details.warnings.includes('NotACertificateAuthority')) continue;
    const message =
      kind === 'IssuerMissing'
        ? `${nameOf(certificate)} was issued by ${shownName(certificate.details.issuer)}, which is not here.`
        : `${nameOf(certificate)}, valid until ${certificate.details.notAfter}, is superseded by one with the same key that is valid until ${by?.certificate.details.notAfter ?? ''}.`;
    const fix = kind === 'IssuerMissing' ? NO_ISSUER_FIX : 'Remove the older one.';
    findings.push({ member, found: finding('Warning', kind, position, message, fix) });
  }
  return findings;
}

const NO_ISSUER_FIX = 'Add the root: many programs do not accept a chain that ends in an intermediate certificate.';

/** Certificates of one source that are there twice. */
export function judgeDuplicates(placed: readonly Placed[]): Found[] {
  const first = new Map<string, Position>();
  return placed.flatMap(({ certificate, position }) => {
    const before = first.get(certificate.fingerprint);
    if (before === undefined) {
      first.set(certificate.fingerprint, position);
      return [];
    }
    const message = `${nameOf(certificate)} is the same certificate as in line ${before.line}.`;
    return [finding('Warning', 'Duplicate', position, message, 'Remove one of them; it takes one slot in any case.')];
  });
}

function nameOf({ details, fingerprint }: Certificate): string {
  return details.subject === '' ? `The certificate ${fingerprint.slice(0, 16)}…` : details.subject;
}

function finding(severity: Severity, code: string, at: Position, message: string, fix: string | undefined): Found {
  return { severity, code, ...at, message, ...(fix === undefined ? {} : { fix }) };
}
