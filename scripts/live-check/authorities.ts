import { webcrypto } from 'node:crypto';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

/** Self-signed certificate authorities, whose keys nobody keeps. PEM with LF line ends. */
export async function makeAuthorities(count: number, now: number): Promise<string[]> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const make = async (_: unknown, index: number) => {
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      {
        serialNumber: `0${index + 1}`,
        name: `CN=aks-ca-trust live check ${index + 1}`,
        notBefore: new Date(now - DAY),
        notAfter: new Date(now + 30 * DAY),
        signingAlgorithm: P256,
        keys: await webcrypto.subtle.generateKey(P256, false, ['sign', 'verify']),
        extensions: [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        ],
      },
      webcrypto,
    );
    return `${certificate.toString('pem').replaceAll('\r', '').trim()}\n`;
  };
  return Promise.all(Array.from({ length: count }, make));
}
