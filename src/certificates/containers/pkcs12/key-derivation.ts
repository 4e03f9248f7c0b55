import { forge } from '../forge.ts';

/** Digests of PKCS#12 files that node-forge has. `rounds`: what one takes, in rounds of SHA-1. */
const DIGESTS = {
  sha1: { size: 20, rounds: 1, create: () => forge().md.sha1.create() },
  sha256: { size: 32, rounds: 1, create: () => forge().md.sha256.create() },
  sha384: { size: 48, rounds: 4, create: () => forge().md.sha384.create() },
  sha512: { size: 64, rounds: 4, create: () => forge().md.sha512.create() },
} as const;

export type Digest = keyof typeof DIGESTS;

/** The use of derived bytes (RFC 7292, appendix B.3). */
export const USE = { key: 1, iv: 2, mac: 3 } as const;

/** Whatever a derivation needs besides the password. */
export interface Salted {
  readonly salt: Buffer;
  readonly iterations: number;
}

/**
 * Derives bytes from a password as RFC 7292, appendix B.2, says: one character a byte. The caller bounds the iterations.
 *
 * @param password undefined: no byte at all, which some programs take for no password
 */
export function derive(
  digest: Digest,
  { salt, iterations }: Salted,
  password: string | undefined,
  use: number,
  length: number,
): string {
  const { pki, util } = forge();
  const salted = util.createBuffer(salt.toString('latin1'));
  return pki.pbe
    .generatePkcs12Key(password ?? null, salted, use, iterations, length, DIGESTS[digest].create())
    .getBytes();
}

/** The code of `content` under a key that is derived from a password. */
export function authenticate(digest: Digest, salted: Salted, password: string | undefined, content: Buffer): Buffer {
  const { size, create } = DIGESTS[digest];
  const code = forge().hmac.create();
  code.start(create(), derive(digest, salted, password, USE.mac, size));
  code.update(content.toString('latin1'));
  return Buffer.from(code.getMac().getBytes(), 'latin1');
}

/** What {@link authenticate} takes, in rounds. */
export function roundsOf(digest: Digest, iterations: number): number {
  return DIGESTS[digest].rounds * iterations;
}
