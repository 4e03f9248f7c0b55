import { timingSafeEqual } from 'node:crypto';
import { MAX_SOURCE_BYTES, MAX_SOURCE_CERTIFICATES } from '../../limits.ts';
import { TAG, childrenOf, hasTag, octetsOf, oidOf, parse } from '../asn1.ts';
import type { Node } from '../asn1.ts';
import type { ContainerReading } from '../pkcs7.ts';
import { readEncryption, readSalt } from './encryption.ts';
import type { Encryption } from './encryption.ts';
import { authenticate, roundsOf } from './key-derivation.ts';
import type { Digest, Salted } from './key-derivation.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509 = '1.2.840.113549.1.9.22.1';
const MAC_DIGESTS: Readonly<Record<string, Digest>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
/** Parts of a file; tools write two, of which one has the key. */
const MOST_PARTS = 16;
/** Rounds of all derivations of a file together; OpenSSL writes 2048, Java 10,000, and OWASP recommends 600,000. They take 3 s. */
const MOST_ROUNDS = 1_500_000;

type Part =
  | { readonly kind: 'plain'; readonly bytes: Buffer }
  | { readonly kind: 'encrypted'; readonly encryption: Encryption; readonly bytes: Buffer };

interface Mac extends Salted {
  readonly digest: Digest;
  readonly value: Buffer;
}

/**
 * Reads the certificates of a PKCS#12 file (RFC 7292), with node-forge; keys in it stay encrypted, and entries of other kinds are
 * skipped, where `pkcs12FromAsn1` of node-forge would decrypt the keys with counts of iterations that nothing bounds, and refuse the
 * file for one entry that it does not know. Sizes, depths and iterations are bounded before anything is derived from the password.
 *
 * @param password undefined: only what is not encrypted, or is encrypted with an empty password, is read
 */
export function readPkcs12(der: Buffer, password: string | undefined): ContainerReading {
  if (der.length > MAX_SOURCE_BYTES) return problem(TOO_LARGE);
  const file = readStructure(der);
  if (file === undefined) return problem(DAMAGED);
  const { content, parts, mac } = file;
  const unknown = parts.flatMap((part) =>
    part.kind === 'encrypted' && part.encryption.kind === 'unknown' ? [part.encryption.name] : [],
  );
  if (unknown[0] !== undefined) return problem(unreadAlgorithm(unknown[0]));
  // Two spellings of an empty password are tried.
  const rounds = allRounds(parts, mac) * (password === undefined ? 2 : 1);
  if (rounds > MOST_ROUNDS) return problem(TOO_MANY_ITERATIONS);

  const passwords = password === undefined ? [undefined, ''] : [password];
  const accepted = mac === undefined ? passwords : passwords.filter((one) => hasMac(content, mac, one));
  if (accepted.length === 0 && password !== undefined) return problem(WRONG_PASSWORD);
  const certificates: Buffer[] = [];
  for (const part of parts) {
    if (part.kind === 'plain') {
      const list = parse(part.bytes);
      if (!hasTag(list, TAG.sequence)) return problem(DAMAGED);
      certificates.push(...certificatesOf(list));
    } else {
      const list = decrypted(part, accepted);
      if (list === undefined) return problem(password === undefined ? NO_PASSWORD : WRONG_PASSWORD);
      certificates.push(...certificatesOf(list));
    }
    // One more than a source may hold, so that its reader sees that there are too many.
    if (certificates.length > MAX_SOURCE_CERTIFICATES) break;
  }
  return certificates.length === 0 ? problem(NONE) : { kind: 'certificates', certificates };
}

function decrypted(
  { encryption, bytes }: Extract<Part, { kind: 'encrypted' }>,
  passwords: readonly (string | undefined)[],
): Node | undefined {
  if (encryption.kind === 'unknown') return undefined;
  for (const password of passwords) {
    const list = encryption.decrypt(bytes, password);
    if (hasTag(list, TAG.sequence)) return list;
  }
  return undefined;
}

function allRounds(parts: readonly Part[], mac: Mac | undefined): number {
  const ofParts = parts.map((part) =>
    part.kind === 'encrypted' && part.encryption.kind === 'known' ? part.encryption.rounds : 0,
  );
  return ofParts.reduce((sum, rounds) => sum + rounds, mac === undefined ? 0 : roundsOf(mac.digest, mac.iterations));
}

