import { KeyObject, randomBytes, webcrypto } from 'node:crypto';

/** The certificate and key of an HTTPS server. PEM. */
export interface ServingCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

const HOUR = 3_600_000;

/** How long a self-signed certificate is valid, in ms. */
export const SELF_SIGNED_MS = 365 * 24 * HOUR;

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * A certificate for a server without a configured one, with a P-256 key; neither is ever written to a file.
 *
 * @param host DNS name of the server; its common name too
 * @param now ms since the epoch
 */
export async function makeSelfSigned(host: string, now: number): Promise<ServingCertificate> {
  // Loaded late, because only a server without a configured certificate needs it. The library needs reflect-metadata first.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      // A positive number.
      serialNumber: `40${randomBytes(15).toString('hex')}`,
      name: [{ CN: [host.slice(0, 64)] }],
      notBefore: new Date(now - HOUR),
      notAfter: new Date(now + SELF_SIGNED_MS),
      signingAlgorithm: P256,
      keys,
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([host, 'localhost'].map((value) => ({ type: 'dns', value }))),
      ],
    },
    webcrypto,
  );
  const keyPem = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certPem: `${certificate.toString('pem')}\n`, keyPem };
}
