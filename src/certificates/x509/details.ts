import type { X509Certificate } from 'node:crypto';
import type { CertificateDetails } from '../certificate.ts';
import { escapeForDisplay } from '../../api/display.ts';
import { findWarnings } from './warnings.ts';
import type { CertificateFindings } from './warnings.ts';
import type { Validity } from './validity-dates.ts';

/**
 * Reads what a status row shows of a certificate; its dates were read before, to see that they can be. Warnings are found when
 * they are asked for, since they take longer than all the rest: from the PEM, so that nothing else is held until then.
 */
export function readDetails(x509: X509Certificate, pem: string, validity: Validity): CertificateDetails {
  let findings: CertificateFindings | undefined;
  return {
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    ...validity,
    get warnings() {
      findings ??= findWarnings(pem);
      return findings.warnings;
    },
    get concerns() {
      findings ??= findWarnings(pem);
      return findings.concerns;
    },
  };
}

/**
 * Node prints one relative name a line, in the order of the certificate, escaped as RFC 4514 says. RFC 4514 puts the
 * last one first, which brings the common name to the front. Node gives nothing for an empty name.
 */
function oneLine(name: string | undefined): string {
  return escapeForDisplay((name ?? '').split('\n').reverse().join(', '));
}