function hasMac(content: Buffer, mac: Mac, password: string | undefined): boolean {
  const made = authenticate(mac.digest, mac, password, content);
  return made.length === mac.value.length && timingSafeEqual(made, mac.value);
}

function readStructure(
  der: Buffer,
): { readonly content: Buffer; readonly parts: readonly Part[]; readonly mac: Mac | undefined } | undefined {
  const [version, safe, macData] = childrenOf(parse(der));
  const content = dataOf(safe);
  const list = content && parse(content);
  const infos = childrenOf(list);
  if (!hasTag(version, TAG.integer) || content === undefined || !hasTag(list, TAG.sequence)) return undefined;
  if (infos.length > MOST_PARTS) return undefined;
  const parts: Part[] = [];
  for (const info of infos) {
    const part = readPart(info);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return { content, parts, mac: readMac(macData) };
}

/** The octets of a content of type data (RFC 5652, section 4). */
function dataOf(info: Node | undefined): Buffer | undefined {
  const [type, wrapper] = childrenOf(info);
  return oidOf(type) === DATA ? octetsOf(childrenOf(wrapper)[0]) : undefined;
}

function readPart(info: Node): Part | undefined {
  const [type, wrapper] = childrenOf(info);
  if (oidOf(type) !== ENCRYPTED_DATA) {
    const bytes = dataOf(info);
    return bytes && { kind: 'plain', bytes };
  }
  const [, contentInfo] = childrenOf(childrenOf(wrapper)[0]);
  const [, algorithm, encrypted] = childrenOf(contentInfo);
  const encryption = readEncryption(algorithm);
  const bytes = octetsOf(encrypted, TAG.context0);
  return encryption && bytes && { kind: 'encrypted', encryption, bytes };
}

/** Undefined where the integrity is protected in another way (a signature, RFC 9579): decryption shows a wrong password then. */
function readMac(macData: Node | undefined): Mac | undefined {
  const [info, salt, count] = childrenOf(macData);
  const [algorithm, valueNode] = childrenOf(info);
  const digest = MAC_DIGESTS[oidOf(childrenOf(algorithm)[0]) ?? ''];
  const salted = readSalt(salt, count);
  const value = octetsOf(valueNode);
  return digest === undefined || salted === undefined || value === undefined ? undefined : { digest, value, ...salted };
}

/** The certificates of one part, byte for byte; entries of other kinds, such as keys, are skipped. */
function certificatesOf(list: Node): Buffer[] {
  return childrenOf(list).flatMap((bag) => {
    const [type, wrapper] = childrenOf(bag);
    if (oidOf(type) !== CERTIFICATE_BAG) return [];
    const [kind, inner] = childrenOf(childrenOf(wrapper)[0]);
    const certificate = oidOf(kind) === X509 ? octetsOf(childrenOf(inner)[0]) : undefined;
    return certificate === undefined ? [] : [certificate];
  });
}

const TOO_LARGE = `the PKCS#12 file is larger than ${MAX_SOURCE_BYTES / 1024} KiB: keep only the certificates that the nodes need`;
const DAMAGED =
  'the PKCS#12 file is damaged, or has far more in it than certificates: export it again, or extract its certificates with "openssl pkcs12 -nokeys -in FILE"';
const NO_PASSWORD = 'the PKCS#12 file needs a password: give a file that has it with --password-file';
const WRONG_PASSWORD = 'the password does not open the PKCS#12 file, or the file is damaged: check the password';
const NONE = 'the PKCS#12 file has no certificates: export it again with the certificates of the authorities';
const TOO_MANY_ITERATIONS = `the PKCS#12 file asks for more than ${MOST_ROUNDS} iterations, which would take long: extract its certificates with "openssl pkcs12 -nokeys -in FILE"`;

function unreadAlgorithm(name: string): string {
  return `the PKCS#12 file is encrypted with ${name}, which is not read: extract its certificates with "openssl pkcs12 -legacy -nokeys -in FILE"`;
}

function problem(message: string): ContainerReading {
  return { kind: 'problem', message };
}
