import { rootCertificates } from 'node:tls';

/** Public certificates: Mozilla's roots, as Node ships them. PEM with a final newline. */
const ROOTS = rootCertificates.map((pem) => `${pem}\n`);

/** One of them; the same for the same index. */
export function certificate(index: number): string {
  return ROOTS[index % ROOTS.length] ?? '';
}

/** Different certificates, as many as fit into so many bytes, at most ten: what one cluster's list takes. */
export function certificates(index: number, bytes: number): string[] {
  const chosen: string[] = [];
  let left = bytes;
  for (let n = 0; chosen.length < 10; n++) {
    const pem = certificate(index * 7 + n);
    if (pem.length > left) break;
    left -= pem.length;
    chosen.push(pem);
  }
  return chosen;
}
