import 'reflect-metadata'; // @peculiar/x509 wants it loaded first
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
export const DAY = 24 * 60 * 60 * 1000;

/** Dates in ms. */
export interface Dates {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A certificate authority of a cluster: its certificate, and what signs with it. */
export interface Authority {
  readonly certificate: X509Certificate;
  /** The certificate of a node's kubelet. */
  issue(node: string, dates: Dates): Promise<X509Certificate>;
  /** Any other certificate that it signs. */
  sign(subject: string, dates: Dates): Promise<X509Certificate>;
}

/** All authorities of AKS have this name. Valid for 30 years of 365 days unless said. */
export async function makeAuthority(
  notBefore: number,
  notAfter: number = notBefore + 30 * 365 * DAY,
): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=ca',
    keys,
    signingAlgorithm: ECDSA,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  async function sign(subject: string, dates: Dates): Promise<X509Certificate> {
    const leaf = await x509.X509CertificateGenerator.create({
      subject,
      issuer: ca.subject,
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ECDSA,
      notBefore: new Date(dates.notBefore),
      notAfter: new Date(dates.notAfter),
    });
    return new X509Certificate(leaf.toString('pem'));
  }
  return {
    certificate: new X509Certificate(ca.toString('pem')),
    sign,
    issue: (node, dates) => sign(`O=system:nodes, CN=system:node:${node}`, dates),
  };
}

/** A certificate signing request for a kubelet, as `spec.request` has it: PEM in base64. */
export async function makeRequest(subject: string): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm: ECDSA });
  return Buffer.from(`${request.toString('pem')}\n`).toString('base64');
}
