import { NULL, OBJECT_IDENTIFIER, SEQUENCE } from '../der.ts';
import { curveOfObjectIdentifier, isOnCurve } from './curves.ts';
import { DerCursor } from './der-cursor.ts';
import { refuse } from './refusal.ts';

const RSA = '2a864886f70d010101'; // 1.2.840.113549.1.1.1
const DSA = '2a8648ce380401'; // 1.2.840.10040.4.1
const EC = '2a8648ce3d0201'; // 1.2.840.10045.2.1
const ED25519 = '2b6570'; // 1.3.101.112
const ED25519_BYTES = 32;
/** Names of kinds of keys that Go does not know, by object identifier. */
const UNKNOWN: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d01010a', 'RSASSA-PSS'], // 1.2.840.113549.1.1.10
  ['2b6571', 'Ed448'], // 1.3.101.113
  ['2b656e', 'X25519'], // 1.3.101.110
  ['2b656f', 'X448'], // 1.3.101.111
  ['608648016503040311', 'ML-DSA-44'], // 2.16.840.1.101.3.4.3.17
  ['608648016503040312', 'ML-DSA-65'],
  ['608648016503040313', 'ML-DSA-87'],
]);
const KEY = 'its public key';
const SMALLEST_RSA_BITS = 1024;
const LARGEST_EXPONENT = 2n ** 31n - 1n;

/** Reads a SubjectPublicKeyInfo as Go does. Returns why Go verifies nothing with a readable key; undefined where it does. */
export function checkPublicKey(tbs: DerCursor): string | undefined {
  const info = tbs.enter(SEQUENCE, KEY);
  const algorithm = info.enter(SEQUENCE, KEY);
  const oid = algorithm.takeObjectIdentifier(KEY);
  const parameters = algorithm.isEmpty ? undefined : algorithm.takeAny(KEY);
  const bits = info.takeBits(KEY);
  const data = new DerCursor(bits, 0, bits.length);
  switch (oid) {
    case RSA:
      if (parameters?.tag !== NULL || parameters.end > parameters.content)
        refuse('its RSA key has parameters other than NULL');
      return checkRsa(data);
    case EC: {
      if (parameters?.tag !== OBJECT_IDENTIFIER)
        refuse('its key spells out the parameters of its curve instead of naming it');
      const curve = curveOfObjectIdentifier(
        new DerCursor(tbs.der, parameters.start, parameters.end).takeObjectIdentifier(KEY),
      );
      if (curve === undefined)
        return refuse('its key is on a curve that Go does not know: it knows P-224, P-256, P-384 and P-521');
      if (!isOnCurve(bits, curve)) refuse('its key is no uncompressed point of its curve');
      return undefined;
    }
    case ED25519:
      if (parameters !== undefined || bits.length !== ED25519_BYTES) refuse('its Ed25519 key is malformed');
      return undefined;
    case DSA:
      checkDsa(data, parameters === undefined ? undefined : new DerCursor(tbs.der, parameters.start, parameters.end));
      return 'Go verifies no signature of a DSA key';
    default:
      return `Go verifies no signature of ${nameOf(oid)}`;
  }
}

function nameOf(oid: string): string {
  const name = UNKNOWN.get(oid);
  return name === undefined ? 'a key of this kind' : `a key of the kind ${name}`;
}

function checkRsa(data: DerCursor): string | undefined {
  const key = data.enter(SEQUENCE, KEY);
  const modulus = key.takeInteger('the modulus of its key');
  const exponent = key.takeInteger('the exponent of its key');
  const { der } = key;
  if (exponent.end - exponent.content > 8) refuse('the exponent of its RSA key is too large');
  const e = BigInt.asIntN(64, signed(der, exponent));
  if (isNegativeOrZero(der, modulus) || e <= 0n) refuse('the modulus or exponent of its RSA key is not positive');
  if (bitsOf(der, modulus) < SMALLEST_RSA_BITS) return `Go refuses RSA keys of less than ${SMALLEST_RSA_BITS} bits`;
  if (((der[modulus.end - 1] ?? 0) & 1) === 0) return 'the modulus of its RSA key is even';
  if (e < 3n || e % 2n === 0n || e > LARGEST_EXPONENT) return 'Go refuses the exponent of its RSA key';
  return undefined;
}

function checkDsa(data: DerCursor, parameters: DerCursor | undefined): void {
  const y = data.takeInteger('its DSA key');
  const numbers = parameters?.enter(SEQUENCE, 'the parameters of its DSA key');
  if (numbers === undefined) return refuse('its DSA key has no parameters');
  const isBad =
    isNegativeOrZero(data.der, y) ||
    ['p', 'q', 'g']
      .map((name) => numbers.takeInteger(`the parameter ${name} of its DSA key`))
      .some((one) => isNegativeOrZero(numbers.der, one));
  if (isBad) refuse('its DSA key has a number that is not positive');
}

interface Range {
  readonly content: number;
  readonly end: number;
}

function isNegativeOrZero(der: Buffer, { content, end }: Range): boolean {
  const first = der[content] ?? 0;
  return first >= 0x80 || (first === 0 && end - content === 1);
}

function bitsOf(der: Buffer, { content, end }: Range): number {
  const start = der[content] === 0 ? content + 1 : content;
  return start >= end ? 0 : (end - start) * 8 - (Math.clz32(der[start] ?? 0) - 24);
}

function signed(der: Buffer, { content, end }: Range): bigint {
  const bytes = der.subarray(content, end);
  const magnitude = BigInt(`0x${bytes.toString('hex')}`);
  return (bytes[0] ?? 0) >= 0x80 ? magnitude - (1n << BigInt(bytes.length * 8)) : magnitude;
}
