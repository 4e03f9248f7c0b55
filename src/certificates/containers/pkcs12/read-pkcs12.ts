import { createHmac, timingSafeEqual } from 'node:crypto';
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
import { MAX_SOURCE_BYTES, MAX_SOURCE_CERTIFICATES } from '../../limits.ts';
import type { ContainerReading } from '../pkcs7.ts';
import { readEncryption, readSalt } from './encryption.ts';
import type { Encryption } from './encryption.ts';
import { USE, derive, digestSize, passwordBytes } from './key-derivation.ts';
import type { Digest } from './key-derivation.ts';

const DATA = '2a864886f70d010701'; // 1.2.840.113549.1.7.1
const ENCRYPTED_DATA = '2a864886f70d010706'; // 1.2.840.113549.1.7.6
const CERTIFICATE_BAG = '2a864886f70d010c0a0103'; // 1.2.840.113549.1.12.10.1.3
const X509 = '2a864886f70d01091601'; // 1.2.840.113549.1.9.22.1
const CONTEXT_0 = 0xa0;
const IMPLICIT_CONTENT = 0x80;
const MAC_DIGESTS: Readonly<Record<string, Digest>> = {
  '2b0e03021a': 'sha1',
  '608648016503040204': 'sha224',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};
/** Parts of a file; tools write two, of which one has the key. */
const MOST_PARTS = 16;
/** Certificates and other entries of one part. */
const MOST_ENTRIES = 1024;
/** Iterations of all derivations of a file together; OpenSSL writes 2048, Java 10,000, and OWASP recommends 600,000. */
const MOST_ITERATIONS = 1_500_000;

type Part =
  | { readonly kind: 'plain'; readonly bytes: Buffer }
  | { readonly kind: 'encrypted'; readonly encryption: Encryption; readonly bytes: Buffer };

interface Mac {
  readonly digest: Digest;
  readonly value: Buffer;
  readonly salt: Buffer;
  readonly iterations: number;
}

/**
 * Reads the certificates of a PKCS#12 file (RFC 7292); keys in it are not read. Sizes and iterations are bounded
 * before anything is derived from the password.
 *
 * @param password undefined: only what is not encrypted, or is encrypted with an empty password, is read
 */
export function readPkcs12(der: Buffer, password: string | undefined): ContainerReading {
  if (der.length > MAX_SOURCE_BYTES) return problem(TOO_LARGE);
  const file = readStructure(der);
  if (file === undefined) return problem(NOT_DER);
  const { content, parts, mac } = file;
  const unknown = parts.flatMap((part) =>
    part.kind === 'encrypted' && part.encryption.kind === 'unknown' ? [part.encryption.name] : [],
  );
  if (unknown[0] !== undefined) return problem(oldAlgorithm(unknown[0]));
  // Two spellings of an empty password are tried.
  const rounds = iterationsOf(parts, mac) * (password === undefined ? 2 : 1);
  if (rounds > MOST_ITERATIONS) return problem(TOO_MANY_ITERATIONS);

  const passwords = password === undefined ? [undefined, ''] : [password];
  const accepted = mac === undefined ? passwords : passwords.filter((one) => hasMac(content, mac, one));
  if (accepted.length === 0 && password !== undefined) return problem(WRONG_PASSWORD);
  const certificates: Buffer[] = [];
  for (const part of parts) {
    const plain = part.kind === 'plain' ? part.bytes : decrypted(part, accepted);
    if (plain === undefined) return problem(password === undefined ? NO_PASSWORD : WRONG_PASSWORD);
    const found = certificatesOf(plain);
    if (found === undefined) return problem(NOT_DER);
    certificates.push(...found);
    // One more than a source may hold, so that its reader sees that there are too many.
    if (certificates.length > MAX_SOURCE_CERTIFICATES) break;
  }
  return certificates.length === 0 ? problem(NONE) : { kind: 'certificates', certificates };
}

function decrypted(
  { encryption, bytes }: Extract<Part, { kind: 'encrypted' }>,
  passwords: readonly (string | undefined)[],
): Buffer | undefined {
  if (encryption.kind === 'unknown') return undefined;
  for (const password of passwords) {
    const plain = encryption.decrypt(bytes, password);
    if (plain !== undefined) return plain;
  }
  return undefined;
}

function iterationsOf(parts: readonly Part[], mac: Mac | undefined): number {
  const ofParts = parts.map((part) =>
    part.kind === 'encrypted' && part.encryption.kind === 'known' ? part.encryption.iterations : 0,
  );
  return ofParts.reduce((sum, iterations) => sum + iterations, mac?.iterations ?? 0);
}

function hasMac(content: Buffer, { digest, value, salt, iterations }: Mac, password: string | undefined): boolean {
  const key = derive(digest, { password: passwordBytes(password), salt, iterations }, USE.mac, digestSize(digest));
  const made = createHmac(digest, key).update(content).digest();
  return made.length === value.length && timingSafeEqual(made, value);
}

