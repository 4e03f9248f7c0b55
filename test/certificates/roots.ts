import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/** Some of Mozilla's roots in canonical PEM: real certificates, RSA and ECDSA, with and without odd names. */
export const ROOTS: readonly string[] = rootCertificates.slice(0, 24).map((pem) => {
  const base64 = new X509Certificate(pem).raw.toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
});

export const [ROOT_A = '', ROOT_B = '', ROOT_C = ''] = ROOTS;

export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw;
}

/** The base64 between BEGIN and END, in one line. */
export function bodyOf(pem: string): string {
  return derOf(pem).toString('base64');
}
