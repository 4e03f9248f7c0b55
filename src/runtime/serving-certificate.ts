import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from './logging.ts';
import { makeSelfSigned, SELF_SIGNED_MS, type ServingCertificate } from './self-signed.ts';

/** Called repeatedly; returns the same object for as long as the certificate is the same. */
export type CertificateSource = () => Promise<ServingCertificate>;

/** Created at the first call, and again in time before it expires. */
export function selfSignedCertificates(host: string, now: () => number): CertificateSource {
  let made: Promise<ServingCertificate> | undefined;
  let until = -Infinity;
  return async () => {
    if (made === undefined || now() > until) {
      made = makeSelfSigned(host, now());
      until = now() + SELF_SIGNED_MS * 0.9;
    }
    return made;
  };
}

/**
 * `tls.crt` and `tls.key` of a folder, as in a mounted Secret of type `kubernetes.io/tls`, read at each call. A pair that cannot
 * be used is logged, and the previous pair stays.
 *
 * @throws Error (the source, as long as it had no pair) that names the file
 */
export function certificatesFrom(folder: string, logger: Logger): CertificateSource {
  let current: ServingCertificate | undefined;
  return async () => {
    try {
      const found = await readPair(folder);
      if (found.certPem !== current?.certPem || found.keyPem !== current.keyPem) {
        if (current) logger.info({ folder }, 'The serving certificate was replaced by a new one.');
        current = found;
      }
    } catch (error) {
      if (current === undefined) throw error;
      logger.error({ err: error, folder }, 'The serving certificate cannot be read. The previous one stays in use.');
    }
    return current;
  };
}

async function readPair(folder: string): Promise<ServingCertificate> {
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const [certPem, keyPem] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  const certificate = readable(certFile, () => new X509Certificate(certPem));
  const key = readable(keyFile, () => createPrivateKey(keyPem));
  // This also happens between two writes of a client that replaces both files.
  if (!certificate.checkPrivateKey(key)) throw new Error(`${keyFile} is not the key of ${certFile}`);
  return { certPem, keyPem };
}

/** The parser's own message may quote the file. */
function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error(`${file} is not PEM of what it should be`);
  }
}
