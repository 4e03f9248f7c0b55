import { hash } from 'node:crypto';

/** Digests that PKCS#12 files use; their sizes and those of their blocks, in bytes. */
const DIGESTS = {
  sha1: { size: 20, block: 64 },
  sha224: { size: 28, block: 64 },
  sha256: { size: 32, block: 64 },
  sha384: { size: 48, block: 128 },
  sha512: { size: 64, block: 128 },
} as const;

export type Digest = keyof typeof DIGESTS;

/** The use of derived bytes (RFC 7292, appendix B.3). */
export const USE = { key: 1, iv: 2, mac: 3 } as const;

/** A password as PKCS#12 hashes it: UTF-16 with a terminating zero. Some programs hash no byte at all for no password. */
export function passwordBytes(password: string | undefined): Buffer {
  return password === undefined ? Buffer.alloc(0) : Buffer.from(`${password}\0`, 'utf16le').swap16();
}

/** Derives bytes from a password as RFC 7292, appendix B.2, says. The caller bounds `iterations`. */
export function derive(
  digest: Digest,
  { password, salt, iterations }: { readonly password: Buffer; readonly salt: Buffer; readonly iterations: number },
  use: number,
  length: number,
): Buffer {
  const { block } = DIGESTS[digest];
  const blocks = Buffer.concat([fill(salt, block), fill(password, block)]);
  const diversifier = Buffer.alloc(block, use);
  const derived: Buffer[] = [];
  for (let bytes = 0; bytes < length;) {
    let digested = hash(digest, Buffer.concat([diversifier, blocks]), 'buffer');
    for (let round = 1; round < iterations; round++) digested = hash(digest, digested, 'buffer');
    derived.push(digested);
    bytes += digested.length;
    addToEach(blocks, fill(digested, block), block);
  }
  return Buffer.concat(derived).subarray(0, length);
}

/** Size of a digest, in bytes. */
export function digestSize(digest: Digest): number {
  return DIGESTS[digest].size;
}

/** Repeats bytes until they fill whole blocks; none stay none. */
function fill(bytes: Buffer, block: number): Buffer {
  if (bytes.length === 0) return Buffer.alloc(0);
  return Buffer.alloc(block * Math.ceil(bytes.length / block), bytes);
}

/** Adds `addend` and 1 to each block of `blocks`, as numbers of that many bytes, and drops what overflows. */
function addToEach(blocks: Buffer, addend: Buffer, block: number): void {
  for (let start = 0; start < blocks.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at--) {
      const sum = (blocks[start + at] ?? 0) + (addend[at] ?? 0) + carry;
      blocks[start + at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
