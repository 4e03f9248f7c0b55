import { X509Certificate } from 'node:crypto';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';

/** A certificate authority as a list of ARM has it. */
export interface Element {
  readonly pem: string;
  readonly base64: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
}

/** So many certificate authorities, all different. */
export async function makeElements(count: number): Promise<Element[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const { caPem: pem } = await makeServingCertificate([], Date.now());
      const fingerprint = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
      return { pem, base64: Buffer.from(pem).toString('base64'), fingerprint };
    }),
  );
}
