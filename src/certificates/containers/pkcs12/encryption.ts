import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import {
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  childrenOf,
  contentHex,
  readElementAt,
} from '../../der.ts';
import type { DerElement } from '../../der.ts';
import { USE, derive, passwordBytes } from './key-derivation.ts';
import type { Digest } from './key-derivation.ts';

/** How a part of a PKCS#12 file is encrypted. Nothing is derived yet: the caller adds up the iterations first. */
export type Encryption =
  | {
      readonly kind: 'known';
      readonly iterations: number;
      /** Undefined where the password is wrong, or the data is damaged. */
      readonly decrypt: (data: Buffer, password: string | undefined) => Buffer | undefined;
    }
  /** An algorithm that is not read, by name. */
  | { readonly kind: 'unknown'; readonly name: string };

const PBES2 = '2a864886f70d01050d'; // 1.2.840.113549.1.5.13
const PBKDF2 = '2a864886f70d01050c'; // 1.2.840.113549.1.5.12
/** Keyed hashes of PBKDF2 (RFC 8018, appendix B.1.2); 1.2.840.113549.2.x. */
const KEYED_HASHES: Readonly<Record<string, Digest>> = {
  '2a864886f70d0207': 'sha1',
  '2a864886f70d0208': 'sha224',
  '2a864886f70d0209': 'sha256',
  '2a864886f70d020a': 'sha384',
  '2a864886f70d020b': 'sha512',
};
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  '608648016503040102': { name: 'aes-128-cbc', keyBytes: 16 },
  '608648016503040116': { name: 'aes-192-cbc', keyBytes: 24 },
  '60864801650304012a': { name: 'aes-256-cbc', keyBytes: 32 },
  '2a864886f70d0307': { name: 'des-ede3-cbc', keyBytes: 24 },
};
/** Encryption with SHA-1 of RFC 7292, appendix C; 1.2.840.113549.1.12.1.x. */
const TRIPLE_DES = '2a864886f70d010c0103';
const OLD: Readonly<Record<string, string>> = {
  '2a864886f70d010c0101': 'RC4',
  '2a864886f70d010c0102': 'RC4',
  '2a864886f70d010c0104': 'DES with two keys',
  '2a864886f70d010c0105': 'RC2',
  '2a864886f70d010c0106': 'RC2',
};
const LONGEST_SALT = 1024;

/** Reads an algorithm with its parameters; undefined where they are not laid out as one. */
export function readEncryption(der: Buffer, algorithm: DerElement): Encryption | undefined {
  const [oid, parameters] = childrenOf(der, algorithm, 2) ?? [];
  if (oid?.tag !== OBJECT_IDENTIFIER || parameters?.tag !== SEQUENCE) return undefined;
  const name = contentHex(der, oid);
  if (name === PBES2) return readPbes2(der, parameters);
  if (name === TRIPLE_DES) return readTripleDes(der, parameters);
  return { kind: 'unknown', name: OLD[name] ?? 'an unknown algorithm' };
}

/** Salt and iteration count, as most schemes have them; undefined where they are missing or not plausible. */
export function readSalt(
  der: Buffer,
  salt: DerElement | undefined,
  count: DerElement | undefined,
): { readonly salt: Buffer; readonly iterations: number } | undefined {
  if (salt?.tag !== OCTET_STRING || salt.end - salt.content > LONGEST_SALT) return undefined;
  const iterations = count === undefined ? 1 : readNumber(der, count);
  if (iterations === undefined) return undefined;
  return { salt: der.subarray(salt.content, salt.end), iterations };
}

function readPbes2(der: Buffer, parameters: DerElement): Encryption | undefined {
  const [derivation, scheme] = childrenOf(der, parameters, 2) ?? [];
  const [kdf, kdfParameters] = (derivation && childrenOf(der, derivation, 2)) ?? [];
  const [cipherOid, iv] = (scheme && childrenOf(der, scheme, 2)) ?? [];
  if (kdf === undefined || kdfParameters === undefined || cipherOid === undefined) return undefined;
  if (contentHex(der, kdf) !== PBKDF2) return { kind: 'unknown', name: 'an unknown key derivation' };
  const cipher = CIPHERS[contentHex(der, cipherOid)];
  if (cipher === undefined) return { kind: 'unknown', name: 'an unknown cipher' };
  const fields = childrenOf(der, kdfParameters, 4) ?? [];
  const salted = readSalt(der, fields[0], fields[1]);
  const last = fields.at(-1);
  const [keyedHash] = (last?.tag === SEQUENCE ? childrenOf(der, last, 1) : undefined) ?? [];
  const digest = keyedHash === undefined ? 'sha1' : KEYED_HASHES[contentHex(der, keyedHash)];
  if (salted === undefined || iv?.tag !== OCTET_STRING) return undefined;
  if (digest === undefined) return { kind: 'unknown', name: 'an unknown keyed hash' };
  const { salt, iterations } = salted;
  return {
    kind: 'known',
    iterations,
    decrypt: (data, password = '') => {
      const key = pbkdf2Sync(password, salt, iterations, cipher.keyBytes, digest);
      return decipher(cipher.name, key, der.subarray(iv.content, iv.end), data);
    },
  };
}

function readTripleDes(der: Buffer, parameters: DerElement): Encryption | undefined {
  const [saltElement, count] = childrenOf(der, parameters, 2) ?? [];
  const salted = readSalt(der, saltElement, count);
  if (salted === undefined) return undefined;
  return {
    kind: 'known',
    iterations: salted.iterations,
    decrypt: (data, password) => {
      const secret = { ...salted, password: passwordBytes(password) };
      return decipher('des-ede3-cbc', derive('sha1', secret, USE.key, 24), derive('sha1', secret, USE.iv, 8), data);
    },
  };
}

function decipher(name: string, key: Buffer, iv: Buffer, data: Buffer): Buffer | undefined {
  try {
    const cipher = createDecipheriv(name, key, iv);
    const plain = Buffer.concat([cipher.update(data), cipher.final()]);
    // One of 256 wrong keys gives a padding that is correct by chance.
    return readElementAt(plain, 0)?.end === plain.length ? plain : undefined;
  } catch {
    // Wrong padding, or an IV of another length.
    return undefined;
  }
}

/** An INTEGER of 1 to 2^31-1. */
function readNumber(der: Buffer, { tag, content, end }: DerElement): number | undefined {
  if (tag !== INTEGER || end === content || end - content > 4) return undefined;
  const value = der.readIntBE(content, end - content);
  return value > 0 ? value : undefined;
}
