import { TAG, childrenOf, countOf, hasTag, octetsOf, oidOf, parse } from '../asn1.ts';
import type { Node } from '../asn1.ts';
import { forge } from '../forge.ts';
import type { ForgeCipher } from '../forge.ts';
import { USE, derive } from './key-derivation.ts';
import type { Salted } from './key-derivation.ts';

/** How a part of a PKCS#12 file is encrypted. Nothing is derived yet: the caller adds up the rounds first. */
export type Encryption =
  | {
      readonly kind: 'known';
      /** What the derivation of its keys takes, in rounds of a hash. */
      readonly rounds: number;
      /** The part; undefined where the password is wrong, or the data is damaged. */
      readonly decrypt: (data: Buffer, password: string | undefined) => Node | undefined;
    }
  /** An algorithm that is not read, by name. */
  | { readonly kind: 'unknown'; readonly name: string };

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
/** Keyed hashes of PBKDF2 (RFC 8018, appendix B.1.2). */
const KEYED_HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
interface Cipher {
  readonly keyBytes: number;
  readonly ivBytes: number;
  /** A key has one character a byte. */
  readonly create: (key: string) => ForgeCipher;
}
const aes = (keyBytes: number): Cipher => ({
  keyBytes,
  ivBytes: 16,
  create: (key) => forge().aes.createDecryptionCipher(key),
});
const rc2 = (keyBytes: number): Cipher => ({
  keyBytes,
  ivBytes: 8,
  create: (key) => forge().rc2.createDecryptionCipher(key, keyBytes * 8),
});
const TRIPLE_DES: Cipher = { keyBytes: 24, ivBytes: 8, create: (key) => forge().des.createDecryptionCipher(key) };
/** The third key is the first one again. */
const TWO_KEY_DES: Cipher = { ...TRIPLE_DES, keyBytes: 16, create: (key) => TRIPLE_DES.create(key + key.slice(0, 8)) };
const CIPHERS: Readonly<Record<string, Cipher>> = {
  '2.16.840.1.101.3.4.1.2': aes(16),
  '2.16.840.1.101.3.4.1.22': aes(24),
  '2.16.840.1.101.3.4.1.42': aes(32),
  '1.2.840.113549.3.7': TRIPLE_DES,
};
/** Encryption with SHA-1 of RFC 7292, appendix C. */
const OLD: Readonly<Record<string, Cipher | string>> = {
  '1.2.840.113549.1.12.1.1': 'RC4',
  '1.2.840.113549.1.12.1.2': 'RC4',
  '1.2.840.113549.1.12.1.3': TRIPLE_DES,
  '1.2.840.113549.1.12.1.4': TWO_KEY_DES,
  '1.2.840.113549.1.12.1.5': rc2(16),
  '1.2.840.113549.1.12.1.6': rc2(5),
};
const SHA1_BYTES = 20;
const LONGEST_SALT = 1024;

/** Reads an algorithm with its parameters; undefined where they are not laid out as one. */
export function readEncryption(algorithm: Node | undefined): Encryption | undefined {
  const [oid, parameters] = childrenOf(algorithm);
  const name = oidOf(oid);
  if (name === undefined || !hasTag(parameters, TAG.sequence)) return undefined;
  if (name === PBES2) return readPbes2(parameters);
  const cipher = OLD[name] ?? 'an unknown algorithm';
  return typeof cipher === 'string' ? { kind: 'unknown', name: cipher } : readOld(cipher, parameters);
}

/** Salt and iteration count, as most schemes have them; undefined where they are missing or not plausible. */
export function readSalt(saltNode: Node | undefined, count: Node | undefined): Salted | undefined {
  const salt = octetsOf(saltNode);
  const iterations = count === undefined ? 1 : countOf(count);
  if (salt === undefined || salt.length > LONGEST_SALT || iterations === undefined) return undefined;
  return { salt, iterations };
}

function readPbes2(parameters: Node): Encryption | undefined {
  const [derivation, scheme] = childrenOf(parameters);
  const [kdf, kdfParameters] = childrenOf(derivation);
  const [cipherOid, ivNode] = childrenOf(scheme);
  const [kdfName, cipherName] = [oidOf(kdf), oidOf(cipherOid)];
  if (kdfName === undefined || cipherName === undefined) return undefined;
  if (kdfName !== PBKDF2) return { kind: 'unknown', name: 'an unknown key derivation' };
  const cipher = CIPHERS[cipherName];
  if (cipher === undefined) return { kind: 'unknown', name: 'an unknown cipher' };
  const fields = childrenOf(kdfParameters);
  const salted = readSalt(fields[0], fields[1]);
  const last = fields.at(-1);
  const keyedHash = hasTag(last, TAG.sequence) ? KEYED_HASHES[oidOf(childrenOf(last)[0]) ?? ''] : 'sha1';
  const iv = octetsOf(ivNode);
  if (salted === undefined || iv?.length !== cipher.ivBytes) return undefined;
  if (keyedHash === undefined) return { kind: 'unknown', name: 'an unknown keyed hash' };
  const { iterations } = salted;
  const salt = salted.salt.toString('latin1');
  return {
    kind: 'known',
    rounds: iterations,
    decrypt: (data, password = '') => {
      const bytes = Buffer.from(password).toString('latin1');
      return decipher(cipher, forge().pkcs5.pbkdf2(bytes, salt, iterations, cipher.keyBytes, keyedHash), iv, data);
    },
  };
}

function readOld(cipher: Cipher, parameters: Node): Encryption | undefined {
  const [saltNode, count] = childrenOf(parameters);
  const salted = readSalt(saltNode, count);
  if (salted === undefined) return undefined;
  return {
    kind: 'known',
    rounds: salted.iterations * (Math.ceil(cipher.keyBytes / SHA1_BYTES) + 1),
    decrypt: (data, password) => {
      const bytes = (use: number, length: number) => derive('sha1', salted, password, use, length);
      const iv = Buffer.from(bytes(USE.iv, cipher.ivBytes), 'latin1');
      return decipher(cipher, bytes(USE.key, cipher.keyBytes), iv, data);
    },
  };
}

function decipher(cipher: Cipher, key: string, iv: Buffer, data: Buffer): Node | undefined {
  try {
    const running = cipher.create(key);
    running.start(iv.toString('latin1'));
    running.update(forge().util.createBuffer(data.toString('latin1')));
    // One of 256 wrong keys gives a padding that is correct by chance.
    return running.finish() ? parse(Buffer.from(running.output.getBytes(), 'latin1')) : undefined;
  } catch {
    return undefined;
  }
}
