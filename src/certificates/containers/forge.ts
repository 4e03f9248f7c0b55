import { createRequire } from 'node:module';
import type Forge from 'node-forge';

/** The part of node-forge that containers need; its types leave out what is written out here. */
export interface ContainerForge {
  readonly asn1: Pick<typeof Forge.asn1, 'derToOid' | 'toDer'> & {
    fromDer(bytes: string, options: { readonly decodeBitStrings: boolean; readonly maxDepth: number }): Forge.asn1.Asn1;
  };
  readonly util: Pick<typeof Forge.util, 'createBuffer'>;
  readonly md: typeof Forge.md;
  readonly hmac: typeof Forge.hmac;
  readonly pkcs5: {
    /** All texts have one character a byte. With a digest by name, Node's own is used, which is 10 times as fast. */
    pbkdf2(password: string, salt: string, iterations: number, length: number, digest: string): string;
  };
  readonly pki: {
    readonly pbe: {
      /** RFC 7292, appendix B.2. A password of null is no byte at all, and an empty one is the zero that ends it. */
      generatePkcs12Key(
        password: string | null,
        salt: Forge.util.ByteBuffer,
        use: number,
        iterations: number,
        length: number,
        digest: Forge.md.MessageDigest,
      ): Forge.util.ByteBuffer;
    };
  };
  readonly aes: { createDecryptionCipher(key: string): ForgeCipher };
  readonly des: { createDecryptionCipher(key: string): ForgeCipher };
  readonly rc2: { createDecryptionCipher(key: string, bits: number): ForgeCipher };
}

/** A cipher in CBC. */
export interface ForgeCipher {
  readonly output: Forge.util.ByteBuffer;
  start(iv: string): void;
  update(data: Forge.util.ByteBuffer): void;
  /** False where the padding is wrong. */
  finish(): boolean;
}

/** The bundle has a `require` in place of this name (scripts/build.ts), so that the library is part of it. */
const requireLate = createRequire(import.meta.url);

let loaded: ContainerForge | undefined;

/**
 * Loads node-forge when the first container is read: a start, and files in PEM, do without it. Its TLS, its HTTP client and its X.509 are
 * not loaded. A `require` and not an `import()`, because readers are synchronous.
 */
export function forge(): ContainerForge {
  if (loaded === undefined) {
    requireLate('node-forge/lib/asn1.js');
    requireLate('node-forge/lib/pbe.js');
    requireLate('node-forge/lib/hmac.js');
    requireLate('node-forge/lib/sha512.js');
    loaded = requireLate('node-forge/lib/forge.js') as ContainerForge;
  }
  return loaded;
}