function readStructure(
  der: Buffer,
): { readonly content: Buffer; readonly parts: readonly Part[]; readonly mac: Mac | undefined } | undefined {
  const outer = readElementAt(der, 0);
  const [version, safe, macData] = (outer?.tag === SEQUENCE ? childrenOf(der, outer, 3) : undefined) ?? [];
  const content = safe && dataOf(der, safe);
  const list = content && readElementAt(content, 0);
  const infos = list?.tag === SEQUENCE && content ? childrenOf(content, list, MOST_PARTS + 1) : undefined;
  if (version?.tag !== INTEGER || content === undefined || infos === undefined || infos.length > MOST_PARTS)
    return undefined;
  const parts: Part[] = [];
  for (const info of infos) {
    const part = readPart(content, info);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return { content, parts, mac: macData && readMac(der, macData) };
}

/** The octets of a content of type data (RFC 5652, section 4). */
function dataOf(der: Buffer, info: DerElement): Buffer | undefined {
  const [type, wrapper] = childrenOf(der, info, 2) ?? [];
  if (type?.tag !== OBJECT_IDENTIFIER || contentHex(der, type) !== DATA || wrapper?.tag !== CONTEXT_0) return undefined;
  const [octets] = childrenOf(der, wrapper, 1) ?? [];
  return octets?.tag === OCTET_STRING ? der.subarray(octets.content, octets.end) : undefined;
}

function readPart(der: Buffer, info: DerElement): Part | undefined {
  const [type, wrapper] = childrenOf(der, info, 2) ?? [];
  if (type?.tag !== OBJECT_IDENTIFIER || wrapper?.tag !== CONTEXT_0) return undefined;
  if (contentHex(der, type) !== ENCRYPTED_DATA) {
    const bytes = dataOf(der, info);
    return bytes && { kind: 'plain', bytes };
  }
  const [encryptedData] = childrenOf(der, wrapper, 1) ?? [];
  const [, contentInfo] = (encryptedData && childrenOf(der, encryptedData, 2)) ?? [];
  const [, algorithm, octets] = (contentInfo && childrenOf(der, contentInfo, 3)) ?? [];
  const encryption = algorithm && readEncryption(der, algorithm);
  if (encryption === undefined || octets?.tag !== IMPLICIT_CONTENT) return undefined;
  return { kind: 'encrypted', encryption, bytes: der.subarray(octets.content, octets.end) };
}

/** Undefined where the integrity is protected in another way (a signature, RFC 9579): decryption shows a wrong password then. */
function readMac(der: Buffer, macData: DerElement): Mac | undefined {
  const [info, saltElement, count] = childrenOf(der, macData, 3) ?? [];
  const [algorithm, value] = (info && childrenOf(der, info, 2)) ?? [];
  const [oid] = (algorithm && childrenOf(der, algorithm, 1)) ?? [];
  const digest = oid && MAC_DIGESTS[contentHex(der, oid)];
  const salted = readSalt(der, saltElement, count);
  if (digest === undefined || salted === undefined || value?.tag !== OCTET_STRING) return undefined;
  return { digest, value: der.subarray(value.content, value.end), ...salted };
}

/** The certificates of one part; entries of other kinds, such as keys, are skipped. Undefined where it is not laid out as a part. */
function certificatesOf(part: Buffer): Buffer[] | undefined {
  const list = readElementAt(part, 0);
  const bags = list?.tag === SEQUENCE ? childrenOf(part, list, MOST_ENTRIES) : undefined;
  return bags?.flatMap((bag) => {
    const [type, wrapper] = childrenOf(part, bag, 2) ?? [];
    if (type === undefined || wrapper === undefined || contentHex(part, type) !== CERTIFICATE_BAG) return [];
    const [certificate] = childrenOf(part, wrapper, 1) ?? [];
    const [kind, inner] = (certificate && childrenOf(part, certificate, 2)) ?? [];
    const [octets] = (inner && childrenOf(part, inner, 1)) ?? [];
    const isX509 = kind !== undefined && contentHex(part, kind) === X509 && octets?.tag === OCTET_STRING;
    return isX509 ? [part.subarray(octets.content, octets.end)] : [];
  });
}

const TOO_LARGE = `the PKCS#12 file is larger than ${MAX_SOURCE_BYTES / 1024} KiB: keep only the certificates that the nodes need`;
const NOT_DER =
  'the PKCS#12 file is damaged, or not in DER: extract its certificates with "openssl pkcs12 -nokeys -in FILE"';
const NO_PASSWORD = 'the PKCS#12 file needs a password: give a file that has it with --password-file';
const WRONG_PASSWORD = 'the password does not open the PKCS#12 file, or the file is damaged: check the password';
const NONE = 'the PKCS#12 file has no certificates: export it again with the certificates of the authorities';
const TOO_MANY_ITERATIONS = `the PKCS#12 file asks for more than ${MOST_ITERATIONS} iterations, which would take long: extract its certificates with "openssl pkcs12 -nokeys -in FILE"`;

function oldAlgorithm(name: string): string {
  return `the PKCS#12 file is encrypted with ${name}, which is not read: extract its certificates with "openssl pkcs12 -legacy -nokeys -in FILE"`;
}

function problem(message: string): ContainerReading {
  return { kind: 'problem', message };
}
